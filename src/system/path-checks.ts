import type { NetworkProfile } from '#core/network';
import { trustOf } from '#journey/5-deliver';
import { type MtaSts, type PeerVerifier, usableRecords } from '#platform/net';
import type { DaneFinding, MtaStsFinding, PathChecks } from '#products/analyser';

/** What the analyser says of a domain's way, learned and judged by what delivery itself goes by. */
export function pathChecks(network: () => NetworkProfile, mtaSts: MtaSts): PathChecks {
  return {
    async mtaSts(domain): Promise<MtaStsFinding> {
      const { policy, failure } = await mtaSts.stateOf(domain, network());
      if (policy !== null) {
        const maxAgeSeconds = Math.round((policy.expiresAt.getTime() - policy.fetchedAt.getTime()) / 1000);
        return { kind: 'policy', mode: policy.mode, mx: policy.mx, maxAgeSeconds };
      }
      return failure === null ? { kind: 'none' } : { kind: 'failed', code: failure };
    },

    async dane(host, secure): Promise<DaneFinding> {
      const { dane } = network();
      if (dane === undefined) return { kind: 'not-checked' };
      // Behind an answer that nobody signed, TLSA records prove nothing (RFC 7672 §2.2.1).
      if (!secure) return { kind: 'none' };
      const looked = await dane.tlsa(host);
      if (looked.kind === 'none') return { kind: 'none' };
      if (looked.kind === 'failed') return { kind: 'failed', code: 'dnssec-failed' };
      const usable = usableRecords(looked.records).length;
      return { kind: 'records', usable, unusable: looked.records.length - usable };
    },

    async verifier(domain, host, secure) {
      const { trusts } = await trustOf({ domain, hosts: [host], secure }, network(), mtaSts);
      const [trust] = trusts;
      if (trust === undefined || trust.kind === 'open') return trust?.verifier ?? CLOSED;
      return trust.why === 'mta-sts-host-not-listed' ? NOT_LISTED : CLOSED;
    },
  };
}

/** Delivery does not even connect to such a host; here it is looked at, and never passes. */
const NOT_LISTED: PeerVerifier = {
  key: 'not-listed',
  verify: () => ({ kind: 'failed', code: 'mta-sts-host-not-listed' }),
};
const CLOSED: PeerVerifier = {
  key: 'closed',
  verify: () => ({ kind: 'failed', code: 'no-verified-host' }),
};
