import { describe, expect, it } from 'vitest';
import type { AuditLeaf } from '#platform/audit';
import { cefLeaf, cefLine } from './cef.ts';
import { csvHead, csvLine, lastField } from './csv.ts';
import { ocsfEvent } from './ocsf.ts';
import { leafBytes, leafText, type ShownEntry } from './shown-entry.ts';
import { framed, syslogMessage } from './syslog.ts';

function shown(changes: Partial<AuditLeaf> = {}, more: Partial<ShownEntry> = {}): ShownEntry {
  const entry: AuditLeaf = {
    ...{ action: 'policy.changed', format: 'sealpost-audit/1', id: '0199-id', organisation: '0199-org' },
    actor: { kind: 'person', identity: '0199-person', session: '0199-session' },
    ...{
      details: { version: 2 },
      reference: null,
      request: 'r1',
      result: 'done',
      time: '2026-11-22T10:00:00.000Z',
    },
    origin: { address: '192.0.2.7', channel: 'console' },
    subjects: [{ kind: 'policy', id: '2' }],
    ...changes,
  };
  return {
    id: entry.id,
    position: 7,
    leaf: Buffer.from(JSON.stringify(entry)),
    entry,
    people: null,
    ...more,
  };
}

describe('CSV', () => {
  it('has as many quoted fields in each record as in the head, and CRLF at its end', () => {
    const fields = (line: string) => line.slice(0, -2).match(/"(?:[^"]|"")*"/g)?.length;
    expect(csvHead().endsWith('\r\n')).toBe(true);
    for (const one of [shown(), shown({}, { entry: null, leaf: Buffer.from([0xff, 0x0a]) })]) {
      expect(fields(csvLine(one))).toBe(fields(csvHead()));
      expect(csvLine(one).slice(0, -2)).not.toMatch(/[\r\n]/);
    }
  });

  it.each(['=1+1', '+1', '-1', '@x'])('gives spreadsheets no formula: %s', (text) => {
    expect(csvLine(shown({ request: text }))).toContain(`"'${text}"`);
  });

  it('carries the very bytes of an entry', () => {
    const one = shown({ details: { quote: '"a", ""b""' } });
    expect(leafBytes(lastField(csvLine(one).trimEnd()) ?? '')).toEqual(one.leaf);
    const broken = shown({}, { entry: null, leaf: Buffer.from([0xff, 0x22, 0x0a]) });
    expect(leafBytes(lastField(csvLine(broken).trimEnd()) ?? '')).toEqual(broken.leaf);
  });
});

describe('CEF', () => {
  it('escapes header and extensions by their own rules', () => {
    const line = cefLine(shown({ request: 'a=b|c\\d' }), '1|2', false);
    expect(line.startsWith('CEF:0|Sealpost|Sealpost|1\\|2|policy.changed|policy changed|1|')).toBe(true);
    expect(line).toContain('cs4=a\\=b|c\\\\d');
    expect(line).not.toContain('\n');
  });

  it('carries the very bytes of an entry', () => {
    const one = shown({ details: { odd: 'a=b\\n|x cs6=y' } });
    expect(cefLeaf(cefLine(one, '1', true))).toBe(leafText(one.leaf));
  });
});

describe('OCSF', () => {
  const event = (changes: Partial<AuditLeaf>, people: ShownEntry['people'] = null) =>
    ocsfEvent(shown(changes, { people }), '1', true);

  it.each([
    ['session.started', 3002, 300201, ['user', 'service']],
    ['member.added', 3001, 300101, ['user', 'actor']],
    ['policy.changed', 3004, 300403, ['entity']],
    ['message.content-read', 6003, 600302, ['actor', 'api', 'src_endpoint']],
    ['delivery.bounced', 6003, 600399, ['actor', 'api', 'src_endpoint']],
  ])('writes %s as class %i with what the class demands', (action, uid, type, demanded) => {
    const found = event({ action });
    expect(found).toMatchObject({
      class_uid: uid,
      type_uid: type,
      status_id: 1,
      time: Date.parse('2026-11-22T10:00:00Z'),
    });
    expect(found).toMatchObject({
      metadata: { version: '1.1.0', product: { vendor_name: 'Sealpost' }, uid: '0199-id' },
    });
    for (const name of demanded) expect(found).toHaveProperty(name);
  });

  it('writes Email Activity only where sender and recipients may be shown', () => {
    const people = { sender: 'a@x.test', recipients: ['b@x.test'] };
    expect(event({ action: 'delivery.delivered' }, people)).toMatchObject({
      ...{ class_uid: 4009, type_uid: 400901, direction_id: 2 },
      email: { from: 'a@x.test', to: ['b@x.test'] },
    });
  });
});

describe('syslog', () => {
  const sender = { host: 'sealpost.clinic.test', version: '1' };

  it('is a message of RFC 5424 with escaped structured data', () => {
    const line = syslogMessage(shown({ result: 'refused', request: 'a"]\\' }), 'rfc5424', sender);
    expect(line).toMatch(
      /^<108>1 2026-11-22T10:00:00\.000Z sealpost\.clinic\.test sealpost - policy\.changed \[sealpost@32473 position="7" id="0199-id" /,
    );
    expect(line).toContain('request="a\\"\\]\\\\"');
  });

  it('is framed by its length in octets', () => {
    expect(framed('é').toString()).toBe('2 é');
  });

  it('tells the position in every format', () => {
    for (const format of ['rfc5424', 'cef', 'ocsf'] as const) {
      expect(syslogMessage(shown(), format, sender)).toContain('position="7" id="0199-id"');
    }
  });
});
