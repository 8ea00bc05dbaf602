import { beforeAll, describe, expect, it } from 'vitest';
import type { Fetched } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { createLookUp } from './look-up-key.ts';
import { makePgpKey } from './make-key.ts';

const ANNA = { local: 'anna', domain: 'clinic.example' };
const ADVANCED = 'openpgpkey.clinic.example';
const DIRECT = 'clinic.example';
const SERVER = 'keys.example.net';

let octets: Buffer;
let armoured: Buffer;
let foreign: Buffer;
beforeAll(async () => {
  const key = await makePgpKey('Anna', 'anna@clinic.example', new Date());
  octets = Buffer.from(key.toPublic().write());
  armoured = Buffer.from(key.toPublic().armor());
  foreign = Buffer.from((await makePgpKey('Eve', 'eve@evil.example', new Date())).toPublic().write());
});

const ok = (body: Buffer): Fetched => ({ kind: 'answered', status: 200, headers: {}, body });
const status = (code: number): Fetched => ({
  kind: 'answered',
  status: code,
  headers: {},
  body: Buffer.alloc(0),
});
const fail = (code: (Fetched & { kind: 'failed' })['code']): Fetched => ({ kind: 'failed', code });

/** Answers by host; what was asked, and with which bounds, is written down. */
function world(answers: Readonly<Record<string, () => Fetched>>, keyServers: readonly string[] = []) {
  const asked: string[] = [];
  const bounds: (number | undefined)[] = [];
  const lookUp = createLookUp({
    clock: systemClock,
    keyServers,
    fetch: async (url, limits) => {
      const { host } = new URL(url);
      asked.push(host);
      bounds.push(limits.timeoutMs, limits.maxBytes);
      return answers[host]?.() ?? fail('name-not-found');
    },
  });
  return { lookUp, asked, bounds };
}

describe('looking up a key', () => {
  it('takes the advanced method where its host is there', async () => {
    const { lookUp, asked, bounds } = world({ [ADVANCED]: () => ok(octets) });
    expect(await lookUp(ANNA)).toMatchObject({ kind: 'found', source: 'wkd' });
    expect(asked).toEqual([ADVANCED]);
    expect(bounds.every((bound) => bound !== undefined && bound <= 131_072)).toBe(true);
  });

  it('takes the direct method only where it is not', async () => {
    const without = world({ [DIRECT]: () => ok(octets) });
    expect(await without.lookUp(ANNA)).toMatchObject({ kind: 'found', source: 'wkd' });
    const present = world({ [ADVANCED]: () => status(404), [DIRECT]: () => ok(octets) });
    expect(await present.lookUp(ANNA)).toEqual({ kind: 'none' });
    expect(present.asked).toEqual([ADVANCED]);
  });

  it.each<[string, () => Fetched, 'none' | 'failed']>([
    ['a key of somebody else', () => ok(foreign), 'none'],
    ['something that is no key', () => ok(Buffer.from('<html>')), 'none'],
    ['too much', () => fail('too-large'), 'none'],
    ['an address inside our network', () => fail('forbidden-address'), 'none'],
    ['a bad certificate', () => fail('tls-failed'), 'none'],
    ['no answer in time', () => fail('timeout'), 'failed'],
    ['a server that is down', () => status(503), 'failed'],
  ])('does not take %s', async (_what, answer, wanted) => {
    expect(await world({ [ADVANCED]: answer }).lookUp(ANNA)).toEqual({ kind: wanted });
  });

  it('leaves a server alone that did not answer, whoever is asked for next', async () => {
    const { lookUp, asked } = world({ [ADVANCED]: () => fail('timeout') });
    await lookUp(ANNA);
    expect(await lookUp({ ...ANNA, local: 'ben' })).toEqual({ kind: 'failed' });
    expect(asked).toEqual([ADVANCED]);
  });

  it('asks key servers only where some are configured, and after the domain itself', async () => {
    const answers = { [SERVER]: () => ok(armoured) };
    const without = world(answers);
    expect(await without.lookUp(ANNA)).toEqual({ kind: 'none' });
    expect(without.asked).not.toContain(SERVER);
    const configured = world(answers, [SERVER]);
    expect(await configured.lookUp(ANNA)).toMatchObject({ kind: 'found', source: 'hkps' });
    expect(configured.asked).toEqual([ADVANCED, DIRECT, SERVER]);
  });
});
