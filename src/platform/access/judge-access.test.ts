import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCESS_EFFECTS,
  type AccessFacts,
  type AccessRule,
  judgeAccess,
  RULE_MODES,
} from './judge-access.ts';
import { localTime } from './local-time.ts';
import { signInRisk } from './sign-in-risk.ts';

const facts: AccessFacts = {
  roles: ['nurse'],
  groups: ['ward'],
  permission: 'messages:read',
  address: '192.0.2.7',
  country: 'ES',
  device: 'known',
  posture: null,
  day: 1,
  minute: 9 * 60,
  risk: 30,
  factors: ['passphrase', 'totp'],
};
const rule = (when: AccessRule['when'], more: Partial<AccessRule> = {}): AccessRule => ({
  id: 'r',
  name: 'rule',
  mode: 'enforce',
  effect: 'deny',
  when,
  ...more,
});
const day = { except: false, days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60 };
const night = { except: false, days: [5], from: 22 * 60, to: 6 * 60 };

describe('conditions', () => {
  const table: [string, AccessRule['when'], Partial<AccessFacts>, boolean][] = [
    ['none at all', {}, {}, true],
    ['a role', { roles: ['nurse', 'physician'] }, {}, true],
    ['another role', { roles: ['physician'] }, {}, false],
    ['an empty list', { roles: [] }, {}, false],
    ['a group', { groups: ['ward'] }, {}, true],
    ['a permission', { permissions: ['messages:read'] }, {}, true],
    ['a permission at sign-in', { permissions: ['messages:read'] }, { permission: null }, false],
    ['a network', { networks: { except: false, list: ['192.0.2.0/24'] } }, {}, true],
    ['outside of a network', { networks: { except: true, list: ['192.0.2.0/24'] } }, {}, false],
    [
      'an unknown address outside',
      { networks: { except: true, list: ['192.0.2.0/24'] } },
      { address: null },
      true,
    ],
    [
      'an unknown address inside',
      { networks: { except: false, list: ['192.0.2.0/24'] } },
      { address: null },
      false,
    ],
    ['no networks', { networks: { except: false, list: [] } }, {}, false],
    ['IPv6', { networks: { except: false, list: ['2001:db8::/32'] } }, { address: '2001:db8::1' }, true],
    ['in a country', { countries: { except: false, list: ['PT', 'ES'] } }, {}, true],
    ['in another country', { countries: { except: false, list: ['PT'] } }, {}, false],
    ['outside of countries', { countries: { except: true, list: ['PT'] } }, {}, true],
    ['outside, from nowhere known', { countries: { except: true, list: ['ES'] } }, { country: null }, true],
    ['in, from nowhere known', { countries: { except: false, list: ['ES'] } }, { country: null }, false],
    ['a new device', { device: 'new' }, {}, false],
    ['a new device, new', { device: 'new' }, { device: 'new' }, true],
    ['not trusted', { device: 'not-trusted' }, {}, true],
    ['not trusted, trusted', { device: 'not-trusted' }, { device: 'trusted' }, false],
    ['posture unknown', { posture: 'not-compliant' }, {}, true],
    ['posture good', { posture: 'compliant' }, { posture: 'compliant' }, true],
    ['office hours', { hours: day }, {}, true],
    ['office hours, end', { hours: day }, { minute: 18 * 60 }, false],
    ['office hours, Sunday', { hours: day }, { day: 7 }, false],
    ['outside office hours', { hours: { ...day, except: true } }, { day: 7 }, true],
    ['night of Friday', { hours: night }, { day: 5, minute: 23 * 60 }, true],
    ['night of Friday, on Saturday', { hours: night }, { day: 6, minute: 5 * 60 }, true],
    ['Friday before dawn', { hours: night }, { day: 5, minute: 5 * 60 }, false],
    ['risk', { riskAtLeast: 30 }, {}, true],
    ['less risk', { riskAtLeast: 31 }, {}, false],
    ['a factor', { factors: { except: false, list: ['totp'] } }, {}, true],
    ['without a passkey', { factors: { except: true, list: ['passkey'] } }, {}, true],
    ['all together', { roles: ['nurse'], riskAtLeast: 30, hours: day }, {}, true],
    ['all but one', { roles: ['nurse'], riskAtLeast: 31, hours: day }, {}, false],
  ];
  it.each(table)('%s', (_name, when, given, holds) => {
    const { decision } = judgeAccess({ ...facts, ...given }, [rule(when)]);
    expect(decision).toBe(holds ? 'deny' : 'allow');
  });
});

describe('the decision', () => {
  const effects = (list: readonly AccessRule['effect'][]) =>
    judgeAccess(
      facts,
      list.map((effect) => rule({}, { effect })),
    ).decision;

  it('is the most severe; allowing lifts a step-up and never a denial; an alert changes nothing', () => {
    const table: [AccessRule['effect'][], string][] = [
      [[], 'allow'],
      [['alert'], 'allow'],
      [['allow'], 'allow'],
      [['step-up'], 'step-up'],
      [['step-up', 'alert'], 'step-up'],
      [['step-up', 'allow'], 'allow'],
      [['deny'], 'deny'],
      [['deny', 'allow'], 'deny'],
      [['deny', 'allow', 'step-up', 'alert'], 'deny'],
    ];
    for (const [list, decision] of table) expect([list, effects(list)]).toEqual([list, decision]);
  });

  const rules = fc.array(
    fc.record({
      id: fc.uuid(),
      name: fc.string(),
      mode: fc.constantFrom(...RULE_MODES),
      effect: fc.constantFrom(...ACCESS_EFFECTS),
      when: fc.record(
        { roles: fc.array(fc.constantFrom('nurse', 'physician')), riskAtLeast: fc.nat(100) },
        { requiredKeys: [] },
      ),
    }),
    { maxLength: 8 },
  );

  it('does not depend on the order, nor on rules that are off; rules on trial only say what would be', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const { decision, wouldBe } = judgeAccess(facts, list);
        expect(judgeAccess(facts, [...list].reverse()).decision).toBe(decision);
        const inForce = list.filter(({ mode }) => mode === 'enforce');
        expect(judgeAccess(facts, inForce).decision).toBe(decision);
        const all = list.map((one) => (one.mode === 'dry-run' ? { ...one, mode: 'enforce' as const } : one));
        expect(judgeAccess(facts, all).decision).toBe(wouldBe);
      }),
    );
  });

  it('never gets milder by a further rule that denies, nor stricter by one that allows', () => {
    const weight = { allow: 0, 'step-up': 1, deny: 2 };
    fc.assert(
      fc.property(rules, (list) => {
        const before = weight[judgeAccess(facts, list).decision];
        const more = (effect: AccessRule['effect']) =>
          weight[judgeAccess(facts, [...list, rule({}, { effect })]).decision];
        expect(more('deny')).toBe(2);
        expect(more('allow')).toBeLessThanOrEqual(before);
        expect(more('alert')).toBe(before);
      }),
    );
  });
});

describe('time and risk', () => {
  it('knows the local hour and day, over midnight and summer time', () => {
    const at = new Date('2026-07-05T22:30:00Z');
    expect(localTime(at, 'Europe/Madrid')).toEqual({ day: 1, minute: 30 });
    expect(localTime(at, 'America/New_York')).toEqual({ day: 7, minute: 18 * 60 + 30 });
    expect(localTime(at, 'no/where')).toEqual({ day: 7, minute: 22 * 60 + 30 });
  });

  it('reckons what is unlike the sign-ins before', () => {
    const usual = { network: 'n', device: 'd', agent: 'Firefox, Linux', minute: 10, country: 'ES' };
    const now = { ...usual, factors: ['passphrase', 'totp'] };
    const risk = (more: object, earlier = [usual]) => signInRisk({ ...now, ...more }, earlier);
    expect(risk({})).toEqual({ risk: 0, points: [] });
    expect(risk({ device: 'e', network: 'm' }, [])).toEqual({ risk: 0, points: [] });
    expect(risk({ device: 'e', network: 'm' })).toEqual({ risk: 50, points: ['new-device', 'new-network'] });
    expect(risk({ country: 'PT' })).toEqual({ risk: 30, points: ['new-country'] });
    expect(risk({ country: null }).points).toEqual([]);
    expect(risk({ device: null }).points).toEqual(['new-device']);
    const habit = Array.from({ length: 5 }, () => usual);
    expect(risk({ minute: 1430 }, habit).points).toEqual([]);
    expect(risk({ minute: 720 }, habit).points).toEqual(['unusual-hour']);
    expect(risk({ factors: ['recovery-code'] }).points).toEqual(['recovery-code']);
  });
});
