import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import { silentLogger } from '#platform/runtime';
import { createMonitoring, type Monitoring } from '#products/monitoring';
import { callerOf } from '../platform/access/test-kit.ts';
import { openSafeguards, type SafeguardStage } from '../products/safeguards/test-kit.ts';

// Whoever is watched cannot make what watches them silent without it being heard once more: before, not after.

let stage: SafeguardStage;
let monitoring: Monitoring;
let admin: Caller;
let channel = '';
const posted: string[] = [];

beforeAll(async () => {
  stage = await openSafeguards();
  const { database, vault } = stage.ports;
  monitoring = createMonitoring({
    ...{ database, vault: vault as never, audit: stage.audit, clock: stage.world.clock },
    ...{ logger: silentLogger, placeOf: null, zone: async () => 'UTC', locale: async () => 'en' },
    ...{ reader: async () => null, operators: async () => [], sendNotice: async () => undefined },
    gateway: async () => null,
    post: async (_url, _headers, body) => {
      posted.push(body);
      return { kind: 'answered', status: 204 };
    },
  });
});
afterAll(async () => {
  await stage.server.close(100);
  await stage.world.close();
});
beforeEach(async () => {
  admin = callerOf(await stage.join(null, ['administrator']));
  const to = { kind: 'webhook', label: 'SIEM', url: 'https://siem.test/hook' } as const;
  channel = (await monitoring.channels.make(admin, { to, least: 'medium', active: true })).channel.id;
  posted.length = 0;
});

const heard = async () => {
  await monitoring.send();
  return posted.map((body) => JSON.parse(body).incident?.rule ?? null);
};
const WATCHING = 'settings.watching-weakened';
const soon = () => new Date(stage.world.clock.now().getTime() + 3_600_000);
const ruleOf = async (id: string) => {
  const rule = (await monitoring.rules.list(admin)).find((one) => one.id === id);
  if (rule === undefined) throw new Error(id);
  return rule;
};

describe('weakening what watches', () => {
  it.each([
    ['muting', () => monitoring.channels.setSettings(admin, { mutedUntil: soon(), escalateMinutes: 60 })],
    ['no escalation', () => monitoring.channels.setSettings(admin, { mutedUntil: null, escalateMinutes: 0 })],
    ['a channel off', () => monitoring.channels.change(admin, channel, { least: 'medium', active: false })],
    ['a channel removed', () => monitoring.channels.remove(admin, channel)],
    ['the rule itself off', () => monitoring.rules.change(admin, WATCHING, 0, { active: false })],
    ['the rule itself told to nobody', () => monitoring.rules.change(admin, WATCHING, 0, { channels: [] })],
    [
      'a rule that looks elsewhere',
      async () => {
        const { definition } = await ruleOf('emergency.break-glass');
        const match = { ...definition.match, actions: ['message.sent'] };
        await monitoring.rules.change(admin, 'emergency.break-glass', 0, {
          definition: { ...definition, match },
        });
      },
    ],
  ])('%s is heard by the channel that was there', async (_name, act) => {
    await act();
    expect(await heard()).toEqual([WATCHING]);
  });

  it('is heard each time, and not where nothing was weakened', async () => {
    const settings = { mutedUntil: null, escalateMinutes: 0 };
    await monitoring.channels.setSettings(admin, settings);
    await monitoring.channels.setSettings(admin, { ...settings, mutedUntil: soon() });
    expect(await heard()).toEqual([WATCHING, WATCHING]);
    posted.length = 0;
    await monitoring.channels.setSettings(admin, { mutedUntil: null, escalateMinutes: 30 });
    await monitoring.rules.change(admin, WATCHING, 0, { severity: 'high' });
    expect(await heard()).toEqual([]);
  });

  it('sends nothing more by a channel that was off before', async () => {
    await monitoring.channels.change(admin, channel, { least: 'medium', active: false });
    await heard();
    posted.length = 0;
    stage.world.clock.advance(5);
    await monitoring.channels.test(admin, channel);
    expect(await heard()).toEqual([]);
  });
});
