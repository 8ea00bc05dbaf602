import type { SecurityCheck } from '../api-types.ts';
import { catalogue } from './catalogue.ts';

interface CheckWords {
  readonly title: string;
  readonly why: string;
  /** What to do, where no page of the console mends it. */
  readonly how?: string;
  /** How much of it is left. */
  readonly open?: (facts: Readonly<Record<string, string | number>>) => string;
}

export const securityScoreText = catalogue({
  en: {
    title: 'Getting secure',
    lead: 'What makes this set-up secure, looked at now. Nothing here is ticked by hand but what a program cannot see.',
    loading: 'The set-up is being looked at',
    score: (percent: number) => `${percent} of 100`,
    scoreLabel: 'Security score',
    reached: (done: number, applicable: number) => `${done} of ${applicable} points that apply here`,
    open: 'To do',
    done: 'Done',
    notApplicable: 'Does not apply here',
    allDone: 'Everything that applies is done.',
    states: {
      done: 'Done',
      open: 'To do',
      unknown: 'Could not be looked at',
      'not-applicable': 'Does not apply',
    },
    points: (weight: number) => (weight === 1 ? '1 point' : `${weight} points`),
    mend: 'Mend it',
    attest: 'I vouch for it',
    attestTitle: 'Vouch for it?',
    attestLead: 'Your name and today’s date are kept with it, and stand in the audit log.',
    attested: 'vouched for by',
    withdraw: 'Withdraw',
    which: (domains: string) => `Not yet: ${domains}`,
    overviewOpen: (count: number) =>
      count === 1 ? 'One thing is left to do.' : `${count} things are left to do.`,
    domains: 'Your domains',
    domainsLead: 'Publish this record to prove that a domain is yours. It is looked for once a day.',
    sandboxDomains: 'In the sandbox the domain is nobody’s, so there is nothing to prove.',
    checkNow: 'Look now',
    proved: 'Proved since',
    outcomes: {
      proved: 'The record is there.',
      'not-found': 'The record is not there yet. Changes of DNS can take some hours.',
      'dns-failed': 'The name servers did not answer.',
    },
    never: 'Not looked for yet',
    record: (domain: string) => `TXT record for ${domain}`,
  },
});

export const CHECK_WORDS: Readonly<Record<string, CheckWords>> = catalogue<
  Readonly<Record<string, CheckWords>>
>({
  en: {
    live: {
      title: 'Sandbox left',
      why: 'In sandbox mode no mail leaves, and what is set up is not in use yet.',
    },
    'addresses-https': {
      title: 'Console and portal have https addresses',
      why: 'Patients and staff send passwords and messages over this connection.',
    },
    'listener-tls': {
      title: 'Web pages are served by TLS',
      why: 'Without it, whoever stands between reads all of it.',
      how: 'Set SEALPOST_HTTP_CERT and SEALPOST_HTTP_KEY, or name your proxy in SEALPOST_TRUSTED_PROXIES.',
    },
    'smtp-tls': {
      title: 'Mail is submitted by TLS with your own certificate',
      why: 'Programs hand over messages with their content.',
      how: 'Set SEALPOST_SMTP_CERT and SEALPOST_SMTP_KEY.',
    },
    'proxy-trust': {
      title: 'The proxy in front is known',
      why: 'Without it every sign-in seems to come from the proxy, and limits by network stop everybody at once.',
      how: 'Name it in SEALPOST_TRUSTED_PROXIES.',
    },
    'validating-dns': {
      title: 'A resolver validates DNSSEC',
      why: 'DANE, the strongest proof of a mail server, is off without one.',
      how: 'Name it in SEALPOST_DNS_VALIDATING, such as unbound on the same machine.',
    },
    'second-administrator': {
      title: 'There are two administrators',
      why: 'With one alone, an illness or a lost phone locks everybody out.',
    },
    'administrators-passkey': {
      title: 'Every administrator has a passkey',
      why: 'A passkey cannot be given away on a forged page; codes can.',
    },
    'demanded-factors': {
      title: 'Everybody has the factor that their role demands',
      why: 'Where a passkey is demanded, a code or a passphrase can still be given away on a forged page; after the days of grace such people cannot sign in.',
      open: ({ lacking }) =>
        lacking === 1
          ? 'One person has no factor that is strong enough. Ask them to add a passkey under “Your account”.'
          : `${lacking} people have no factor that is strong enough. Ask them to add a passkey under “Your account”.`,
    },
    'unused-accounts': {
      title: 'No account lies unused',
      why: 'An account that nobody uses is one whose theft nobody notices.',
      open: ({ count, days }) =>
        `${count === 1 ? 'One person has' : `${count} people have`} not been here for ${days} days. An access review shows who, and ends what is not needed.`,
    },
    'breached-list': {
      title: 'Passphrases are compared with breached ones',
      why: 'What stands in stolen lists is tried first, however long it is.',
      how: 'Download the list of Pwned Passwords, and name the file in SEALPOST_BREACHED_PASSWORDS.',
    },
    'alert-rules-heard': {
      title: 'Somebody would be told of every grave incident',
      why: 'A rule whose channels are off, or are told of graver things alone, finds what nobody hears of.',
      open: ({ count }) =>
        count === 1
          ? 'One rule for grave incidents reaches no channel.'
          : `${count} rules for grave incidents reach no channel.`,
    },
    'open-invitations': {
      title: 'No invitation lies open for more than two weeks',
      why: 'An account that nobody took up can be taken up by somebody else.',
    },
    'recovery-kit': {
      title: 'The recovery kit of the root key was made',
      why: 'Without it a lost root key means that nothing can be read again.',
    },
    backup: {
      title: 'Data and keys are backed up, apart from each other',
      why: 'Exact copies that can be restored are required. Sealpost does not make them yet.',
      how: 'Back up the data and the keys directory with your own tools to two places, try to restore them, and vouch for it here.',
    },
    'witness-elsewhere': {
      title: 'The audit log’s witness is on another machine',
      why: 'Whoever takes over this machine could otherwise rewrite log and witness together.',
      how: 'Put the witness directory on a disk of another machine that this one can only add to, and vouch for it here.',
    },
    'audit-retention': {
      title: 'The audit log is kept for six years or more',
      why: 'Records of required activities are kept for six years.',
    },
    'alert-channel': {
      title: 'Somebody is told of incidents, and a test has arrived',
      why: 'What the rules find at night is of no use if it is seen on Monday.',
    },
    'policy-no-clear': {
      title: 'No mail goes in clear at a recipient’s wish',
      why: 'A waiver lets mail travel unprotected. That may be right; it is the weakest way there is.',
    },
    'policy-verified': {
      title: 'TLS is used with proven servers only',
      why: 'Encryption with a server that nobody has proven is encryption with anybody.',
    },
    'policy-no-lowering': {
      title: 'No word in a subject lowers the protection',
      why: 'A word is typed by habit, also above the wrong message.',
    },
    'api-keys-expire': {
      title: 'Every API key ends one day',
      why: 'A key that was forgotten somewhere works for ever.',
    },
    'api-keys-bound': {
      title: 'Every API key is bound to networks',
      why: 'A stolen key is then of no use elsewhere.',
    },
    'domain-proved': {
      title: 'Your sending domains are proved to be yours',
      why: 'A mistyped domain would let you sign for somebody else.',
    },
    'domain-dkim': {
      title: 'DKIM keys are published',
      why: 'Recipients’ servers check by them that mail is from you.',
    },
    'domain-spf': {
      title: 'SPF says who may send for you',
      why: 'It keeps others from sending in your name.',
      how: 'Publish a TXT record at the domain: v=spf1 … -all, with this machine in it.',
    },
    'domain-dmarc': {
      title: 'DMARC says what to do with forgeries',
      why: 'Without it, mail that is not from you is delivered all the same.',
      how: 'Publish _dmarc with p=quarantine or p=reject.',
    },
    'domain-mta-sts': {
      title: 'MTA-STS protects mail to you',
      why: 'Others then send to you by verified TLS only.',
      how: 'Publish _mta-sts and the policy file on your web server.',
    },
  },
});

/** A check without words shows its code: a release of tomorrow may have more of them. */
export function checkWords({ code }: Pick<SecurityCheck, 'code'>): CheckWords {
  return CHECK_WORDS[code] ?? { title: code, why: '' };
}
