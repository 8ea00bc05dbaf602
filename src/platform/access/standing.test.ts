import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS, type Permission, SCOPE_KINDS, type Scope } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import { hasAccess } from './permissions.ts';
import {
  careScope,
  explainAccess,
  type Given,
  grantsOf,
  mayPassOn,
  type RoleContents,
  type Standing,
  sourcesOf,
  wantedOf,
} from './standing.ts';

const permission = fc.constantFrom(...PERMISSIONS);
const permissions = fc.uniqueArray(permission, { maxLength: 8 });
const scope: fc.Arbitrary<Scope> = fc.record({
  kind: fc.constantFrom(...SCOPE_KINDS),
  id: fc.constantFrom('a', 'b'),
});
const maybeScope = fc.option(scope, { nil: null });
const contents: fc.Arbitrary<RoleContents> = fc.record({
  name: fc.constantFrom('Nurse', 'x', 'constructor'),
  permissions: fc.oneof(permissions, fc.constant(['messages:read-content', 'messages:send'] as const)),
  careOnly: fc.boolean(),
});
const given: fc.Arbitrary<Given> = fc.record({
  role: fc.constantFrom('r1', 'r2', 'r3', 'unknown'),
  via: fc.constantFrom('direct', 'assignment', 'group'),
  assignment: fc.constant(null),
  group: fc.constant(null),
  scope: maybeScope,
  until: fc.option(fc.date({ noInvalidDate: true }), { nil: null }),
});
const standing: fc.Arbitrary<Standing> = fc.record({
  operator: fc.boolean(),
  given: fc.array(given, { maxLength: 5 }),
  roles: fc.tuple(contents, contents, contents).map(
    ([a, b, c]) =>
      new Map([
        ['r1', a],
        ['r2', b],
        ['r3', c],
      ]),
  ),
  boundary: fc.option(fc.uniqueArray(permission, { minLength: 15 }), { nil: null }),
  guardrails: fc.array(
    fc.record({
      organisation: fc.constant('o' as OrganisationId),
      denied: fc.uniqueArray(permission, { maxLength: 3 }),
      caps: fc.dictionary(fc.constantFrom('nurse', 'x'), permissions, { maxKeys: 2 }),
    }),
    { maxLength: 2 },
  ),
  careRule: fc.boolean(),
});

describe('what decides and what explains', () => {
  it('say the same of everybody, every permission and every scope', { timeout: 30_000 }, () => {
    const asked = fc.oneof(maybeScope, maybeScope.map(careScope));
    let allowed = 0;
    fc.assert(
      fc.property(standing, asked, (who, where) => {
        const grants = grantsOf(who);
        const apart = PERMISSIONS.filter((one) => {
          const told = explainAccess(who, one, where);
          if (told.allowed) allowed += 1;
          return told.allowed !== hasAccess(grants, one, where ?? undefined) || told.reasons.length === 0;
        });
        expect(apart).toEqual([]);
      }),
      { numRuns: 600 },
    );
    expect(allowed).toBeGreaterThan(300);
  });

  it('never let through what a guardrail, a cap or the boundary stops, and give the operator nothing more', {
    timeout: 30_000,
  }, () => {
    fc.assert(
      fc.property(standing, (who) => {
        const { permissions: everywhere, scoped } = grantsOf(who);
        for (const one of [...everywhere, ...scoped.keys()]) {
          if (one === 'installation:operate') {
            expect(who.operator).toBe(true);
            continue;
          }
          if (who.boundary !== null) expect(who.boundary).toContain(one);
          for (const { denied } of who.guardrails) expect(denied).not.toContain(one);
          const names = [...who.roles.values()].filter((role) => role.permissions.includes(one));
          const capped = names.every(({ name }) =>
            who.guardrails.some(({ caps }) => {
              const cap = Object.entries(caps).find(([role]) => role === name.toLowerCase())?.[1];
              return cap !== undefined && !cap.includes(one);
            }),
          );
          expect(capped).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('passing on', () => {
  const role = { name: 'x', permissions: ['messages:read-content'] as Permission[], careOnly: false };
  const noon = new Date('2026-11-27T12:00:00Z');
  const evening = new Date('2026-11-27T18:00:00Z');
  const a: Scope = { kind: 'mailbox', id: 'a@clinic.test' };
  const b: Scope = { kind: 'mailbox', id: 'b@clinic.test' };
  const may = (
    held: { scope?: Scope; until?: Date; careOnly?: boolean; boundary?: Permission[]; denied?: Permission[] },
    wanted: { scope?: Scope; until?: Date; careOnly?: boolean },
  ): boolean => {
    const who: Standing = {
      operator: false,
      given: [
        {
          ...{ role: 'r', via: 'assignment', assignment: null, group: null },
          ...{ scope: held.scope ?? null, until: held.until ?? null },
        },
      ],
      roles: new Map([['r', { ...role, careOnly: held.careOnly ?? false }]]),
      boundary: held.boundary ?? null,
      guardrails: [{ organisation: 'o' as OrganisationId, denied: held.denied ?? [], caps: {} }],
      careRule: false,
    };
    const [asked] = wantedOf(
      { ...role, careOnly: wanted.careOnly ?? false },
      { scope: wanted.scope ?? null, until: wanted.until ?? null },
    );
    if (asked === undefined) throw new Error('nothing asked');
    return mayPassOn(sourcesOf(who), asked, who.guardrails) !== undefined;
  };

  it.each([
    ['everywhere gives everywhere', {}, {}, true],
    ['everywhere gives one thing', {}, { scope: a }, true],
    ['one thing gives the same thing', { scope: a }, { scope: a }, true],
    ['one thing gives no other', { scope: a }, { scope: b }, false],
    ['one thing gives not everything', { scope: a }, {}, false],
    ['for a time gives as long', { until: evening }, { until: evening }, true],
    ['for a time gives shorter', { until: evening }, { until: noon }, true],
    ['for a time gives no longer', { until: noon }, { until: evening }, false],
    ['for a time gives not for good', { until: noon }, {}, false],
    ['for care gives for care', { careOnly: true }, { careOnly: true }, true],
    ['for care gives not beyond care', { careOnly: true }, {}, false],
    ['beyond care gives for care', {}, { careOnly: true }, true],
    ['what the boundary stops is not given', { boundary: [] }, {}, false],
    ['what a guardrail stops may be given, and stays stopped', { denied: role.permissions }, {}, true],
    ['what both stop is not given', { boundary: [], denied: role.permissions }, {}, false],
  ] as const)('%s', (_, held, wanted, expected) => {
    expect(may(held as Parameters<typeof may>[0], wanted)).toBe(expected);
  });
});
