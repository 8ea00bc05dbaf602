import type { DecisionFacts } from '#core/decision-facts';
import type { Method } from '#core/method';
import type { AttemptRecord } from '#platform/record';

/** What was known when deciding, beyond what stands with message and delivery. */
export interface Known {
  readonly at: Date;
  readonly offered: readonly Method[];
  /** Null: not asked. */
  readonly waiver: boolean | null;
}

/** The facts as they are kept beside the decision of this run (DL-7). */
export function decisionFacts(known: Known, run: number, attempts: readonly AttemptRecord[]): DecisionFacts {
  const reached = attempts.findLast(({ method, result }) => method === 'tls' && result === 'delivered');
  return {
    run,
    at: known.at.toISOString(),
    offered: known.offered,
    waiver: known.waiver,
    tls: reached
      ? { version: reached.transport.tlsVersion, authenticatedBy: reached.transport.authenticatedBy }
      : null,
  };
}
