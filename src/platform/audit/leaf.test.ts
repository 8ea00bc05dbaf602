import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import { AuditEntryInvalid, checkEntry, encodeLeaf, referenceHash } from './leaf.ts';
import { decodeLeaf } from './list.ts';
import { leafHash } from './merkle.ts';

const entry: AuditEntry = {
  organisation: '0190a0b0-0000-7000-8000-0000000000aa' as OrganisationId,
  action: 'message.accepted',
  actor: { kind: 'system', component: 'example' },
  origin: { address: null, channel: 'worker' },
  result: 'done',
  subjects: [{ kind: 'message', id: '0190a0b0-0000-7000-8000-0000000000bb' }],
  details: { recipients: 2 },
  sealedReference: null,
  request: null,
};
const ID = '0190a0b0-0000-7000-8000-000000000001';
const TIME = new Date('2026-11-22T04:00:00.000Z');

describe('leaf', () => {
  it('is the example of docs/reference/audit-format.md, byte for byte', () => {
    const page = readFileSync(new URL('../../../docs/reference/audit-format.md', import.meta.url), 'utf8');
    const [, example, hash] = /^ {4}(\{.*\})\n {4}([0-9a-f]{64})$/m.exec(page) ?? [];
    const leaf = encodeLeaf(ID, TIME, entry);
    expect(leaf.toString()).toBe(example);
    expect(leafHash(leaf).toString('hex')).toBe(hash);
  });

  it('does not depend on the order in which details were given', () => {
    const one = encodeLeaf(ID, TIME, { ...entry, details: { beta: 1, alpha: 'a', gamma: null } });
    const other = encodeLeaf(ID, TIME, { ...entry, details: { gamma: null, alpha: 'a', beta: 1 } });
    expect(one).toEqual(other);
    expect(one.toString()).toContain('"details":{"alpha":"a","beta":1,"gamma":null}');
  });

  it('has its keys in the order of RFC 8785 for every kind of actor', () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, inner]) => [name, sorted(inner)]),
      );
    };
    const actors = [
      { kind: 'person', session: 's', identity: 'i' },
      { kind: 'api-key', apiKey: 'k' },
      { person: 'p', kind: 'recipient' },
      { kind: 'system', component: 'c' },
    ] as AuditEntry['actor'][];
    for (const actor of actors) {
      const text = encodeLeaf(ID, TIME, { ...entry, actor }).toString();
      expect(text).toBe(JSON.stringify(sorted(JSON.parse(text))));
      expect(decodeLeaf(Buffer.from(text))?.actor).toEqual(actor);
    }
  });

  it('names the sealed reference by its hash only', () => {
    const sealedReference = Buffer.from('ciphertext');
    const leaf = encodeLeaf(ID, TIME, { ...entry, sealedReference });
    expect(decodeLeaf(leaf)?.reference).toBe(referenceHash(sealedReference));
    expect(leaf.includes('ciphertext')).toBe(false);
  });

  it('comes back from its bytes for every allowed entry', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9 .:/_äß-]{0,40}$/);
    const details = fc.dictionary(
      fc.stringMatching(/^[a-z][A-Za-z0-9-]{0,10}$/),
      fc.oneof(
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ),
      { maxKeys: 8 },
    );
    fc.assert(
      fc.property(details, text, (given, request) => {
        const full = { ...entry, details: given, request };
        checkEntry(full);
        const decoded = decodeLeaf(encodeLeaf(ID, TIME, full));
        expect(JSON.stringify(decoded?.details ?? null, Object.keys(given).sort())).toBe(
          JSON.stringify(given, Object.keys(given).sort()),
        );
        expect(decoded?.request).toBe(request);
      }),
    );
  });
});

describe('the guard', () => {
  const refused: [string, Partial<AuditEntry>][] = [
    ['an address in the details', { details: { to: 'anna@good-tls.test' } }],
    ['an address as a subject', { subjects: [{ kind: 'person', id: 'anna@good-tls.test' }] }],
    ['an address as a request', { request: 'anna@good-tls.test' }],
    ['long text', { details: { note: 'x'.repeat(257) } }],
    ['control characters', { details: { note: 'a\nb' } }],
    ['a number that is none', { details: { count: Number.NaN } }],
    ['a detail’s name that is text', { details: { 'anna smith': 1 } }],
    ['an action that is no dotted verb', { action: 'Message accepted' }],
    [
      'too many details',
      { details: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`d${at}`, at])) },
    ],
  ];
  it.each(refused)('refuses %s and says only where', (_name, changes) => {
    const act = (): void => checkEntry({ ...entry, ...changes });
    expect(act).toThrow(AuditEntryInvalid);
    expect(act).not.toThrow(/anna|xxx/);
  });

  it('takes no network address of a recipient, whichever way it names them', () => {
    const address = '203.0.113.9';
    const person = '0190a0b0-0000-7000-8000-0000000000cc' as PortalPersonId;
    const recipient: AuditEntry['actor'] = { kind: 'recipient', person };
    const refused = [
      { ...entry, origin: { address, channel: 'portal' as const } },
      { ...entry, actor: recipient, origin: { address, channel: 'api' as const } },
    ];
    for (const each of refused) expect(() => checkEntry(each)).toThrow(AuditEntryInvalid);
    expect(() => checkEntry({ ...entry, origin: { address, channel: 'console' } })).not.toThrow();
    expect(() =>
      checkEntry({ ...entry, actor: recipient, origin: { address: null, channel: 'portal' } }),
    ).not.toThrow();
  });

  it('lets bytes that are no leaf pass as unreadable', () => {
    expect(decodeLeaf(Buffer.from('{}'))).toBeNull();
    expect(decodeLeaf(Buffer.from('not json'))).toBeNull();
  });
});
