import type { FailureCode } from '#core/decision';
import type { NetworkProfile } from '#core/network';
import type { TransportFacts } from '#core/transport';
import { openSession, type PeerVerifier, type SmtpTimeouts } from '#platform/net';

/** Somebody sits in front of the page. Milliseconds. */
const TIMEOUTS: SmtpTimeouts = {
  connect: 4_000,
  greeting: 8_000,
  command: 5_000,
  handshake: 8_000,
  dataStart: 5_000,
  dataBlock: 5_000,
  dataEnd: 5_000,
};
const MOST_ADDRESSES = 2;

export interface LookWorld {
  readonly network: () => NetworkProfile;
  /** Our name in EHLO. */
  readonly hostName: string;
  /** How the host has to prove itself, as delivery has it; null where nothing may be sent to it now. */
  verifier(host: string, port: number): Promise<PeerVerifier | null>;
  /** Private networks in which the operator lets such hosts stand. */
  mayConnect(address: string): boolean;
}

/** What one look at an organisation's mail server showed. Nothing but EHLO, STARTTLS and QUIT is said to it. */
export interface LookedAt {
  readonly outcome: 'ready' | 'unprotected' | 'refused' | 'unreachable';
  readonly failure: FailureCode | null;
  /** `dns-failed`, `no-address`, `address-not-allowed`, a code of the connection, or of the server's refusal. */
  readonly detail: string | null;
  readonly tlsVersion: string | null;
  readonly authenticatedBy: TransportFacts['authenticatedBy'];
}

const NOTHING = { failure: null, tlsVersion: null, authenticatedBy: 'none' } as const;

/** Whether the host answers with TLS that delivery would accept: what `ready` means is what delivery demands. */
export async function lookAtHost(host: string, port: number, world: LookWorld): Promise<LookedAt> {
  const network = world.network();
  const looked = await network.resolver.addresses(host);
  if (looked.kind === 'failed') return { ...NOTHING, outcome: 'unreachable', detail: 'dns-failed' };
  const all = looked.kind === 'found' ? looked.records : [];
  if (all.length === 0) return { ...NOTHING, outcome: 'unreachable', detail: 'no-address' };
  const allowed = all.filter((address) => network.mayConnect(address) || world.mayConnect(address));
  if (allowed.length === 0) return { ...NOTHING, outcome: 'unreachable', detail: 'address-not-allowed' };
  const verifier = await world.verifier(host, port);
  if (verifier === null) return { ...NOTHING, outcome: 'unreachable', detail: 'dnssec-failed' };
  let last: LookedAt = { ...NOTHING, outcome: 'unreachable', detail: 'connect-failed' };
  for (const address of allowed.slice(0, MOST_ADDRESSES)) {
    const opened = await openSession({
      host,
      address,
      port: port === 25 ? network.smtpPort(host) : port,
      hostName: world.hostName,
      security: { kind: 'required', minimum: '1.2', verifier },
      roots: network.extraRoots,
      timeouts: TIMEOUTS,
    });
    switch (opened.kind) {
      case 'open': {
        const { tlsVersion, authenticatedBy } = opened.session.transport;
        await opened.session.quit();
        return { outcome: 'ready', failure: null, detail: null, tlsVersion, authenticatedBy };
      }
      case 'unprotected': {
        const { tlsVersion } = opened.transport;
        return { ...NOTHING, outcome: 'unprotected', failure: opened.code, detail: null, tlsVersion };
      }
      case 'refused':
        return { ...NOTHING, outcome: 'refused', detail: String(opened.reply.code) };
      case 'unreachable':
        last = { ...NOTHING, outcome: 'unreachable', detail: opened.code };
    }
  }
  return last;
}
