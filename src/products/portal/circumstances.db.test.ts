import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type Placed, type PortalStage } from '../../../test/support/portal.ts';

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36';
const HOME = '192.0.2.7';
const SESSION = '__Host-sealpost-portal';
const DEVICE = '__Host-sealpost-device';

let stage: PortalStage;
let clinic: OrganisationId;
let placed: Placed;
let count = 0;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
  for (const [address, country] of [
    [HOME, 'ES'],
    ['198.51.100.3', 'ES'],
    ['203.0.113.3', 'RU'],
  ] as const)
    stage.countries.set(address, country);
});
afterAll(() => stage.close());

/** Signs in from home, on Linux with Firefox, and remembers the device. */
async function signedIn(address = HOME): Promise<PageBrowser> {
  count += 1;
  // Codes are limited by the hour and network.
  stage.clock.advance(3_600_000);
  placed = await stage.place({ organisation: clinic, to: `c${count}@x.test` });
  const reader = new PageBrowser(stage.server, { userAgent: LINUX, address });
  await reader.get(`/m/${placed.linkToken}`);
  await reader.press(/^\/m\//, {}, 'code');
  const body = stage.notices.at(-1)?.body;
  await reader.press('/code', { code: body?.kind === 'sign-in-code' ? body.code : '', remember: 'yes' });
  expect(reader.path).toBe(`/messages/${placed.item}`);
  return reader;
}

/** Somebody else with a copy of these cookies. */
function thief(owner: PageBrowser, cookies: readonly string[], userAgent: string, address: string) {
  const one = new PageBrowser(stage.server, { userAgent, address });
  for (const name of cookies) one.cookies.set(name, owner.cookies.get(name) ?? '');
  return one;
}

const ELSEWHERE = [
  ['another browser', CHROME, HOME],
  ['another country', LINUX, '203.0.113.3'],
  ['a country that nobody knows', LINUX, '10.0.0.1'],
  ['another system in another network', WINDOWS, '198.51.100.3'],
] as const;

describe('a stolen session cookie', () => {
  it.each(ELSEWHERE)('is asked again from %s, shows nothing, and ends', async (_, userAgent, address) => {
    const owner = await signedIn();
    const one = thief(owner, [SESSION], userAgent, address);
    for (const path of ['/messages', `/messages/${placed.item}`, '/preferences', '/ways', '/access']) {
      await one.get(path);
      expect([path, one.path]).toEqual([path, '/sign-in']);
      expect(one.page).not.toMatch(/All is well|Riverside/);
    }
    // Seen in two hands: whoever owns it signs in once more.
    await owner.get('/messages');
    expect(owner.path).toBe('/sign-in');
    const ended = await stage.database.tenant([clinic], 'app', async (tx) =>
      (await tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry order by id' }))
        .map(({ leaf }) => JSON.parse(leaf.toString()))
        .filter(({ action }) => action === 'portal.session-ended'),
    );
    expect(ended.at(-1)).toMatchObject({ result: 'refused', details: { reason: 'circumstances' } });
  });

  it('goes on where one thing changed that changes on its own: the network, or a version', async () => {
    const owner = await signedIn();
    for (const [userAgent, address] of [
      [LINUX, '198.51.100.3'],
      [LINUX.replace('140', '141'), HOME],
    ] as const) {
      const same = thief(owner, [SESSION], userAgent, address);
      await same.get('/messages');
      expect(same.path).toBe('/messages');
    }
  });

  it('compares no country where none was known when it began', async () => {
    const owner = await signedIn('10.0.0.1');
    const roaming = thief(owner, [SESSION], LINUX, '203.0.113.3');
    await roaming.get('/messages');
    expect(roaming.path).toBe('/messages');
  });
});

describe('a stolen device cookie', () => {
  it.each(ELSEWHERE)('is asked for a code from %s, with the link in hand', async (_, userAgent, address) => {
    const owner = await signedIn();
    const one = thief(owner, [DEVICE], userAgent, address);
    await one.get(`/m/${placed.linkToken}`);
    expect(one.page).not.toContain('Open message');
    await one.press(/^\/m\//, { act: 'open' });
    expect(one.path).toBe('/code');
    expect(one.cookies.has(SESSION)).toBe(false);
    // It stays its owner's.
    const home = thief(owner, [DEVICE], LINUX, HOME);
    await home.get(`/m/${placed.linkToken}`);
    expect(home.page).toContain('Open message');
  });

  it('opens nothing without a link', async () => {
    const owner = await signedIn();
    const one = thief(owner, [DEVICE], LINUX, HOME);
    await one.get('/messages');
    expect(one.path).toBe('/sign-in');
    await one.get(`/messages/${placed.item}`);
    expect(one.path).toBe('/sign-in');
  });
});
