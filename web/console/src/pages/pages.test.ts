import { describe, expect, it } from 'vitest';
import type { Decision } from '../api-types.ts';
import { keyState } from './api-keys/key-state.ts';
import { actionWords } from './audit/action-words.ts';
import { isAuditView } from './audit/audit-views.ts';
import { splitRecipients, wrongRecipient } from './compose/recipients.ts';
import { canBeRecalled, canBeStopped } from './message/recall.ts';
import { summarySentence } from './message/summary-sentence.ts';
import { replyText, tlsName, transportLine } from './message/transport-line.ts';
import { isMessageFilter, isMethodFilter } from './messages/filters.ts';
import { filtersInWords } from './messages/filters-in-words.ts';
import { sortStates } from './messages/sort-states.ts';
import { shares } from './overview/shares.ts';
import { addable, moveTo } from './policy/order.ts';
import { readTls, sameDocument, tlsValue, toDocument, toDraft } from './policy/rules.ts';
import { splitLinks } from './sandbox/split-links.ts';
import { missingCharacters } from './setup/passphrase-rule.ts';

const decision = (code: string, parameters: Record<string, string | number>): Decision => ({
  method: 'portal',
  order: ['tls', 'portal'],
  tls: { minimum: '1.2', authentication: 'verified' },
  policyVersion: 1,
  reasons: [{ code, parameters }],
});

describe('filters', () => {
  it('are named where they hide everything', () => {
    const words = filtersInWords({ state: 'bounced', method: 'none', since: '2026-11-22' });
    expect(words).toHaveLength(3);
    expect(words.slice(0, 2)).toEqual(['Bounced', 'Not sent']);
    expect(words[2]).toMatch(/^from .*2026/);
    expect(filtersInWords({})).toEqual([]);
  });

  it('take from a URL what they know, and nothing else', () => {
    expect(['tls', 'none', 'undecided', 7].map(isMethodFilter)).toEqual([true, true, false, false]);
    expect(['all', 'without-views', 'session.', null].map(isAuditView)).toEqual([true, true, false, false]);
  });
});

describe('summarySentence', () => {
  it('tells a copy that nobody picked up from one that could not be handed over', () => {
    const sentence = (method: 'portal' | 'tls') =>
      summarySentence({ state: 'expired', method, decision: null });
    expect(sentence('portal')).toMatch(/^Not read: it waited in the portal.*the sender was told\.$/);
    expect(sentence('tls')).toBe('Not delivered: the time to try was over.');
  });

  it('says what happened and why it was not the first method', () => {
    const because = decision('method-failed', {
      method: 'tls',
      failure: 'tls-not-offered',
      host: 'mx.no-tls.test',
    });
    expect(summarySentence({ state: 'portal-waiting', method: 'portal', decision: because })).toBe(
      'Waiting in the portal, because mx.no-tls.test offered no encryption.',
    );
  });

  it('names the method of a delivery and ends with one full stop', () => {
    expect(summarySentence({ state: 'delivered', method: 'tls', decision: null })).toBe(
      'Delivered over verified TLS.',
    );
    expect(summarySentence({ state: 'delivered', method: 'waiver', decision: null })).toBe(
      'Delivered in plain mail, as the recipient had asked.',
    );
    expect(summarySentence({ state: 'queued', method: null, decision: null })).toBe('On its way.');
  });

  it('explains a class that TLS may not carry', () => {
    const because = decision('class-forbids-tls', { class: 'high', highest: 'light' });
    expect(summarySentence({ state: 'portal-read', method: 'portal', decision: because })).toBe(
      'Read in the portal, because the message is of high sensitivity; TLS alone may carry at most light.',
    );
  });
});

describe('transportLine', () => {
  it('takes version names in every spelling', () => {
    expect(['TLSv1.3', '1.3', 'TLS 1.3'].map(tlsName)).toEqual(['TLS 1.3', 'TLS 1.3', 'TLS 1.3']);
  });

  it('says the enhanced code of a reply once', () => {
    expect(replyText({ code: 550, enhanced: '5.1.1', text: '5.1.1 no such user' })).toBe(
      '550 5.1.1 no such user',
    );
    expect(replyText({ code: 550, enhanced: '5.1.1', text: 'no such user' })).toBe('550 5.1.1 no such user');
    expect(replyText({ code: 250, enhanced: null, text: 'OK' })).toBe('250 OK');
  });

  it('is empty before the first attempt', () => {
    expect(transportLine({ attempts: [] })).toBe('');
  });
});

describe('recall', () => {
  it('reaches what has not left and what stands in the portal, and nothing that was delivered', () => {
    expect(canBeStopped({ state: 'deferred' })).toBe(true);
    expect(canBeStopped({ state: 'portal-waiting' })).toBe(false);
    expect(canBeRecalled({ state: 'portal-read' })).toBe(true);
    expect(canBeRecalled({ state: 'delivered' })).toBe(false);
  });
});

describe('the message list', () => {
  it('puts what needs somebody first', () => {
    const states = [
      { state: 'delivered', count: 3 },
      { state: 'portal-waiting', count: 1 },
      { state: 'bounced', count: 1 },
    ] as const;
    expect(sortStates(states).map((one) => one.state)).toEqual(['bounced', 'portal-waiting', 'delivered']);
    expect(states[0].state).toBe('delivered');
  });

  it('takes only its own filters from an address', () => {
    expect(isMessageFilter('failing')).toBe(true);
    expect(isMessageFilter('toString')).toBe(false);
    expect(isMessageFilter(undefined)).toBe(false);
  });
});

describe('shares', () => {
  it('leaves out what was not used and measures against the largest', () => {
    expect(
      shares([
        { method: 'pgp', count: 0 },
        { method: 'portal', count: 1 },
        { method: 'tls', count: 3 },
      ]),
    ).toEqual([
      { method: 'tls', count: 3, share: 75, ofLargest: 100 },
      { method: 'portal', count: 1, share: 25, ofLargest: expect.closeTo(33.33, 1) },
    ]);
  });
});

describe('recipients', () => {
  it('takes lines, commas, semicolons and angle brackets, each address once', () => {
    expect(splitRecipients('a@x.test, <b@y.test>;\n a@x.test')).toEqual(['a@x.test', 'b@y.test']);
    expect(splitRecipients('  ')).toEqual([]);
  });

  it('finds the first that is no address', () => {
    expect(wrongRecipient(['a@x.test', 'b@'])).toBe('b@');
    expect(wrongRecipient(['müller@bücher.example'])).toBeNull();
  });
});

describe('the policy editor', () => {
  it('moves an entry and leaves the list alone outside of it', () => {
    expect(moveTo(['tls', 'pgp', 'portal'], 2, 0)).toEqual(['portal', 'tls', 'pgp']);
    expect(moveTo(['tls', 'portal'], 0, 2)).toEqual(['tls', 'portal']);
    expect(moveTo(['tls', 'portal'], 0, -1)).toEqual(['tls', 'portal']);
  });

  it('never offers a waiver for the order', () => {
    expect(addable(['tls'])).toEqual(['pgp', 'smime', 'pdf', 'portal']);
  });

  it('gives back the document it was made from, without the fields of its version', () => {
    const document = {
      methods: ['tls', 'portal'] as ('tls' | 'portal')[],
      tls: { minimum: '1.2', authentication: 'verified' } as const,
      tlsHighestClass: 'light' as const,
      exclusive: false,
      waivers: { enabled: true, highestClass: 'light' as const },
      triggers: { raise: ['[secure]'], lower: [], lowering: false },
      streams: [{ stream: 'marketing' as const, methods: null, tls: null, exclusive: true }],
      domains: [{ domain: 'partner.example', methods: null, tls: null, exclusive: true }],
      recipients: [],
      portalExpiryDays: 30,
      giveUpDays: 5,
    };
    const versioned = { ...document, version: 4, createdAt: 'x' };
    expect(toDocument(toDraft(versioned))).toEqual(document);
    expect(
      sameDocument(document, Object.fromEntries(Object.entries(document).reverse()) as typeof document),
    ).toBe(true);
    expect(sameDocument(document, { ...document, exclusive: true })).toBe(false);
  });

  it('drops rules without a name', () => {
    const draft = toDraft({
      methods: ['tls'],
      tls: { minimum: '1.3', authentication: 'verified' },
      tlsHighestClass: 'high',
      exclusive: true,
      waivers: { enabled: false, highestClass: 'ordinary' },
      triggers: { raise: ['[secure] ', ''], lower: [], lowering: true },
      streams: [],
      domains: [{ domain: '', methods: null, tls: null, exclusive: null }],
      recipients: [],
      portalExpiryDays: 1,
      giveUpDays: 1,
    });
    expect(toDocument(draft).domains).toEqual([]);
    expect(toDocument(draft).triggers.raise).toEqual(['[secure]']);
    // An old document may say `high` for TLS; it never meant anything, and is not stored again.
    expect(toDocument(draft).tlsHighestClass).toBe('light');
  });

  it('reads back every TLS choice', () => {
    for (const value of ['', '1.2 verified', '1.3 encrypted-only'])
      expect(tlsValue(readTls(value))).toBe(value);
    expect(readTls('1.1 verified')).toBeNull();
  });
});

describe('splitLinks', () => {
  it('finds addresses without the full stop that ends the sentence', () => {
    expect(splitLinks('Open http://localhost/m/abc. Bye').map((part) => [part.text, part.link])).toEqual([
      ['Open ', false],
      ['http://localhost/m/abc', true],
      ['. Bye', false],
    ]);
  });

  it('makes no link of anything but http and https', () => {
    expect(splitLinks('javascript:alert(1) data:x').some((part) => part.link)).toBe(false);
  });
});

describe('small words', () => {
  it('makes words of an action', () => {
    expect(actionWords('api-key.created')).toBe('Made an API key');
    expect(actionWords('api-key.mended')).toBe('API key mended');
  });

  it('counts characters as people do', () => {
    expect(missingCharacters('żółw 🐢🐢', 10)).toBe(3);
    expect(missingCharacters('long enough for anybody', 15)).toBe(0);
  });

  it('knows whether a key can be used', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    expect(keyState({ revokedAt: null, expiresAt: '2026-11-22T12:00:00Z' }, now)).toBe('expired');
    expect(keyState({ revokedAt: '2026-01-01T00:00:00Z', expiresAt: null }, now)).toBe('revoked');
    expect(keyState({ revokedAt: null, expiresAt: null }, now)).toBe('usable');
  });
});
