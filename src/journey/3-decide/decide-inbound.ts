import type { Decision, MethodFailure, Reason } from '#core/decision';

/** What is known of a message from outside when it is handed on. Pure data. */
export interface InboundDecisionFacts {
  /** The mail server that the organisation named for the recipient's domain; null where it names none any more. */
  readonly host: string | null;
  readonly policyVersion: number;
  readonly failures: readonly MethodFailure[];
  /** What was found while it was opened. */
  readonly found: readonly Reason[];
}

/**
 * Mail from outside has one way: to the organisation's own server by verified TLS, whatever the policy says of mail that
 * leaves. It may hold text that was decrypted here, so there is no lesser way to fall back to. Pure.
 */
export function decideInbound(facts: InboundDecisionFacts): Decision {
  const { host, failures, found, policyVersion } = facts;
  const failed = failures.map(
    ({ code, parameters }): Reason => ({
      code: 'method-failed',
      parameters: { ...parameters, method: 'tls', failure: code },
    }),
  );
  const way: Reason[] = host === null ? [] : [{ code: 'inbound-host', parameters: { host } }];
  return {
    method: 'tls',
    order: ['tls'],
    tls: { minimum: '1.2', authentication: 'verified' },
    policyVersion,
    reasons: [...found, ...way, ...failed],
  };
}
