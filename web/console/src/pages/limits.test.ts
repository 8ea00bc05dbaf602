import { describe, expect, it } from 'vitest';
import type { AccessExplanation, MemberAccess, Permission } from '../api-types.ts';
import { fileProblem, sha256Of } from './audit/evidence-file.ts';
import { careMoments, dayOf } from './care/care-days.ts';
import { cutsOf, heldOf, wouldCut } from './people/standing.ts';
import { stopsIn } from './roles/stops-in.ts';
import { answered } from './second-person/answer-lines.ts';
import { fieldName, inWords } from './second-person/in-words.ts';
import { countryName } from './sessions/country-name.ts';

type Source = MemberAccess['sources'][number];

const source = (permission: Permission, role: string, more: Partial<Source> = {}): Source => ({
  ...{ permission, role, via: 'direct', group: null, assignment: null, scope: null, until: null },
  ...{ underCare: false, stopped: null },
  ...more,
});
const cap = { code: 'role-cap', organisation: 'o' } as const;
const boundary = { code: 'boundary', organisation: null } as const;

describe('what is cut of a person’s rights', () => {
  it('is one line for each permission and what stops it, with the roles that would give it', () => {
    const cuts = cutsOf([
      source('audit:read', 'auditor', { stopped: boundary }),
      source('audit:read', 'compliance-officer', { stopped: boundary }),
      source('audit:read', 'auditor', { stopped: boundary, via: 'group' }),
      source('messages:read', 'nurse', { stopped: cap }),
      source('messages:read', 'sender'),
    ]);
    expect(cuts).toEqual([
      {
        ...{ permission: 'audit:read', stop: boundary, stillHeld: false },
        roles: ['auditor', 'compliance-officer'],
      },
      { permission: 'messages:read', stop: cap, roles: ['nurse'], stillHeld: true },
    ]);
  });

  it('would be what roles give and a boundary does not let through, each once', () => {
    const sources = [source('messages:read', 'nurse'), source('audit:read', 'a'), source('audit:read', 'b')];
    expect(wouldCut(sources, new Set(['messages:read']))).toEqual(['audit:read']);
    expect(wouldCut(sources, new Set())).toEqual(['messages:read', 'audit:read']);
  });

  it('leaves what is not stopped; what is held everywhere for good needs no further words', () => {
    const mailbox = source('messages:read', 'nurse', { scope: { kind: 'mailbox', id: 'w@clinic.test' } });
    const everywhere = source('messages:read', 'sender');
    const stopped = source('audit:read', 'auditor', { stopped: boundary });
    expect([...heldOf([mailbox, stopped])]).toEqual([['messages:read', [mailbox]]]);
    expect([...heldOf([mailbox, everywhere, stopped])]).toEqual([['messages:read', [everywhere]]]);
  });
});

describe('what stops a permission', () => {
  it('names each organisation once', () => {
    const reason = (code: AccessExplanation['reasons'][number]['code'], organisation: string | null) => ({
      ...{ code, organisation, role: 'nurse', via: null, group: null, assignment: null, scope: null },
      until: null,
    });
    expect(
      stopsIn([
        reason('stopped-by-guardrail', 'o'),
        reason('stopped-by-guardrail', 'o'),
        reason('stopped-by-role-cap', 'p'),
      ]),
    ).toEqual({ boundary: false, organisations: ['o', 'p'] });
    expect(stopsIn([reason('stopped-by-boundary', null)])).toEqual({ boundary: true, organisations: [] });
  });
});

describe('days of a care relationship', () => {
  it('go from the first’s beginning to the last’s end, in the reader’s zone', () => {
    const { since, until } = careMoments('2026-03-01', '2026-03-01');
    expect(new Date(until ?? '').getTime() - new Date(since).getTime()).toBe(86_400_000 - 1);
    expect(careMoments('2026-03-01', '').until).toBeNull();
    expect(dayOf(new Date(2026, 2, 1, 23, 59))).toBe('2026-03-01');
  });
});

describe('a file of evidence', () => {
  it('is refused when it is empty or too large, before anything is sent', () => {
    expect([fileProblem(null), fileProblem({ size: 1 }), fileProblem({ size: 25 * 1024 * 1024 })]).toEqual([
      ...[null, null, null],
    ]);
    expect(fileProblem({ size: 0 })).toMatch(/empty/);
    expect(fileProblem({ size: 25 * 1024 * 1024 + 1 })).toMatch(/25 MiB/);
  });

  it('is compared by its SHA-256 (FIPS 180-4, “abc”)', async () => {
    expect(await sha256Of(new Blob(['abc']))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

describe('what a second person is asked', () => {
  it('names people, rights and roles, and leaves the rest as it is', () => {
    const names = new Map([['p1', 'Leo Brandt']]);
    expect(inWords('p1', names, undefined)).toBe('Leo Brandt');
    expect(inWords('nurse, messages:send, 30', names, undefined)).toBe('Nurse, Send messages, 30');
    expect(inWords('true', names, undefined)).toBe('yes');
  });

  it('says where each value stands as people would', () => {
    const names = [
      'body.serviceAccount',
      'params.id',
      'body.rules[0].clientKey',
      'body[2].TLS',
      'body.permissions',
    ];
    expect(names.map(fieldName)).toEqual([
      'Service account',
      'Of',
      'Rules 1, client key',
      '3, TLS',
      'May do',
    ]);
  });

  it('gets an answer with what is shown once apart, as links where it is a link, and nothing that is empty', () => {
    const at = (route: string, answer: object) => answered(route, JSON.stringify(answer), 'https://c.test');
    const key = { label: 'Lab', scopes: [], permissions: ['a', 'b'], end: null };
    expect(at('POST /v1/api-keys', { key, secret: 'sp_x' })).toEqual({
      ...{ once: [['secret', 'sp_x']], file: null },
      rest: [
        ['key.label', 'Lab'],
        ['key.permissions', 'a, b'],
      ],
    });
    expect(at('POST /v1/members', { id: '7', invitation: { token: 't', expiresAt: '' } })).toMatchObject({
      once: [['link', 'https://c.test/invitation#t']],
    });
    const recovery = at('POST /v1/members/:id/recovery', { token: 't' });
    expect(recovery.once).toEqual([['link', 'https://c.test/recovery#t']]);
    const kit = { fileName: 'kit.txt', content: 'words', code: '12' };
    expect(at('POST /v1/setup/recovery-kit', kit)).toEqual({
      ...{ once: [['code', '12']], rest: [] },
      file: { name: 'kit.txt', content: 'words' },
    });
  });
});

describe('a country', () => {
  it('has its name, and its code where that is none', () => {
    expect(countryName('NL', 'en')).toBe('Netherlands');
    expect(countryName('?', 'en')).toBe('?');
  });
});
