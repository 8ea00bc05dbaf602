import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Compiled,
  compileRules,
  evaluate as evaluateMatches,
  foldHits,
  matchRules,
  type Windows,
} from './evaluate.ts';
import type { Facts } from './facts.ts';
import { localClock } from './local-time.ts';
import { distanceKm } from './place.ts';
import { READY_RULES } from './ready-rules.ts';
import { type ActiveRule, activeRule, definitionSchema } from './rule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, at noon in UTC. */
const NOON = Date.UTC(2026, 5, 1, 12);

type World = Parameters<typeof evaluateMatches>[2];
const evaluate = (compiled: Compiled, entries: readonly Facts[], windows: Windows, around: World) =>
  evaluateMatches(matchRules(compiled, entries), windows, around);

let ids = 0;
function facts(over: Partial<Facts> & Pick<Facts, 'action'>): Facts {
  ids += 1;
  const address = over.address ?? '192.0.2.1';
  return {
    ...{
      id: String(ids),
      at: NOON,
      result: 'done',
      channel: 'console',
      actor: 'person:anna',
      account: 'anna',
    },
    ...{ address, network: address, recipient: null, details: {} },
    ...over,
  };
}

const PLACES: Readonly<Record<string, readonly [string, number, number]>> = {
  '192.0.2.1': ['US', 40.7, -74],
  '192.0.2.2': ['US', 42.4, -71],
  '203.0.113.1': ['SG', 1.3, 103.8],
};
const world = {
  local: localClock('UTC'),
  placeOf: (address: string) => {
    const [country, lat, lon] = PLACES[address] ?? ['XX', null, null];
    return { country, lat, lon };
  },
};

const rule = (code: string): ActiveRule => {
  const found = READY_RULES.find((one) => one.code === code);
  if (!found) throw new Error(`no rule ${code}`);
  return activeRule(code, found.severity, found.definition);
};
const hitsOf = (code: string, entries: readonly Facts[]) =>
  evaluate(compileRules([rule(code)]), entries, new Map(), world).length;
const times = (count: number, make: (index: number) => Facts) =>
  Array.from({ length: count }, (_, n) => make(n));

const refused = (over: Partial<Facts> = {}) =>
  facts({ action: 'session.refused', result: 'refused', ...over });
const started = (over: Partial<Facts> = {}) => facts({ action: 'session.started', ...over });

/** Entries that fire, and the same with one thing less, elsewhere, or too late. */
interface Table {
  readonly hit: readonly Facts[];
  readonly below: readonly Facts[];
  readonly elsewhere?: readonly Facts[];
  readonly late?: readonly Facts[];
}

/** Counting rules: `most` entries fire, one fewer do not, nor when one is of another group or out of the window. */
function counted(
  most: number,
  windowMs: number,
  make: (over: Partial<Facts>, n: number) => Facts,
  other: Partial<Facts>,
): Table {
  return {
    hit: times(most, (n) => make({}, n)),
    below: times(most - 1, (n) => make({}, n)),
    elsewhere: times(most, (n) => make(n === 0 ? other : {}, n)),
    late: times(most, (n) => make(n === 0 ? {} : { at: NOON + windowMs }, n)),
  };
}

const single = (entry: Facts, other: Facts): Table => ({ hit: [entry], below: [other] });
const weaker = (action: string, before: Facts['details'], now: Facts['details']): Table => ({
  hit: [facts({ action, details: before }), facts({ action, details: now })],
  below: [facts({ action, details: now }), facts({ action, details: before })],
});

const guess = (over: Partial<Facts>) =>
  facts({ action: 'portal.code-refused', channel: 'portal', recipient: 'p1', ...over, address: null });
const sentBy = (details: Facts['details'], over: Partial<Facts> = {}) =>
  facts({ action: 'message.accepted', details, ...over });
const TABLES: Readonly<Record<string, Table>> = {
  'sign-in.failures-account': counted(5, 15 * 60_000, (over) => refused(over), { account: 'ben' }),
  'sign-in.failures-network': counted(20, 10 * 60_000, (over) => refused(over), { network: '198.51.100.9' }),
  'sign-in.spraying': counted(5, 30 * 60_000, (over, n) => refused({ account: `a${n}`, ...over }), {
    network: '198.51.100.9',
  }),
  'sign-in.impossible-travel': {
    hit: [started(), started({ at: NOON + HOUR, address: '203.0.113.1' })],
    below: [started(), started({ at: NOON + HOUR, address: '192.0.2.2' })],
    elsewhere: [started(), started({ at: NOON + HOUR, address: '203.0.113.1', account: 'ben' })],
    late: [started(), started({ at: NOON + 2 * DAY, address: '203.0.113.1' })],
  },
  'sign-in.new-country': {
    hit: [started(), started({ address: '203.0.113.1' })],
    below: [started(), started({ address: '192.0.2.2' })],
    elsewhere: [started(), started({ address: '203.0.113.1', account: 'ben' })],
  },
  'sign-in.new-device': {
    hit: [started({ details: { device: 'd1' } }), started({ details: { device: 'd2' } })],
    below: [started({ details: { device: 'd1' } }), started({ details: { device: 'd1' } })],
    elsewhere: [
      started({ details: { device: 'd1' } }),
      started({ account: 'ben', details: { device: 'd2' } }),
    ],
  },
  'sign-in.new-network': {
    hit: [started(), started({ at: NOON + 15 * DAY, address: '203.0.113.1', network: '203.0.113.1' })],
    below: [started(), started({ at: NOON + 13 * DAY, address: '203.0.113.1', network: '203.0.113.1' })],
  },
  'sign-in.recovery-code': single(
    started({ details: { factors: 'passphrase recovery-code' } }),
    started({ details: { factors: 'passphrase totp' } }),
  ),
  'sign-in.account-recovered': single(
    facts({ action: 'account.recovery-started' }),
    facts({ action: 'recovery-codes.renewed' }),
  ),
  'sign-in.off-hours': {
    hit: [started({ at: NOON + 14 * HOUR })],
    below: [started()],
    elsewhere: [started({ at: NOON + 14 * HOUR, channel: 'api' })],
  },
  'data.bulk-reads': {
    hit: times(61, () => facts({ action: 'message.content-read' })),
    below: times(60, () => facts({ action: 'message.content-read' })),
    elsewhere: times(61, (n) => facts({ action: 'message.content-read', actor: `person:${n % 2}` })),
    late: times(61, (n) => facts({ action: 'message.content-read', at: NOON + (n % 2) * DAY })),
  },
  'data.bulk-lists': {
    hit: times(21, () => facts({ action: 'messages.listed', details: { count: 100 } })),
    below: times(20, () => facts({ action: 'messages.listed', details: { count: 100 } })),
    elsewhere: times(21, (n) =>
      facts({ action: 'messages.listed', details: { count: 100 }, actor: `${n % 2}` }),
    ),
  },
  'data.bulk-exports': counted(5, HOUR, (over) => facts({ action: 'audit.exported', ...over }), {
    actor: 'ben',
  }),
  'data.bulk-sends': {
    hit: [sentBy({ recipients: 501 })],
    below: [sentBy({ recipients: 500 })],
    elsewhere: [sentBy({ recipients: 400 }), sentBy({ recipients: 400 }, { actor: 'api-key:1' })],
    late: [sentBy({ recipients: 400 }), sentBy({ recipients: 400 }, { at: NOON + DAY })],
  },
  'settings.policy-weakened': weaker('policy.changed', { waivers: 'off' }, { waivers: 'ordinary' }),
  'settings.sign-in-weakened': single(
    facts({ action: 'sign-in-policy.changed', details: { loosened: true } }),
    facts({ action: 'sign-in-policy.changed', details: { loosened: false } }),
  ),
  'settings.access-weakened': weaker('session-settings.changed', { idleMinutes: 15 }, { idleMinutes: 60 }),
  'settings.retention-shortened': single(
    facts({ action: 'audit.retention-lowered', details: { years: 6, before: 7 } }),
    facts({ action: 'audit.retention-raised', details: { years: 7, before: 6 } }),
  ),
  'settings.new-administrator': single(
    facts({ action: 'member.added', details: { roles: 'sender administrator' } }),
    facts({ action: 'member.added', details: { roles: 'sender' } }),
  ),
  'settings.administrator-assigned': single(
    facts({ action: 'role.assigned', details: { role: 'administrator' } }),
    facts({ action: 'role.assigned', details: { role: 'nurse' } }),
  ),
  'settings.wide-api-key': single(
    facts({ action: 'api-key.created', details: { permissions: 8 } }),
    facts({ action: 'api-key.created', details: { permissions: 7 } }),
  ),
  'settings.mass-key-changes': counted(
    20,
    HOUR,
    (over) => facts({ action: 'recipient-key.trusted', ...over }),
    {
      actor: 'person:ben',
    },
  ),
  'settings.trust-anchor': single(
    facts({ action: 'trust-anchor.added' }),
    facts({ action: 'trust-anchor.removed' }),
  ),
  'settings.watching-weakened': single(
    facts({ action: 'alert-rule.changed', details: { loosened: 'off' } }),
    facts({ action: 'alert-rule.changed', details: { loosened: null } }),
  ),
  'emergency.break-glass': single(
    facts({ action: 'break-glass.started' }),
    facts({ action: 'break-glass.ended' }),
  ),
  'audit.verification-failed': single(
    facts({ action: 'audit.verified', details: { ok: false } }),
    facts({ action: 'audit.verified', details: { ok: true } }),
  ),
  'portal.code-guessing': counted(5, 15 * 60_000, guess, { recipient: 'p2' }),
  'portal.code-guessing-wide': counted(50, HOUR, guess, { action: 'portal.code-sent' }),
  'portal.questions-locked': counted(
    ...([3, HOUR] as const),
    (over, n) =>
      facts({ action: 'portal.locked', channel: 'portal', recipient: `p${n}`, ...over, address: null }),
    { recipient: 'p1' },
  ),
};

describe('each ready rule', () => {
  it('has its table here, unless it is about the state of the log', () => {
    const stream = READY_RULES.filter(({ definition }) => definition.detector.kind !== 'signal');
    expect(Object.keys(TABLES).sort()).toEqual(stream.map(({ code }) => code).sort());
    expect(READY_RULES.length).toBeGreaterThanOrEqual(25);
  });

  it('is written in the language of the rules', () => {
    for (const { definition } of READY_RULES) expect(definitionSchema.parse(definition)).toEqual(definition);
  });

  it.each(Object.entries(TABLES))('%s fires, and not below, elsewhere or too late', (code, table) => {
    expect(hitsOf(code, table.hit)).toBeGreaterThan(0);
    expect(hitsOf(code, table.below)).toBe(0);
    if (table.elsewhere) expect(hitsOf(code, table.elsewhere)).toBe(0);
    if (table.late) expect(hitsOf(code, table.late)).toBe(0);
  });
});

describe('what weakens without a number of its own', () => {
  it.each([
    ['settings.sign-in-weakened', 'organisation.portal-delegation-set', 'turned-on'],
    ['settings.sign-in-weakened', 'organisation.portal-delegation-removed', 'not-only'],
    ['settings.access-weakened', 'four-eyes.changed', 'keys retention'],
    ['settings.access-weakened', 'policy-setting.changed', 'four-eyes'],
  ])('%s hears of %s from who wrote it', (code, action, loosened) => {
    expect(hitsOf(code, [facts({ action, details: { loosened } })])).toBe(1);
    expect(hitsOf(code, [facts({ action, details: { loosened: null } })])).toBe(0);
  });
});

describe('what is usual', () => {
  const night = (back: number) => started({ at: NOON + 14 * HOUR - back * DAY });

  it('lets a night shift work at night: three nights make a habit, two do not', () => {
    const last = (nights: readonly Facts[]) => {
      const windows: Windows = new Map();
      const compiled = compileRules([rule('sign-in.off-hours')]);
      evaluate(compiled, nights, windows, world);
      return evaluate(compiled, [night(0)], windows, world).length;
    };
    expect(last([night(3), night(2), night(1)])).toBe(0);
    expect(last([night(2), night(1)])).toBe(1);
    expect(last([night(40), night(39), night(38)])).toBe(1);
  });

  it('lets a sender of many send many, on the weekday that they do', () => {
    const sent = (amount: number, at: number) => {
      const windows: Windows = new Map();
      const compiled = compileRules([rule('data.bulk-sends')]);
      const mondays = [4, 3, 2, 1].map((back) => sentBy({ recipients: 800 }, { at: NOON - back * 7 * DAY }));
      evaluate(compiled, mondays, windows, world);
      return evaluate(compiled, [sentBy({ recipients: amount }, { at })], windows, world).length;
    };
    expect([sent(800, NOON), sent(801, NOON)]).toEqual([0, 1]);
    expect([sent(500, NOON + DAY), sent(501, NOON + DAY)]).toEqual([0, 1]);
  });

  it('goes by the zone of the organisation, over the change of its clocks', () => {
    const local = localClock('America/New_York');
    expect(local(Date.UTC(2026, 0, 15, 12))).toMatchObject({ hour: 7, weekday: 4 });
    expect(local(Date.UTC(2026, 6, 15, 12))).toMatchObject({ hour: 8, weekday: 3 });
    expect(local(Date.UTC(2026, 6, 15, 2))).toMatchObject({ hour: 22, weekday: 2 });
  });

  it('measures the globe', () => {
    expect(distanceKm([40.7, -74], [1.3, 103.8])).toBeCloseTo(15_340, -2);
    expect(distanceKm([0, 179.5], [0, -179.5])).toBeCloseTo(111, 0);
  });
});

describe('windows', () => {
  const all = compileRules(READY_RULES.map(({ code }) => rule(code)));
  const entry = fc.record({
    step: fc.integer({ min: 0, max: 400_000 }),
    action: fc.constantFrom(
      'session.refused',
      'session.started',
      'message.content-read',
      'portal.code-refused',
      'policy.changed',
    ),
    account: fc.constantFrom('anna', 'ben', 'cleo'),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2', '203.0.113.1'),
    waivers: fc.constantFrom('off', 'ordinary', 'high'),
  });

  it('find the same wherever the stream is cut and however often they are put down and taken up', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 120 }),
        fc.array(fc.nat(120), { maxLength: 8 }),
        (steps, cuts) => {
          let at = NOON;
          const stream = steps.map(({ step, action, account, address, waivers }) => {
            at += step;
            const portal = action.startsWith('portal.');
            return facts({
              ...{ action, at, account, actor: `person:${account}`, address, network: address },
              ...{ recipient: portal ? account : null, details: { waivers } },
            });
          });
          const whole = evaluate(all, stream, new Map(), world);
          const parts: typeof whole = [...new Set([0, ...cuts, stream.length])]
            .sort((a, b) => a - b)
            .reduce(
              (state, cut, index, list) => {
                const windows: Windows = new Map(JSON.parse(state.kept));
                const found = evaluate(all, stream.slice(cut, list[index + 1]), windows, world);
                return { hits: [...state.hits, ...found], kept: JSON.stringify([...windows]) };
              },
              { hits: [] as (typeof whole)[number][], kept: '[]' },
            ).hits;
          expect(parts).toEqual(whole);
          expect(foldHits(parts)).toEqual(foldHits(whole));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stay small, however much is counted', () => {
    const windows: Windows = new Map();
    const busy = rule('sign-in.failures-network');
    const wide = {
      ...busy,
      definition: { ...busy.definition, detector: { ...busy.definition.detector, threshold: 100_000 } },
    };
    evaluate(
      compileRules([wide as ActiveRule]),
      times(5_000, (n) => refused({ at: NOON + n })),
      windows,
      world,
    );
    const [state] = windows.values();
    expect(JSON.stringify(state).length).toBeLessThan(16_000);
    expect(state?.s.h?.reduce((sum, [, amount]) => sum + amount, 0)).toBe(5_000);
  });

  it('put hits of one group together until it has been quiet for a day', () => {
    const hits = evaluate(
      compileRules([rule('emergency.break-glass')]),
      [0, 1, 30, 80].map((hours) => facts({ action: 'break-glass.started', at: NOON + hours * HOUR })),
      new Map(),
      world,
    );
    expect(foldHits(hits).map(({ hits: count }) => count)).toEqual([2, 1, 1]);
  });
});
