import type { Sandbox, Temperament } from '#sandbox';
import { createAuthority } from '../../src/sandbox/certificates.ts';

/** A recipient domain of the proof, and the peers behind it whose identity can never be verified. */
export interface HostileDomain {
  readonly domain: string;
  readonly what: string;
  readonly hosts: readonly string[];
}

export const NEVER_VERIFIED: readonly HostileDomain[] = [
  { domain: 'no-tls.test', what: 'offers no STARTTLS', hosts: ['mx.no-tls.test'] },
  { domain: 'strips-starttls.test', what: 'answers STARTTLS with 454', hosts: ['mx.strips-starttls.test'] },
  { domain: 'injecting.test', what: 'injects a reply after STARTTLS', hosts: ['mx.injecting.test'] },
  { domain: 'old-tls.test', what: 'speaks TLS 1.0 at most', hosts: ['mx.old-tls.test'] },
  { domain: 'expired.test', what: 'has an expired certificate', hosts: ['mx.expired.test'] },
  { domain: 'self-signed.test', what: 'has a self-signed certificate', hosts: ['mx.self-signed.test'] },
  { domain: 'wrong-cert.test', what: 'has a certificate for another name', hosts: ['mx.wrong-cert.test'] },
  { domain: 'plain.test', what: 'has a certificate of an unknown authority', hosts: ['mx.plain.test'] },
  {
    domain: 'clear-or-wrong.test',
    what: 'has two hosts, both bad',
    hosts: ['mx.no-tls.test', 'mx.wrong-cert.test'],
  },
];

/** First a host without TLS, then a good one: content may go to the second only. */
export const SECOND_HOST_GOOD: HostileDomain = {
  domain: 'clear-or-good.test',
  what: 'has a host without TLS before a good one',
  hosts: ['mx.no-tls.test'],
};

/** Verified on its first connection, without STARTTLS on all later ones. */
export const FLAPPING = { domain: 'flapping.test', host: 'mx.flapping.test' } as const;

/** Changes between rounds, and cuts its connections each time. */
export const SWITCHING = { domain: 'few.test', host: 'mx.few.test' } as const;

export interface Turn {
  readonly what: string;
  /** True where verified TLS can be had. */
  readonly good: boolean;
  readonly change: Partial<Temperament>;
}

/** Puts the untrusted authority in place and prepares the turns of the switching peer. */
export async function preparePeers(sandbox: Sandbox): Promise<readonly Turn[]> {
  const now = new Date();
  const day = 86_400_000;
  const stranger = await createAuthority(now);
  sandbox.peer('mx.plain.test').behave({ credentials: await stranger.issue('mx.plain.test') });
  const { host } = SWITCHING;
  const past = { from: new Date(now.getTime() - 20 * day), to: new Date(now.getTime() - day) };
  const good: Turn = { what: 'good', good: true, change: { startTls: 'offered', tlsMaximum: 'TLSv1.3' } };
  const bad = (what: string, change: Partial<Temperament>): Turn => ({
    what,
    good: false,
    change: { ...good.change, ...change },
  });
  return [
    good,
    bad('no STARTTLS any more', { startTls: 'hidden' }),
    good,
    bad('454 at STARTTLS', { startTls: 'refused' }),
    good,
    bad('injected reply', { startTls: 'injected' }),
    good,
    bad('TLS 1.0 only', { tlsMaximum: 'TLSv1' }),
    good,
    // Its own good certificate does not come back after these.
    bad('certificate of an unknown authority', { credentials: await stranger.issue(host) }),
    bad('expired certificate', { credentials: await stranger.issue(host, past) }),
    bad('self-signed certificate', { credentials: await stranger.selfSigned(host) }),
  ];
}
