import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pickLanguage } from './catalogue.ts';
import { codeWords, failureWords, reasonWords } from './decisions.ts';
import { originWords, problemText, sentenceWords, warningText } from './policy-sentences.ts';
import { problemWords } from './problems.ts';
import { secondPersonText } from './safeguards.ts';

const openapi = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) })),
  ),
});

// The codes of the core (decision.ts, transport.ts). A new code without words must fail here, not on a page.
const REASONS = [
  'order-from-organisation',
  'order-from-stream',
  'order-from-domain',
  'order-from-recipient',
  'class-forbids-tls',
  'class-forbids-waiver',
  'lowered-forbids-waiver',
  'waivers-off',
  'waiver-chosen',
  'sent-under-waiver',
  'method-not-offered',
  'method-failed',
  'method-chosen',
  'protected-with',
  'password-by',
  'part-accepted',
  'parts-incomplete',
  'portal-is-last',
  'exclusive-tls',
  'nothing-left',
  'inbound-host',
  'inbound-sender',
  'inbound-opened',
  'inbound-signed',
  'inbound-left-sealed',
];
const FAILURES = [
  'tls-not-offered',
  'tls-handshake-failed',
  'tls-version-too-low',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-self-signed',
  'certificate-wrong-name',
  'no-verified-host',
  'dane-mismatch',
  'mta-sts-host-not-listed',
  'requiretls-not-offered',
  'requiretls-host-not-proven',
  'requiretls-demanded',
  'waiver-ended',
  'no-key',
  'key-expired',
  'key-revoked',
  'key-unusable',
  'key-change-unconfirmed',
  'key-untrusted',
  'revocation-unknown',
  'message-too-large',
  'no-password-channel',
  'not-configured',
];
const CODES = [
  'peer-deferred',
  'connect-failed',
  'connection-lost',
  'timeout',
  'dns-failed',
  'dnssec-failed',
  'no-method',
  'exclusive-tls',
  'destination-busy',
  'system-fault',
  'peer-refused',
  'no-such-domain',
  'null-mx',
  'domain-not-routed',
  'too-old',
  'message-too-large',
  'smtputf8-not-supported',
];

const parameters = {
  method: 'tls',
  host: 'mx.clinic.example',
  class: 'high',
  highest: 'light',
  failure: 'no-key',
  channel: 'portal',
  by: 'pgp',
  spf: 'pass',
  dkim: 'fail',
  dmarc: 'none',
  signature: 'unknown',
  why: 'unreadable',
  part: 1,
  of: 3,
  accepted: 2,
};

describe('words for decisions', () => {
  it.each(REASONS)('has a sentence for the reason %s', (code) => {
    const sentence = reasonWords(code, parameters);
    expect(sentence).not.toContain(code);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it.each(FAILURES)('has words for the failure %s', (code) => {
    expect(failureWords(code, parameters)).toMatch(/\.$/);
    expect(failureWords(code, parameters)).not.toContain(code);
  });

  it.each(CODES)('has a sentence for the code %s', (code) => {
    expect(codeWords(code, {})).toMatch(/^[A-Z].*\.$/);
  });

  it('names method, host and cause of a failed method', () => {
    expect(reasonWords('method-failed', { ...parameters, failure: 'tls-not-offered' })).toBe(
      'Verified TLS was not possible: mx.clinic.example offered no encryption.',
    );
  });

  it('keeps a host name small at the start of a sentence', () => {
    expect(codeWords('tls-not-offered', { host: 'mx.clinic.example' })).toBe(
      'mx.clinic.example offered no encryption.',
    );
    expect(codeWords('certificate-expired', { host: 'mx.clinic.example' })).toMatch(/^The certificate/);
  });

  it('shows an unknown code itself, never nothing', () => {
    expect(reasonWords('brand-new', {})).toBe('brand-new');
    expect(failureWords('brand-new', {})).toBe('brand-new');
  });
});

describe('words for problems', () => {
  it('says what happened and what to do, also for codes it does not know', () => {
    for (const code of ['not-permitted', 'version-conflict', 'brand-new']) {
      expect(problemWords(code).what).not.toBe('');
      expect(problemWords(code).next).not.toBe('');
    }
  });

  it('says why a person cannot be added, and leaves other reasons to the code', () => {
    expect(problemWords('already-exists', 'enrolled-elsewhere').what).toMatch(/person cannot be added/);
    expect(problemWords('already-exists', 'brand-new')).toEqual(problemWords('already-exists'));
  });
});

describe('pickLanguage', () => {
  it('takes the first of the reader’s languages that there is, else English', () => {
    expect(pickLanguage(['de-DE', 'en-GB'], ['en'])).toBe('en');
    expect(pickLanguage(['de'], ['en'])).toBe('en');
  });
});

describe('a policy in plain words', () => {
  // The codes of products/policies (describe-policy.ts, policy-warnings.ts) and of the decide stage's validation.
  const SENTENCES = [
    ...['order', 'exclusive', 'portal-is-last', 'tls', 'tls-highest', 'raising', 'no-raising', 'lowering'],
    ...['no-lowering', 'waivers', 'waivers-off', 'stream-rule', 'domain-rule', 'recipient-rule'],
    ...['portal-expiry', 'give-up'],
  ];
  const WARNINGS = [
    ...['tls-not-verified', 'waivers-on', 'lowering-on', 'long-expiry', 'may-not-deliver'],
    ...['high-never-delivered', 'rule-says-nothing', 'rule-changes-nothing', 'wider-rule-not-asked'],
  ];
  const PROBLEMS = [
    ...['empty-order', 'waiver-in-order', 'repeated-method', 'repeated-stream', 'repeated-domain'],
    ...['repeated-recipient', 'domain-invalid', 'address-invalid', 'trigger-invalid', 'repeated-trigger'],
    ...['out-of-range', 'class-too-high'],
  ];

  it.each(SENTENCES)('%s is a sentence', (code) => expect(sentenceWords(code, {})).toMatch(/^\S.*\.$/));
  it.each(WARNINGS)('%s is a sentence', (code) => expect(warningText(code, {})).toMatch(/^\S.*\.$/));
  it.each(PROBLEMS)('%s is a sentence', (code) => expect(problemText(code)).toMatch(/^\S.*\.$/));

  it('says of a rule what it says, and where a value comes from', () => {
    const rule = { domain: '*.partner.example', methods: 'tls portal', exclusive: 'true' };
    expect(sentenceWords('domain-rule', rule)).toBe(
      'For everybody below partner.example: use Verified TLS, then Portal; where that fails, do not deliver.',
    );
    const word = { layer: 'domain', rule: 'example.org', value: 'portal' };
    const over = [{ layer: 'organisation', rule: null, value: 'tls portal' }];
    expect(originWords('methods', word, over)).toBe(
      'from the rule for example.org; the organisation’s would have been Verified TLS, then Portal',
    );
  });
});

describe('acts that may wait for a second person', () => {
  it('each have words of ours for whoever is asked', () => {
    const document: unknown = JSON.parse(
      readFileSync(new URL('../../../../client/openapi.json', import.meta.url), 'utf8'),
    );
    const { paths } = openapi.parse(document);
    const held = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { responses }]) => JSON.stringify(responses['202'] ?? '').includes('HeldAct'))
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(held.length).toBeGreaterThan(20);
    expect(Object.keys(secondPersonText.acts).sort()).toEqual(held.sort());
  });
});
