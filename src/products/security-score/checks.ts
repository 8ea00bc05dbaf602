/** How one thing stands now. `unknown`: it could not be looked at, which counts as open. */
export type Standing = {
  readonly state: 'done' | 'open' | 'not-applicable' | 'unknown';
  /** Numbers and names of the organisation's own that the words of the check use. */
  readonly facts?: Readonly<Record<string, string | number>>;
};

/** Somebody who works here, as far as the checks ask. */
export interface PersonFacts {
  readonly administrator: boolean;
  readonly passkey: boolean;
  readonly canSignIn: boolean;
  readonly since: Date;
}

/** What of a sending domain is published. */
export interface DomainFacts {
  readonly name: string;
  readonly dkim: boolean | null;
  readonly spf: boolean | null;
  readonly dmarc: boolean | null;
  readonly mtaSts: boolean | null;
  readonly proved: boolean;
}

/** All that the checks look at, gathered once for each look. */
export interface Facts {
  readonly now: Date;
  readonly live: boolean;
  readonly ownTls: { readonly http: boolean; readonly smtp: boolean };
  readonly trustedProxies: number;
  readonly addresses: { readonly console: string; readonly portal: string };
  readonly validatingDns: boolean;
  readonly rootKey: 'file' | 'passphrase' | 'vault';
  readonly recoveryKitIssued: boolean;
  readonly people: readonly PersonFacts[];
  readonly domains: readonly DomainFacts[];
  /** Members whom nobody saw for `UNUSED_DAYS`. */
  readonly unusedAccounts: number;
  /** Members without a factor of the strength that their roles demand. */
  readonly weakFactors: number;
  readonly breachedList: boolean;
  readonly channels: { readonly active: number; readonly tested: number };
  /** Active rules of high or critical incidents that no channel which is on would be told of. */
  readonly unheardRules: number;
  /** Null: nothing is ever deleted. */
  readonly auditYears: number | null;
  readonly policy: { readonly waivers: boolean; readonly verified: boolean; readonly lowering: boolean };
  readonly apiKeys: { readonly withoutExpiry: number; readonly withoutNetwork: number };
  /** Codes that somebody vouches for now. */
  readonly attested: ReadonlySet<string>;
}

export interface Check {
  readonly code: string;
  readonly weight: 1 | 2 | 3 | 5;
  /** Where it is mended: a page of the console, or null for the operator's configuration. */
  readonly mend: string | null;
  /** A program cannot see it: a member vouches for it, with name and date. */
  readonly attestable?: true;
  /** A section that asks for it, where one was looked up. */
  readonly cites?: string;
  look(facts: Facts): Standing;
}

const DAY_MS = 86_400_000;
/** An account that nobody used for so long is one that nobody would miss. */
export const UNUSED_DAYS = 90;
const INVITATION_DAYS = 14;

const done = (yes: boolean, facts?: Standing['facts']): Standing => ({
  state: yes ? 'done' : 'open',
  ...(facts === undefined ? {} : { facts }),
});
const none: Standing = { state: 'not-applicable' };
const https = (address: string): boolean => address.startsWith('https://');

/** Done where no domain lacks it; `unknown` where DNS did not answer. In the sandbox no domain is the organisation's own. */
function ofDomains(facts: Facts, has: (domain: DomainFacts) => boolean | null): Standing {
  if (!facts.live || facts.domains.length === 0) return none;
  const lacking = facts.domains.filter((one) => has(one) === false);
  if (lacking.length > 0)
    return done(false, {
      domains: lacking
        .map(({ name }) => name)
        .slice(0, 5)
        .join(', '),
    });
  return { state: facts.domains.every((one) => has(one) === true) ? 'done' : 'unknown' };
}

const attested = (code: string) => (facts: Facts) => done(facts.attested.has(code));

/** One line each, so that another room adds what it has built. */
export const CHECKS: readonly Check[] = [
  { code: 'live', weight: 1, mend: '/settings/installation', look: ({ live }) => done(live) },
  {
    ...{ code: 'addresses-https', weight: 5, mend: '/settings/installation', cites: '45 CFR 164.312(e)(1)' },
    look: ({ addresses }) => done(https(addresses.console) && https(addresses.portal)),
  },
  {
    ...{ code: 'listener-tls', weight: 3, mend: null, cites: '45 CFR 164.312(e)(1)' },
    // A proxy that is trusted ends TLS in its place.
    look: ({ ownTls, trustedProxies }) => done(ownTls.http || trustedProxies > 0),
  },
  { code: 'smtp-tls', weight: 3, mend: null, look: ({ ownTls }) => done(ownTls.smtp) },
  {
    ...{ code: 'proxy-trust', weight: 2, mend: null },
    look: ({ ownTls, trustedProxies, addresses }) =>
      ownTls.http || !https(addresses.console) ? none : done(trustedProxies > 0),
  },
  { code: 'validating-dns', weight: 1, mend: null, look: ({ validatingDns }) => done(validatingDns) },
  {
    ...{ code: 'second-administrator', weight: 3, mend: '/settings/people' },
    look({ people }) {
      const count = people.filter((one) => one.administrator && one.canSignIn).length;
      return done(count >= 2, { count });
    },
  },
  {
    ...{ code: 'administrators-passkey', weight: 5, mend: '/settings/people', cites: '45 CFR 164.312(d)' },
    look({ people }) {
      const lacking = people.filter((one) => one.administrator && one.canSignIn && !one.passkey).length;
      return done(lacking === 0, { lacking });
    },
  },
  {
    ...{ code: 'demanded-factors', weight: 3, mend: '/settings/people', cites: '45 CFR 164.312(d)' },
    look: ({ weakFactors: lacking }) => done(lacking === 0, { lacking }),
  },
  {
    ...{ code: 'unused-accounts', weight: 3, mend: '/settings/access-reviews' },
    ...{ cites: '45 CFR 164.308(a)(4)(ii)(C)' },
    look: ({ unusedAccounts: count }) => done(count === 0, { count, days: UNUSED_DAYS }),
  },
  {
    ...{ code: 'breached-list', weight: 3, mend: null },
    look: ({ breachedList }) => done(breachedList),
  },
  {
    ...{ code: 'open-invitations', weight: 1, mend: '/settings/people' },
    look({ people, now }) {
      const old = now.getTime() - INVITATION_DAYS * DAY_MS;
      const count = people.filter((one) => !one.canSignIn && one.since.getTime() < old).length;
      return done(count === 0, { count });
    },
  },
  {
    ...{ code: 'recovery-kit', weight: 5, mend: '/settings/installation' },
    look: ({ rootKey, recoveryKitIssued }) => (rootKey === 'vault' ? none : done(recoveryKitIssued)),
  },
  {
    ...{ code: 'backup', weight: 5, mend: null, attestable: true, cites: '45 CFR 164.308(a)(7)(ii)(A)' },
    look: attested('backup'),
  },
  {
    ...{ code: 'witness-elsewhere', weight: 3, mend: null, attestable: true, cites: '45 CFR 164.312(b)' },
    look: attested('witness-elsewhere'),
  },
  {
    ...{ code: 'audit-retention', weight: 3, mend: '/audit', cites: '45 CFR 164.316(b)(2)(i)' },
    look: ({ auditYears }) => done(auditYears === null || auditYears >= 6),
  },
  {
    ...{ code: 'alert-channel', weight: 3, mend: '/alert-channels', cites: '45 CFR 164.308(a)(1)(ii)(D)' },
    look: ({ channels }) => done(channels.active > 0 && channels.tested > 0, { ...channels }),
  },
  {
    ...{ code: 'alert-rules-heard', weight: 2, mend: '/alert-rules' },
    // Without any channel it is the check before that is open.
    look: ({ channels, unheardRules: count }) =>
      channels.active === 0 ? none : done(count === 0, { count }),
  },
  {
    code: 'policy-no-clear',
    weight: 3,
    mend: '/settings/policy',
    look: ({ policy }) => done(!policy.waivers),
  },
  {
    code: 'policy-verified',
    weight: 3,
    mend: '/settings/policy',
    look: ({ policy }) => done(policy.verified),
  },
  {
    code: 'policy-no-lowering',
    weight: 1,
    mend: '/settings/policy',
    look: ({ policy }) => done(!policy.lowering),
  },
  {
    ...{ code: 'api-keys-expire', weight: 2, mend: '/settings/api-keys' },
    look: ({ apiKeys }) => done(apiKeys.withoutExpiry === 0, { count: apiKeys.withoutExpiry }),
  },
  {
    ...{ code: 'api-keys-bound', weight: 1, mend: '/settings/api-keys' },
    look: ({ apiKeys }) => done(apiKeys.withoutNetwork === 0, { count: apiKeys.withoutNetwork }),
  },
  {
    code: 'domain-proved',
    weight: 3,
    mend: '/getting-secure',
    look: (facts) => ofDomains(facts, ({ proved }) => proved),
  },
  {
    code: 'domain-dkim',
    weight: 2,
    mend: '/settings/organisation',
    look: (facts) => ofDomains(facts, ({ dkim }) => dkim),
  },
  { code: 'domain-spf', weight: 1, mend: null, look: (facts) => ofDomains(facts, ({ spf }) => spf) },
  { code: 'domain-dmarc', weight: 2, mend: null, look: (facts) => ofDomains(facts, ({ dmarc }) => dmarc) },
  {
    code: 'domain-mta-sts',
    weight: 1,
    mend: null,
    look: (facts) => ofDomains(facts, ({ mtaSts }) => mtaSts),
  },
];

export interface Score {
  /** Whole per cent, of what applies. */
  readonly percent: number;
  readonly done: number;
  readonly applicable: number;
  readonly checks: readonly (Check & { readonly standing: Standing })[];
}

/** Weight of what is done by weight of what applies. What could not be looked at counts as not done. Pure. */
export function scoreOf(facts: Facts, table: readonly Check[] = CHECKS): Score {
  const checks = table.map((check) => ({ ...check, standing: check.look(facts) }));
  const weigh = (those: typeof checks) => those.reduce((sum, { weight }) => sum + weight, 0);
  const applicable = weigh(checks.filter(({ standing }) => standing.state !== 'not-applicable'));
  const reached = weigh(checks.filter(({ standing }) => standing.state === 'done'));
  const percent = applicable === 0 ? 100 : Math.floor((reached / applicable) * 100);
  return { percent, done: reached, applicable, checks };
}
