import type { Method } from './method.ts';
import type { PeerAuthentication } from './transport.ts';

/**
 * What a decision was made on, kept beside it so that it can be made again (DL-7). Class, stream and domain stand with
 * the message and the delivery, failures with the delivery; whom it is for is found by the delivery's keyed index. No PHI.
 */
export interface DecisionFacts {
  /** Of which run over the delivery, 1 the first: facts of another run than the last one are not those of its decision. */
  readonly run: number;
  readonly at: string;
  readonly offered: readonly Method[];
  /** Null: nobody asked, because the policy had waivers off. Then the decision was made as if there was none. */
  readonly waiver: boolean | null;
  /** How the recipient's server was reached, where it took this copy by TLS. */
  readonly tls: { readonly version: string | null; readonly authenticatedBy: PeerAuthentication } | null;
}
