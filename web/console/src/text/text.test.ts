import { describe, expect, it } from 'vitest';
import { pickLanguage } from './catalogue.ts';
import { codeWords, failureWords, reasonWords } from './decisions.ts';
import { problemWords } from './problems.ts';

// The codes of the core (decision.ts, transport.ts). A new code without words must fail here, not on a page.
const REASONS = [
  'order-from-organisation',
  'order-from-domain',
  'order-from-recipient',
  'class-forbids-tls',
  'class-forbids-waiver',
  'waivers-off',
  'waiver-chosen',
  'sent-under-waiver',
  'method-not-offered',
  'method-failed',
  'method-chosen',
  'protected-with',
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
