import { describe, expect, it } from 'vitest';
import type { RecipientFacts } from '#core/decision';
import { CLASSES, type Method, type SensitivityClass } from '#core/method';
import { DEFAULT_POLICY, type Policy, type WaiverPolicy } from '#core/policy';
import { decide } from './decide.ts';

const CAPABLE: readonly Method[] = ['tls', 'pgp', 'smime', 'pdf', 'portal'];
/** Every subset of what a recipient can receive. */
const CAPABILITIES: readonly (readonly Method[])[] = Array.from({ length: 2 ** CAPABLE.length }, (_, bits) =>
  CAPABLE.filter((_method, place) => (bits & (1 << place)) !== 0),
);
const ORDERS: readonly (readonly Method[])[] = [
  ['tls'],
  ['portal'],
  ['tls', 'portal'],
  ['portal', 'tls'],
  ['pgp', 'smime'],
  ['smime', 'pgp', 'tls', 'portal'],
  ['pdf', 'tls'],
  ['tls', 'portal', 'pdf'],
  ['tls', 'pgp', 'smime', 'pdf', 'portal'],
];
const WAIVERS: readonly WaiverPolicy[] = [
  { enabled: false, highestClass: 'light' },
  ...CLASSES.map((highestClass) => ({ enabled: true, highestClass })),
];

/** Without a waiver on record a lowering changes nothing (a property of its own): so three, not four. */
const WISHES: readonly (readonly [waiver: boolean, lowered: boolean])[] = [
  [false, false],
  [true, false],
  [true, true],
];

interface Row {
  readonly capable: readonly Method[];
  readonly order: readonly Method[];
  readonly exclusive: boolean;
  readonly tlsHighest: SensitivityClass;
  readonly waivers: WaiverPolicy;
  readonly class: SensitivityClass;
  /** A waiver is on record, and, in the third case, the message was lowered by a trigger word. */
  readonly waiver: boolean;
  readonly lowered: boolean;
}

function* rows(): Generator<Row> {
  for (const capable of CAPABILITIES)
    for (const order of ORDERS)
      for (const exclusive of [false, true])
        for (const tlsHighest of CLASSES)
          for (const waivers of WAIVERS)
            for (const cls of CLASSES)
              for (const [waiver, lowered] of WISHES)
                yield { capable, order, exclusive, tlsHighest, waivers, class: cls, waiver, lowered };
}

/** Which class each setting opens, written out: nothing opens the high one. */
const OPENS: Readonly<Record<SensitivityClass, readonly SensitivityClass[]>> = {
  ordinary: ['ordinary'],
  light: ['ordinary', 'light'],
  high: ['ordinary', 'light'],
};

/** The rule in other words than the code's: what can be done at all, then who is preferred. */
function expected(row: Row): Method | 'none' {
  const can = (method: Method): boolean =>
    row.capable.includes(method) && (method !== 'tls' || OPENS[row.tlsHighest].includes(row.class));
  const open =
    row.waiver &&
    !row.lowered &&
    row.waivers.enabled &&
    !row.exclusive &&
    OPENS[row.waivers.highestClass].includes(row.class);
  const portalIsLast = row.order.at(-1) === 'portal' || !row.order.includes('portal');
  const preferred = row.order.find((method) => can(method) && !(method === 'portal' && portalIsLast));
  if (preferred) return preferred;
  if (open) return 'waiver';
  const portal = can('portal') && (row.order.includes('portal') || !row.exclusive);
  return portal ? 'portal' : 'none';
}

const LAYERS = ['organisation', 'stream', 'domain', 'recipient'] as const;
type Layer = (typeof LAYERS)[number];

/** The same order, said by the organisation or by a narrower rule, with another one in every wider place. */
function policyOf(row: Row, layer: Layer = 'organisation'): Policy {
  const rule = { methods: row.order, tls: null, exclusive: row.exclusive };
  const wider = { methods: ['pdf'] as const, tls: null, exclusive: !row.exclusive };
  const at = (one: Layer) =>
    one === layer ? [rule] : LAYERS.indexOf(one) < LAYERS.indexOf(layer) ? [wider] : [];
  const [own] = at('organisation');
  return {
    ...DEFAULT_POLICY,
    methods: own?.methods ?? row.order,
    exclusive: own?.exclusive ?? row.exclusive,
    tlsHighestClass: row.tlsHighest,
    waivers: row.waivers,
    streams: at('stream').map((one) => ({ ...one, stream: 'business' })),
    domains: at('domain').map((one) => ({ ...one, domain: 'clinic.example' })),
    recipients: at('recipient').map((one) => ({ ...one, address: 'anna@clinic.example' })),
  };
}

/** What a recipient cannot receive is learned as a failure, or is not built: both ways must come to the same. */
const factsOf = (row: Row, learned: boolean): RecipientFacts => ({
  domain: 'clinic.example',
  addressIndex: 'anna@clinic.example',
  class: row.class,
  stream: 'business',
  waiver: row.waiver,
  lowered: row.lowered,
  offered: learned ? [...CAPABLE, 'waiver'] : [...row.capable, 'waiver'],
  failures: learned
    ? CAPABLE.filter((method) => !row.capable.includes(method)).map((method) => ({
        method,
        code: 'not-configured' as const,
        parameters: {},
      }))
    : [],
});

describe('the truth table of decide', () => {
  it('holds over every capability × order × exclusive × class × settings × waiver', () => {
    const counts = new Map<string, number>();
    const wrong: { row: Row; layer: Layer; got: string; want: string }[] = [];
    const layers = new Map<Layer, number>();
    let at = 0;
    for (const row of rows()) {
      const want = expected(row);
      // Every row at one layer, the layers in turn and out of step with the table's own loops.
      const layer = LAYERS[(at + Math.floor(at / 72)) % LAYERS.length] ?? 'organisation';
      at += 1;
      layers.set(layer, (layers.get(layer) ?? 0) + 1);
      const policy = policyOf(row, layer);
      for (const learned of [false, true]) {
        const { method: got } = decide(factsOf(row, learned), policy);
        if (got !== want) wrong.push({ row, layer, got, want });
        counts.set(got, (counts.get(got) ?? 0) + 1);
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    for (const layer of LAYERS) expect(layers.get(layer) ?? 0).toBeGreaterThan(9000);
    // Each end is reached, so the table is not about nothing.
    for (const end of [...CAPABLE, 'waiver', 'none']) expect(counts.get(end) ?? 0).toBeGreaterThan(0);
    const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
    expect(all).toBe(2 * 32 * ORDERS.length * 2 * 3 * 4 * 3 * 3);
  });

  it.each<[string, Partial<Row>, Method | 'none']>([
    ['a waiver yields to TLS that works', {}, 'tls'],
    ['a waiver comes before the portal', { capable: ['portal'] }, 'waiver'],
    [
      'not where the organisation has waivers off',
      { capable: ['portal'], waivers: { enabled: false, highestClass: 'light' } },
      'portal',
    ],
    ['not for a message that a trigger word lowered', { capable: ['portal'], lowered: true }, 'portal'],
    ['not without one on record', { capable: ['portal'], waiver: false }, 'portal'],
    ['not for a class above the setting', { capable: ['portal'], class: 'light' }, 'portal'],
    [
      'not for the high class, whatever the settings say',
      { class: 'high', tlsHighest: 'high', waivers: { enabled: true, highestClass: 'high' } },
      'portal',
    ],
    [
      'the high class without a seal or portal is not sent',
      { class: 'high', capable: ['tls'], tlsHighest: 'high' },
      'none',
    ],
    ['an exclusive rule stays exclusive', { capable: ['portal'], order: ['tls'], exclusive: true }, 'none'],
    [
      'the portal, where it is preferred to others, is kept to',
      { capable: ['portal'], order: ['portal', 'tls'] },
      'portal',
    ],
  ])('%s', (_name, over, want) => {
    const row: Row = {
      capable: ['tls', 'portal'],
      order: ['tls', 'portal'],
      exclusive: false,
      tlsHighest: 'light',
      waivers: { enabled: true, highestClass: 'ordinary' },
      class: 'ordinary',
      waiver: true,
      lowered: false,
      ...over,
    };
    expect(decide(factsOf(row, false), policyOf(row)).method).toBe(want);
  });

  it('decides two recipients of one message apart: one waiver opens one copy', () => {
    const policy = { ...DEFAULT_POLICY, waivers: { enabled: true, highestClass: 'light' } } as const;
    const base = {
      domain: 'clinic.example',
      class: 'light',
      stream: 'transactional',
      offered: ['portal', 'waiver'],
      lowered: false,
      failures: [],
    } as const;
    expect(decide({ ...base, addressIndex: 'anna@clinic.example', waiver: true }, policy).method).toBe(
      'waiver',
    );
    expect(decide({ ...base, addressIndex: 'ben@clinic.example', waiver: false }, policy).method).toBe(
      'portal',
    );
  });
});
