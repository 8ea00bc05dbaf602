import type { FailureCode } from '#core/decision';
import type { SessionSecurity } from '#platform/net';
import type { HostTrust } from './host-trust.ts';
import type { WalkRequest } from './walk.ts';

/**
 * What the connection to a host must be: what our policy asks and what the domain itself demands, whichever is more.
 * Nothing in a message makes it less: a `TLS-Required: No` field (RFC 8689 §3) asks to ignore DANE and MTA-STS, and is
 * not looked at here, because who writes the field is not who answers for the patient's privacy.
 */
export function securityFor(
  { tls, requireTls }: Pick<WalkRequest, 'tls' | 'requireTls'>,
  { verifier, demand }: Extract<HostTrust, { kind: 'open' }>,
): SessionSecurity {
  if (tls === 'opportunistic' || tls === 'tls-report') {
    switch (demand) {
      case 'identity':
        return { kind: 'required', minimum: '1.2', verifier };
      case 'encryption':
        return { kind: 'encrypted', verifier };
      case 'nothing':
        return { kind: 'opportunistic', verifier };
    }
  }
  const verified = tls.authentication === 'verified' || demand === 'identity' || requireTls === true;
  return { kind: 'required', minimum: tls.minimum, verifier: verified ? verifier : null };
}

/** Why a host is not even connected to, or null where it is. */
export function barredBy(
  { requireTls }: Pick<WalkRequest, 'requireTls'>,
  trust: HostTrust,
): FailureCode | 'dnssec-failed' | null {
  if (trust.kind === 'closed') return trust.why;
  // RFC 8689 §4.2.1: the host's name must come from DNSSEC or an MTA-STS policy, or a forged MX could take the message.
  if (requireTls === true && !trust.proven) return 'requiretls-host-not-proven';
  return null;
}
