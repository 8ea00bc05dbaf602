import type { Answer } from 'dns-packet';
import type { DaneSource, TlsaLooked, TlsaRecord } from '#core/network';
import type { Answered, Look } from './resolver.ts';

/**
 * TLSA records of mail hosts over a validating resolver (RFC 7672 §2.2). They are asked for only where the host's
 * address records are secure: an unsigned zone cannot hold any, and its name servers may choke on the question. Where
 * the host is an alias, the name that it leads to is tried first, then the alias itself.
 */
export function createDaneSource(look: Look): DaneSource {
  return {
    async tlsa(host) {
      const bases = await candidates(look, host.toLowerCase());
      if (bases === 'failed') return { kind: 'failed' };
      for (const base of bases) {
        const looked = await tlsaAt(look, base);
        if (looked.kind !== 'none') return looked;
      }
      return { kind: 'none' };
    },
  };
}

/** The names under which TLSA records may stand, in the order to try them; none where DANE cannot apply. */
async function candidates(look: Look, host: string): Promise<readonly string[] | 'failed'> {
  const addresses = await Promise.all([look(host, 'AAAA'), look(host, 'A')]);
  const found = addresses.filter(({ looked }) => looked.kind === 'found');
  if (found.length === 0) return addresses.some(({ looked }) => looked.kind === 'failed') ? 'failed' : [];
  const target = found.find(({ name }) => name !== host)?.name;
  if (found.every(isSecure)) return target === undefined ? [host] : [target, host];
  if (target === undefined) return [];
  // An alias in a signed zone that leads into an unsigned one: the alias alone can have TLSA records.
  const alias = await look(host, 'CNAME');
  if (alias.looked.kind === 'failed') return 'failed';
  return isSecure(alias) ? [host] : [];
}

function isSecure({ looked }: Answered): boolean {
  return looked.kind === 'found' && looked.secure;
}

async function tlsaAt(look: Look, base: string): Promise<TlsaLooked> {
  const { looked } = await look(`_25._tcp.${base}`, 'TLSA');
  if (looked.kind === 'failed') return { kind: 'failed' };
  if (looked.kind === 'none' || !looked.secure) return { kind: 'none' };
  return { kind: 'found', records: looked.records.flatMap(recordOf), base };
}

function recordOf(answer: Answer): TlsaRecord[] {
  if (answer.type !== 'TLSA') return [];
  const { usage, selector, matchingType, certificate } = answer.data;
  return [{ usage, selector, matching: matchingType, data: certificate }];
}
