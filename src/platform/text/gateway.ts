import type { OrganisationId } from '#core/ids';

/** A text ready to leave. */
export interface ReadyText {
  readonly organisation: OrganisationId;
  /** E.164. */
  readonly number: string;
  readonly words: string;
}

/** What came of handing a text over. Codes hold neither number nor words. */
export type HandedOver =
  /** The gateway has it. `reference` is its own id for it, null where it gave none. */
  | { readonly kind: 'taken'; readonly reference: string | null }
  /** For good. `stopped`: the number's owner said STOP to the gateway. */
  | { readonly kind: 'refused'; readonly code: string; readonly stopped: boolean }
  /** Certainly not taken; may be taken later. */
  | { readonly kind: 'later'; readonly code: string }
  /** Nobody can say whether it was taken: it may be repeated once at most. */
  | { readonly kind: 'unknown'; readonly code: string };

/** A place that sends texts on to telephones. Never throws for what the gateway does. */
export interface TextGateway {
  readonly name: string;
  /** Texts that an organisation may send by it in a day (24 hours). */
  readonly perDay: number;
  handOver(text: ReadyText): Promise<HandedOver>;
}
