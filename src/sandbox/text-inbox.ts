import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import type { TextGateway } from '#platform/text';

/** A text as its telephone would show it. */
export interface SandboxText {
  readonly id: string;
  readonly number: string;
  readonly words: string;
  readonly receivedAt: Date;
}

/** The sandbox's telephones: takes every text, keeps it in memory for the organisation that sent it, and sends nothing. */
export interface TextInbox {
  readonly gateway: TextGateway;
  /** Newest first. */
  texts(organisation: OrganisationId): readonly SandboxText[];
  clear(): void;
}

const MOST = 500;
const PER_DAY = 1_000;

export function createTextInbox(now: () => Date = () => new Date()): TextInbox {
  const held: { readonly organisation: OrganisationId; readonly text: SandboxText }[] = [];
  return {
    gateway: {
      name: 'sandbox',
      perDay: PER_DAY,
      async handOver({ organisation, number, words }) {
        held.unshift({ organisation, text: { id: newId(), number, words, receivedAt: now() } });
        held.length = Math.min(held.length, MOST);
        return { kind: 'taken', reference: null };
      },
    },
    texts: (organisation) => held.filter((one) => one.organisation === organisation).map(({ text }) => text),
    clear() {
      held.length = 0;
    },
  };
}
