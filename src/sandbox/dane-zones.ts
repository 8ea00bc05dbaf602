import { createHash, X509Certificate } from 'node:crypto';
import type { ZoneName } from './dns-server.ts';
import type { PeerPlan } from './world.ts';

type Tlsa = NonNullable<ZoneName['tlsa']>[number];

/** What stands at `_25._tcp` of each DANE host, by the code of its peer. */
const RECORDS: Readonly<Record<string, (own: X509Certificate, root: X509Certificate) => readonly Tlsa[]>> = {
  dane: (own) => [byKey(own)],
  'dane-expired': (own) => [byKey(own)],
  'dane-stripped': (own) => [byKey(own)],
  'dane-wrong': () => [
    { usage: 3, selector: 1, matchingType: 1, certificate: digest(Buffer.from('another key')) },
  ],
  'dane-authority': (_own, root) => [
    { usage: 2, selector: 0, matchingType: 1, certificate: digest(root.raw) },
  ],
  'dane-unusable': (own) => [{ usage: 1, selector: 0, matchingType: 1, certificate: digest(own.raw) }],
};

/** Names and records of the sandbox's signed domains: the sandbox's resolver vouches for all of them. */
export function daneZones(peers: readonly PeerPlan[], root: string): ReadonlyMap<string, ZoneName> {
  const zones = new Map<string, ZoneName>();
  for (const { code, host, credentials } of peers) {
    const recordsOf = RECORDS[code];
    if (recordsOf === undefined && code !== 'dane-bogus') continue;
    zones.set(host, { a: ['127.0.0.1'], authentic: true });
    zones.set(host.replace(/^mx\./, ''), { mx: [{ preference: 10, exchange: host }], authentic: true });
    zones.set(
      `_25._tcp.${host}`,
      recordsOf === undefined
        ? { broken: true } // as a resolver answers what fails validation
        : {
            tlsa: recordsOf(new X509Certificate(credentials.cert), new X509Certificate(root)),
            authentic: true,
          },
    );
  }
  return zones;
}

/** DANE-EE(3), key, SHA-256: what most domains publish. */
function byKey({ publicKey }: X509Certificate): Tlsa {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return { usage: 3, selector: 1, matchingType: 1, certificate: digest(key) };
}

function digest(octets: Buffer): Buffer {
  return createHash('sha256').update(octets).digest();
}
