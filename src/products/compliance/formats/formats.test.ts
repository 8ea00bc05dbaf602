import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditLeaf } from '#platform/audit';
import { cefLeaf, cefLine } from './cef.ts';
import { csvHead, csvLine, lastField } from './csv.ts';
import { ocsfEvent } from './ocsf.ts';
import { ocsfProblems } from './ocsf-facts.ts';
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

describe('OCSF by its schema', () => {
  // Every action that there is: the console has a sentence for each, which a test of its own sees to.
  const sentences = readFileSync(
    new URL('../../../../web/console/src/text/audit-actions.ts', import.meta.url),
    'utf8',
  );
  const actions = [...new Set(sentences.match(/(?<=^ {4}')[a-z-]+(\.[a-z-]+)+(?=':)/gm))];
  const actors: AuditLeaf['actor'][] = [
    { kind: 'person', identity: 'i', session: 's' },
    { kind: 'api-key', apiKey: 'k' },
    { kind: 'recipient', person: 'p' },
    { kind: 'system', component: 'worker' },
  ];
  const people = { sender: 'a@x.test', recipients: ['b@x.test'] };

  it('finds every action’s event valid, whoever acted, whatever came of it, with names and without', () => {
    expect(actions.length).toBeGreaterThan(200);
    const classes = new Set<unknown>();
    const problems = new Set<string>();
    for (const action of [...actions, 'never.heard-of']) {
      for (const actor of actors) {
        for (const result of ['done', 'refused', 'failed'] as const) {
          for (const address of [null, '2001:db8::1']) {
            for (const named of [null, people]) {
              const entry = { action, actor, result, origin: { address, channel: 'worker' as const } };
              const found = ocsfEvent(shown(entry, { people: named }), '1', true);
              classes.add(Reflect.get(found, 'class_uid'));
              for (const problem of ocsfProblems(found)) problems.add(`${action}: ${problem}`);
            }
          }
        }
      }
    }
    expect([...problems]).toEqual([]);
    expect(classes).toEqual(new Set([3001, 3002, 3004, 4009, 6003]));
    expect(ocsfProblems(ocsfEvent(shown({}, { entry: null, leaf: null }), '1', true))).toEqual([]);
    expect(ocsfProblems(ocsfEvent(shown({ subjects: [] }, { position: null }), '1', false))).toEqual([]);
  });

  it('would find an event that is not valid', () => {
    const event = ocsfEvent(shown({ action: 'message.content-read' }), '1', true);
    const without = (name: string) =>
      Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
    expect(ocsfProblems(without('src_endpoint'))).toEqual(['src_endpoint is missing']);
    expect(ocsfProblems({ ...event, colour: 'red' })).toEqual(['colour is unknown']);
    expect(ocsfProblems({ ...event, severity_id: 7 })).toHaveLength(1);
    expect(ocsfProblems({ ...event, activity_id: 3 })).toEqual(['type_uid is not 600303']);
    expect(ocsfProblems({ ...event, actor: { user: {} } })).toHaveLength(1);
    expect(ocsfProblems({ ...event, time: '2026' })).toEqual(['time is of another type']);
  });
});

/** A CEF line taken apart as the format's own description says: escapes of the header, then those of extensions. */
function readCef(line: string): { head: string[]; fields: Record<string, string> } {
  const parts = /^((?:(?:[^|\\]|\\[|\\])*\|){7})(.*)$/s.exec(line);
  if (parts === null) throw new Error('no CEF');
  const [, header = '', rest = ''] = parts;
  const head = [...header.matchAll(/((?:[^|\\]|\\[|\\])*)\|/g)].map(([, one = '']) =>
    one.replaceAll(/\\([|\\])/g, '$1'),
  );
  const fields: Record<string, string> = {};
  for (const [, key = '', value = ''] of rest.matchAll(
    /(?:^| )([A-Za-z0-9]+)=((?:[^=\\\r\n]|\\[=\\rn])*?)(?=$| [A-Za-z0-9]+=)/g,
  )) {
    fields[key] = value.replaceAll(/\\([=\\rn])/g, (_, found: string) =>
      found === 'n' ? '\n' : found === 'r' ? '\r' : found,
    );
  }
  return { head, fields };
}

describe('CEF by its description', () => {
  it('gives every value back, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (request, version) => {
        const line = cefLine(shown({ request, details: { text: request } }), version, true);
        expect(line).not.toMatch(/[\r\n]/);
        const { head, fields } = readCef(line);
        const oneLine = version.replaceAll(/[\r\n]+/g, ' ');
        expect(head).toEqual([
          'CEF:0',
          'Sealpost',
          'Sealpost',
          oneLine,
          'policy.changed',
          'policy changed',
          '1',
        ]);
        expect(fields['cs4'] ?? '').toBe(request);
        expect(JSON.parse(fields['cs3'] ?? '')).toEqual({ text: request });
        expect(fields).toMatchObject({ cn1Label: 'position', cn1: '7', outcome: 'done', src: '192.0.2.7' });
      }),
    );
  });
});

describe('syslog', () => {
  const sender = { host: 'sealpost.clinic.test', version: '1' };

  it('has the form of RFC 5424 (6) whatever stands in an entry, and gives every value back', () => {
    // HEADER SP STRUCTURED-DATA SP MSG; PARAM-VALUE has no bare quote, bracket or backslash.
    const form =
      /^<(?<priority>\d{1,3})>1 (?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?<host>[!-~]{1,255}) sealpost - (?<id>[!-~]{1,32}) \[sealpost@32473(?<data>(?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] /s;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (request, host) => {
        const line = syslogMessage(shown({ request }), 'rfc5424', { ...sender, host });
        const found = form.exec(line)?.groups;
        expect(found).toBeDefined();
        const told = /request="((?:[^"\\\]]|\\["\\\]])*)"/s.exec(found?.['data'] ?? '')?.[1] ?? '';
        expect(told.replaceAll(/\\(["\\\]])/g, '$1')).toBe(request);
      }),
    );
  });

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
