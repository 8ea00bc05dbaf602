import type { Credentials, SandboxAuthority } from './certificates.ts';
import { daneZones } from './dane-zones.ts';
import type { ZoneName, Zones } from './dns-server.ts';
import { refuseNobody, type Temperament, wellBehaved } from './temperament.ts';

/** One server of the sandbox. `code` names its temperament; catalogues word it. */
export interface PeerPlan {
  readonly code: string;
  readonly host: string;
  /** By the SMTP server library, or scripted with a temperament. */
  readonly kind: 'library' | 'library-without-tls' | 'scripted';
  readonly credentials: Credentials;
  readonly temperament: Temperament;
  readonly family: 4 | 6;
}

type Change = Partial<Temperament>;
const DAY_MS = 86_400_000;
const GREYLISTED = '451 4.7.1 greylisted, try again';

/** All servers with their certificates. */
export async function planPeers(authority: SandboxAuthority, now: Date): Promise<readonly PeerPlan[]> {
  const scripted = async (
    code: string,
    host: string,
    change: Change = {},
    credentials?: Credentials,
    family: 4 | 6 = 4,
  ): Promise<PeerPlan> => {
    const own = credentials ?? (await authority.issue(host));
    return {
      code,
      host,
      kind: 'scripted',
      credentials: own,
      temperament: { ...wellBehaved(own), ...change },
      family,
    };
  };
  const library = async (code: string, host: string, kind: PeerPlan['kind']): Promise<PeerPlan> => ({
    ...(await scripted(code, host)),
    kind,
  });
  const withRoot = async (host: string): Promise<Credentials> => {
    const own = await authority.issue(host);
    return { ...own, cert: `${own.cert}\n${authority.root}` };
  };
  const past = { from: new Date(now.getTime() - 20 * DAY_MS), to: new Date(now.getTime() - DAY_MS) };

  return Promise.all([
    library('good-tls', 'mail.clinic.test', 'library'),
    library('good-tls', 'mx.good-tls.test', 'library'),
    library('good-tls', 'mx.pgp.test', 'library'),
    library('no-tls', 'mx.no-tls.test', 'library-without-tls'),
    // Mail for its people is sealed for them, so that its server need not be trusted.
    scripted('smime', 'mx.smime.test', {}, await authority.selfSigned('mx.smime.test')),
    scripted('wrong-cert', 'mx.wrong-cert.test', {}, await authority.issue('mail.elsewhere.test')),
    scripted('slow', 'mx.slow.test', {
      recipient: (address, nth) => refuseNobody(address) ?? (nth <= 2 ? GREYLISTED : null),
    }),
    scripted('refuses-starttls', 'mx.strips-starttls.test', { startTls: 'refused' }),
    scripted('injects', 'mx.injecting.test', { startTls: 'injected' }),
    scripted('old-tls', 'mx.old-tls.test', { tlsMaximum: 'TLSv1' }),
    scripted('tls12', 'mx.tls12.test', { tlsMaximum: 'TLSv1.2' }),
    scripted('expired', 'mx.expired.test', {}, await authority.issue('mx.expired.test', past)),
    scripted('self-signed', 'mx.self-signed.test', {}, await authority.selfSigned('mx.self-signed.test')),
    scripted('flapping', 'mx.flapping.test', {
      turns: { after: 1, change: { startTls: 'hidden' } },
      endsAfter: { messages: 1, silently: true },
    }),
    scripted('tarpit', 'mx.tarpit.test', { delayMs: 300 }),
    scripted('drops-content', 'mx.drops-content.test', { content: 'dropped-midway' }),
    scripted('drops-after-end', 'mx.drops-after-end.test', { content: 'dropped-after-end' }),
    scripted('refuses-content', 'mx.refuses-content.test', { content: 'refused' }),
    scripted('small', 'mx.small.test', { size: 4_096 }),
    scripted('plain', 'mx.plain.test', { capabilities: [], size: null }),
    scripted('busy', 'mx.busy.test', { greeting: '421 4.3.2 too busy' }),
    scripted('closed', 'mx.closed.test', { greeting: '554 5.3.2 no mail here' }),
    scripted('few-per-connection', 'mx.few.test', { endsAfter: { messages: 2, silently: false } }),
    scripted('good-tls', 'mx.two-mx.test'),
    scripted('good-tls', 'no-mx.test'),
    scripted('good-tls', 'mx.six.test', {}, undefined, 6),
    scripted('smart-host', 'relay.clinic.test', {
      auth: { user: 'clinic', password: 'sandbox relay', mechanisms: 'PLAIN LOGIN' },
    }),
    scripted('dane', 'mx.dane.test', {}, await authority.selfSigned('mx.dane.test')),
    scripted('dane-expired', 'mx.dane-expired.test', {}, await authority.issue('mx.dane-expired.test', past)),
    scripted('dane-wrong', 'mx.dane-wrong.test'),
    scripted('dane-stripped', 'mx.dane-stripped.test', { startTls: 'hidden' }),
    scripted('dane-unusable', 'mx.dane-unusable.test'),
    scripted('dane-bogus', 'mx.dane-bogus.test'),
    scripted('dane-authority', 'mx.dane-authority.test', {}, await withRoot('mx.dane-authority.test')),
    scripted('mta-sts', 'mx.mta-sts.test'),
    scripted('mta-sts-unlisted', 'mx.mta-sts-unlisted.test'),
    scripted(
      'mta-sts-testing',
      'mx.mta-sts-testing.test',
      {},
      await authority.selfSigned('mx.mta-sts-testing.test'),
    ),
    scripted('requiretls', 'mx.requiretls.test', {
      capabilities: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'REQUIRETLS'],
    }),
    scripted('sink', 'mx.sink.test', { keepsMail: false, records: false }),
  ]);
}

/** A host that has an address and a port where nobody listens. */
export const DEAD_HOST = 'dead.two-mx.test';

/** A name of another host, and the host. */
export const ALIAS_HOST = 'mx.dane-alias.test';
export const ALIASED_HOST = 'mx.dane.test';

const policy = (mode: string, mx: string): string =>
  `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: 86400\r\n`;

/** MTA-STS policies by domain. */
export const POLICIES: ReadonlyMap<string, string> = new Map([
  ['mta-sts.test', policy('enforce', '*.mta-sts.test')],
  ['mta-sts-unlisted.test', policy('enforce', 'mail.elsewhere.test')],
  ['mta-sts-testing.test', policy('testing', 'mail.elsewhere.test')],
  // Where DANE holds, this must not be looked at.
  ['dane.test', policy('enforce', 'mail.elsewhere.test')],
]);

/** Where domains want TLS reports; the second one's own mail host fails its DANE records. */
const TLS_REPORTS: ReadonlyMap<string, string> = new Map([
  ['mta-sts.test', 'mailto:tls-reports@good-tls.test'],
  ['dane-wrong.test', 'mailto:tls-reports@dane-wrong.test'],
]);

/** Every name that the sandbox DNS knows. */
export function planZones(peers: readonly PeerPlan[], root: string): Zones {
  const mx = (...exchanges: readonly string[]): ZoneName => ({
    mx: exchanges.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })),
  });
  const zones = new Map<string, ZoneName>();
  for (const { host, family } of peers) {
    zones.set(host, family === 6 ? { aaaa: ['::1'] } : { a: ['127.0.0.1'] });
    // A server takes mail for the domain it stands in; those below say otherwise.
    const domain = host.replace(/^(mx|mail|relay)\./, '');
    if (domain !== host && !zones.has(domain)) zones.set(domain, mx(host));
  }
  for (const [name, held] of daneZones(peers, root)) zones.set(name, held);
  for (const domain of POLICIES.keys()) {
    zones.set(`_mta-sts.${domain}`, { txt: ['v=STSv1; id=20261101000000Z;'] });
    zones.set(`mta-sts.${domain}`, { a: ['127.0.0.1'] });
  }
  for (const [domain, rua] of TLS_REPORTS)
    zones.set(`_smtp._tls.${domain}`, { txt: [`v=TLSRPTv1; rua=${rua}`] });
  // An alias in a signed domain that leads to a signed host: its records stand at the host that it leads to.
  zones.set(ALIAS_HOST, { cname: ALIASED_HOST, authentic: true });
  zones.set('dane-alias.test', { ...mx(ALIAS_HOST), authentic: true });
  // The host is signed, the domain is not: anybody could have put the host there.
  zones.set('dane-unsigned.test', mx('mx.dane-wrong.test'));
  zones.set('requiretls.test', { ...mx('mx.requiretls.test'), authentic: true });
  zones.set('clinic.test', mx('mail.clinic.test'));
  zones.set('good-tls.test', { ...mx('mx.good-tls.test'), authentic: true });
  zones.set(DEAD_HOST, { a: ['127.0.0.1'] });
  zones.set('two-mx.test', mx(DEAD_HOST, 'mx.two-mx.test'));
  zones.set('dead.test', mx(DEAD_HOST));
  zones.set('dead-or-clear.test', mx(DEAD_HOST, 'mx.no-tls.test'));
  zones.set('clear-or-good.test', mx('mx.no-tls.test', 'mx.good-tls.test'));
  zones.set('clear-or-wrong.test', mx('mx.no-tls.test', 'mx.wrong-cert.test'));
  zones.set('alias.test', { cname: 'good-tls.test' });
  zones.set('null-mx.test', { mx: [{ preference: 0, exchange: '.' }] });
  zones.set('no-mail.test', { txt: ['a name without mail'] });
  zones.set('broken-dns.test', { broken: true });
  zones.set('long-text.test', { txt: ['x'.repeat(2_000)] });
  return zones;
}
