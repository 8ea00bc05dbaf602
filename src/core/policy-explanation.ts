import type { Stream } from './method.ts';

/** Where a value of a policy stands, widest first. `always`: no policy can say otherwise. */
export type PolicyLayer = 'always' | 'organisation' | 'stream' | 'domain' | 'recipient';

/** A value that decides about one recipient. */
export type PolicyValue =
  | 'methods'
  | 'tls-minimum'
  | 'tls-authentication'
  | 'exclusive'
  | 'tls-highest-class'
  | 'waiver';

/** One rule's word on a value. */
export interface PolicyWord {
  readonly layer: PolicyLayer;
  /** The domain or its pattern, or the stream; null for the others: a recipient's address never stands here. */
  readonly rule: Stream | (string & {}) | null;
  /** As codes: methods with a blank between them, `1.3`, `verified`, `true`, a class, `off`. */
  readonly value: string;
}

/** A value in force for one recipient, whose it is, and what it was put over (nearest first). */
export interface ExplainedValue extends PolicyWord {
  readonly name: PolicyValue;
  readonly over: readonly PolicyWord[];
}
