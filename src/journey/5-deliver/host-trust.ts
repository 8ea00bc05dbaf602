import type { NetworkProfile } from '#core/network';
import {
  daneVerifier,
  listsHost,
  type MtaSts,
  type MtaStsState,
  mtaStsVerifier,
  type PeerVerifier,
  pkixVerifier,
  usableRecords,
} from '#platform/net';

/** How one mail host of a domain has to prove itself, by what the domain itself has published. */
export type HostTrust =
  | {
      readonly kind: 'open';
      /** Which policy holds, in the words of RFC 8460 §4.4. */
      readonly policy: 'tlsa' | 'sts' | 'no-policy-found';
      readonly verifier: PeerVerifier;
      /**
       * What the domain demands of everybody, whatever our own policy asks: that the host is verified, that TLS is used,
       * or nothing.
       */
      readonly demand: 'identity' | 'encryption' | 'nothing';
      /** That this host takes the domain's mail is proven by DNSSEC or by the domain's policy, not by plain DNS alone. */
      readonly proven: boolean;
      /** A testing policy that does not list the host: only told (RFC 8461 §5). */
      readonly unlistedInTest: boolean;
    }
  /** Nothing may be sent to it now. */
  | {
      readonly kind: 'closed';
      readonly policy: 'tlsa' | 'sts';
      readonly why: 'dnssec-failed' | 'mta-sts-host-not-listed';
    };

/** What was learned of a domain's way: its host names in order, and whether DNSSEC vouches for them. */
export interface TrustQuestion {
  readonly domain: string;
  readonly hosts: readonly string[];
  readonly secure: boolean;
}

const PLAIN = {
  kind: 'open',
  policy: 'no-policy-found',
  verifier: pkixVerifier,
  demand: 'nothing',
  proven: false,
  unlistedInTest: false,
} as const satisfies HostTrust;

/**
 * How each of the hosts is verified: DANE where a secure TLSA RRset stands, which alone counts then (RFC 7672 §2.2, RFC
 * 8461 §2); else the domain's MTA-STS policy; else certificate and host name. `failure` is the policy that was announced
 * and could not be had.
 */
export async function trustOf(
  question: TrustQuestion,
  network: NetworkProfile,
  mtaSts: MtaSts | null,
): Promise<{ readonly trusts: readonly HostTrust[]; readonly failure: MtaStsState['failure'] }> {
  const danes = await Promise.all(question.hosts.map((host) => byDane(question, host, network)));
  // Where DANE speaks for every host, MTA-STS is not even asked.
  const needsPolicy = mtaSts !== null && danes.some((trust) => trust === null);
  const state = needsPolicy
    ? await mtaSts.stateOf(question.domain, network)
    : { policy: null, failure: null };
  const trusts = question.hosts.map((host, index) => danes[index] ?? byMtaSts(question, host, state));
  return { trusts, failure: state.failure };
}

/** Null where DANE does not apply: no validating resolver, an insecure way to the host, no secure TLSA RRset. */
async function byDane(
  { domain, secure }: TrustQuestion,
  host: string,
  { dane }: NetworkProfile,
): Promise<HostTrust | null> {
  if (dane === undefined || !secure) return null;
  const looked = await dane.tlsa(host);
  if (looked.kind === 'none') return null;
  if (looked.kind === 'failed') return { kind: 'closed', policy: 'tlsa', why: 'dnssec-failed' };
  const records = usableRecords(looked.records);
  const open = { kind: 'open', policy: 'tlsa', proven: true, unlistedInTest: false } as const;
  // Records that nobody can use still say that the host speaks TLS (RFC 7672 §2.2): no step back to clear, and what
  // our own policy calls verified has to hold by the certificate's name.
  if (records.length === 0) return { ...open, verifier: pkixVerifier, demand: 'encryption' };
  const verifier = daneVerifier({ records, base: looked.base, alsoNames: [host, domain] });
  return { ...open, verifier, demand: 'identity' };
}

function byMtaSts({ secure }: TrustQuestion, host: string, { policy }: MtaStsState): HostTrust {
  if (policy === null || policy.mode === 'none') return { ...PLAIN, proven: secure };
  const listed = listsHost(policy.mx, host);
  if (policy.mode === 'testing') {
    return { ...PLAIN, policy: 'sts', proven: secure, unlistedInTest: !listed };
  }
  if (!listed) return { kind: 'closed', policy: 'sts', why: 'mta-sts-host-not-listed' };
  return { ...PLAIN, policy: 'sts', verifier: mtaStsVerifier, demand: 'identity', proven: true };
}

/** A smart host is one place that the operator chose by name: certificate and name always, and no policy is asked. */
/** For reports on a domain's TLS alone: DANE and MTA-STS are not asked, and nothing is demanded. */
export const UNJUDGED_TRUST: HostTrust = PLAIN;
export const SMART_HOST_TRUST: HostTrust = { ...PLAIN, demand: 'identity', proven: true };
