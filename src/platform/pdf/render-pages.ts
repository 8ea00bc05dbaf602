import { createThreads, ThreadFault, ThreadsBusy } from '#platform/runtime';

/** Pages `from` (1 is the first) to at most `most` of them. */
export interface PageTask {
  readonly octets: Uint8Array;
  readonly from: number;
  readonly most: number;
  /** Who looks: nobody holds up all others. */
  readonly whose: string;
}

export interface RenderedPage {
  readonly number: number;
  /** PNG, 8 bits a channel, without transparency. */
  readonly png: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What the page says, in the order of the file; empty for a scan. At most 50,000 characters. */
  readonly text: string;
}

export type PdfPages =
  | { readonly kind: 'pages'; readonly total: number; readonly pages: readonly RenderedPage[] }
  /** Needs a password. */
  | { readonly kind: 'locked' }
  /** Too much is waiting, of everybody or of who looks: to be tried again. */
  | { readonly kind: 'busy' }
  /** No PDF, damaged, or more than this takes on: octets, time or memory. */
  | { readonly kind: 'unreadable' };

export interface PdfRenderer {
  render(task: PageTask): Promise<PdfPages>;
  close(): Promise<void>;
}

/** Larger files are for saving. */
const MOST_OCTETS = 50 * 1024 * 1024;
const SIDE_BY_SIDE = 2;
/** Files that wait hold their octets, and the last waits for all before it. */
const MOST_WAITING = 32;
/** A page of the portal asks twice: how many pages there are, and for some of them. */
const MOST_OF_ONE = 2;

/**
 * Pictures of a PDF's pages. A stranger's PDF is parsed by PDFium as WebAssembly, which reaches no file and no network,
 * without the parts for scripts and XFA, in a thread that lives for this one file and ends when it takes too long or the
 * process grows too much. Nothing of the file itself is handed on: only pixels and text.
 */
export function createPdfRenderer(
  limits: { readonly milliseconds: number; readonly growthOctets: number } = {
    milliseconds: 20_000,
    growthOctets: 768 * 1024 * 1024,
  },
): PdfRenderer {
  const threads = createThreads<Omit<PageTask, 'whose'>, PdfPages>({
    module: new URL('./render-thread.ts', import.meta.url),
    most: SIDE_BY_SIDE,
    idleMs: 0,
    once: { ...limits, waiting: MOST_WAITING, each: MOST_OF_ONE },
  });
  return {
    async render({ whose, ...task }) {
      if (task.octets.length > MOST_OCTETS) return { kind: 'unreadable' };
      try {
        return await threads.run(task, whose);
      } catch (fault) {
        if (fault instanceof ThreadsBusy) return { kind: 'busy' };
        // A file that makes the parser fail is a file that is not shown; anything else is our own fault.
        if (fault instanceof ThreadFault && fault.message !== 'closed') return { kind: 'unreadable' };
        throw fault;
      }
    },
    close: () => threads.close(),
  };
}
