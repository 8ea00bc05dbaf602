import { PDFiumLibrary, type PDFiumPage } from '@hyzyla/pdfium';
import { PNG } from 'pngjs';
import { answerTasks } from '#platform/runtime';
import type { PageTask, PdfPages, RenderedPage } from './render-pages.ts';

/** Width of a picture in pixels: sharp at 360 CSS pixels of a dense screen, readable at 1,200. */
const WIDTH = 1200;
/** Long receipts and panoramas are made smaller, so that no page asks for more than this. */
const MOST_HEIGHT = 2400;
/** A stamp of 10 points is not blown up to a full page. */
const MOST_SCALE = 4;
const MOST_TEXT = 50_000;

answerTasks<PageTask, PdfPages>(async ({ octets, from, most }) => {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(octets).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('Password required')) return 'locked' as const;
    return 'unreadable' as const;
  });
  if (typeof document === 'string') return { answer: { kind: document }, moved: [] };
  const total = document.getPageCount();
  if (total < 1) return { answer: { kind: 'unreadable' }, moved: [] };
  const pages: RenderedPage[] = [];
  for (let number = from; number <= total && pages.length < most; number += 1)
    pages.push(await renderPage(() => document.getPage(number - 1), number));
  return {
    answer: { kind: 'pages', total, pages },
    moved: pages.map(({ png }) => png.buffer as ArrayBuffer),
  };
});

/** The page's handle is closed by each rendering of the library, so it is loaded once for the text and once for the picture. */
async function renderPage(load: () => PDFiumPage, number: number): Promise<RenderedPage> {
  const text = load().getText().slice(0, MOST_TEXT);
  const page = load();
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const scale = Math.min(WIDTH / originalWidth, MOST_HEIGHT / originalHeight, MOST_SCALE);
  const { width, height, data } = await page.render({ scale, render: 'bitmap' });
  const picture = new PNG({ width, height });
  picture.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // A copy of its own: small buffers of Node share one pool, which must not be handed over.
  const png = new Uint8Array(
    PNG.sync.write(picture, { colorType: 2, inputColorType: 6, deflateLevel: 6, filterType: 2 }),
  );
  return { number, png, width, height, text };
}
