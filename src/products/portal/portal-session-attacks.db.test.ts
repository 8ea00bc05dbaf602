// Attacks on a recipient's session. Each is tried on the portal as it is, and then on one that is composed without the defence in
// question: there it must succeed, or the test would prove nothing. Nothing but a test can leave a part out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import type { HttpServer, InjectedAnswer } from '#platform/http';
import { formsOf, PageBrowser } from '../../../test/support/page-browser.ts';
import {
  openPortalStage,
  type Placed,
  type PortalStage,
  type Without,
} from '../../../test/support/portal.ts';
import type { FormTokens } from './form-token.ts';
import type { PortalParts } from './portal-parts.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36';
const [HOME, ABROAD] = ['192.0.2.7', '203.0.113.3'];
const [SESSION, DEVICE] = ['__Host-sealpost-portal', '__Host-sealpost-device'] as const;
const EVIL = 'https://portal.clinic.test.evil.test';

let stage: PortalStage;
let clinic: OrganisationId;
let placed: Placed;
let count = 0;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
  stage.countries.set(HOME, 'ES');
  stage.countries.set(ABROAD, 'RU');
});
afterAll(() => stage.close());

/** A recipient who signed in from home and remembers the device, at this composition. */
async function victim(server: HttpServer): Promise<PageBrowser> {
  count += 1;
  // Codes are limited by the hour and network.
  stage.clock.advance(3_600_000);
  placed = await stage.place({ organisation: clinic, to: `v${count}@x.test` });
  const reader = new PageBrowser(server, { userAgent: FIREFOX, address: HOME });
  await reader.get(`/m/${placed.linkToken}`);
  await reader.press(/^\/m\//, {}, 'code');
  const body = stage.notices.at(-1)?.body;
  await reader.press('/code', { code: body?.kind === 'sign-in-code' ? body.code : '', remember: 'yes' });
  expect(reader.path).toBe(`/messages/${placed.item}`);
  return reader;
}

/** Somebody else with a copy of one cookie. */
function thief(server: HttpServer, of: PageBrowser, cookie: string, userAgent: string, address: string) {
  const one = new PageBrowser(server, { userAgent, address });
  one.cookies.set(cookie, of.cookies.get(cookie) ?? '');
  return one;
}

const FORM = '/ways';
const END = { act: 'everywhere' };

/** The token of the victim's, or of anybody's, form to sign out everywhere. */
async function tokenFor(reader: PageBrowser, page = FORM): Promise<string> {
  await reader.get(page);
  const form = formsOf(reader.page).find(({ action, fields }) => action === page && 'token' in fields);
  if (form?.fields.token === undefined) throw new Error('no form with a token on this page');
  return form.fields.token;
}

/** What came of it, in one word. */
async function outcome(reader: PageBrowser, answer: InjectedAnswer): Promise<string> {
  await reader.get('/messages');
  const ended = reader.path === '/sign-in' ? 'ended' : 'stands';
  return `${answer.status} ${ended}`;
}

/** Form tokens without one of their bindings: each is asked for as what it was given as. */
const formsWithout =
  (what: 'visit' | 'purpose' | 'once') =>
  (forms: FormTokens): FormTokens => {
    const given = new Map<string, { visit: string; purpose: string }>();
    return {
      async issue(visit, purpose) {
        const token = await forms.issue(visit, purpose);
        given.set(token, { visit, purpose });
        return token;
      },
      async redeem(visit, purpose, token) {
        const was = given.get(token ?? '');
        const redeemed = await forms.redeem(
          what === 'visit' ? was?.visit : visit,
          what === 'purpose' ? (was?.purpose ?? purpose) : purpose,
          token,
        );
        return what === 'once' && redeemed === 'used' ? 'good' : redeemed;
      },
    };
  };

const NO_TOKENS: PortalParts['forms'] = (forms) => ({ ...forms, redeem: () => Promise.resolve('good') });
const UNHELD: Without = { portal: { circumstancesChanged: () => false } };
const ANY_SITE: Without['admission'] = { sameOrigin: () => true };
const fromEvil = { origin: EVIL, 'sec-fetch-site': 'cross-site' };

interface Attack {
  readonly name: string;
  readonly without: Without;
  readonly refused: string;
  readonly succeeds: string;
  run(server: HttpServer): Promise<string>;
}

async function looked(one: PageBrowser): Promise<string> {
  await one.get(`/messages/${placed.item}`);
  return one.page.includes('All is well') ? 'reads' : one.path;
}

async function byDevice(one: PageBrowser): Promise<string> {
  await one.get(`/m/${placed.linkToken}`);
  await one.press(/^\/m\//, { act: 'open' });
  return one.page.includes('All is well') ? 'reads' : one.path;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'theft: a copied session cookie in another browser',
    ...{ without: UNHELD, refused: '/sign-in', succeeds: 'reads' },
    run: async (server) => looked(thief(server, await victim(server), SESSION, CHROME, HOME)),
  },
  {
    name: 'theft: a copied session cookie in the same browser of another country',
    ...{ without: UNHELD, refused: '/sign-in', succeeds: 'reads' },
    run: async (server) => looked(thief(server, await victim(server), SESSION, FIREFOX, ABROAD)),
  },
  {
    name: 'theft: the cookie of a remembered device, with the link of a notice, in another country',
    ...{ without: UNHELD, refused: '/code', succeeds: 'reads' },
    run: async (server) => byDevice(thief(server, await victim(server), DEVICE, FIREFOX, ABROAD)),
  },
  {
    name: 'forgery: a form of another site with a token of its own visit',
    without: { admission: ANY_SITE, portal: { forms: formsWithout('visit') } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const token = await tokenFor(await victim(server));
      const reader = await victim(server);
      return outcome(reader, await reader.post(FORM, { ...END, token }, fromEvil));
    },
  },
  {
    name: 'forgery: a form without a token, by a browser that says nothing of where it comes from',
    without: { portal: { forms: NO_TOKENS } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const reader = await victim(server);
      return outcome(reader, await reader.post(FORM, END));
    },
  },
  {
    name: 'forgery: the token of another visit, by a browser that says nothing of where it comes from',
    without: { portal: { forms: formsWithout('visit') } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const token = await tokenFor(await victim(server));
      const reader = await victim(server);
      return outcome(reader, await reader.post(FORM, { ...END, token }));
    },
  },
  {
    name: 'forgery: a token that was made up',
    without: { portal: { forms: NO_TOKENS } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const reader = await victim(server);
      const token = Buffer.alloc(50, 0xff).toString('base64url');
      return outcome(reader, await reader.post(FORM, { ...END, token }));
    },
  },
  {
    name: 'forgery: the token of another form of the same visit',
    without: { portal: { forms: formsWithout('purpose') } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const reader = await victim(server);
      const token = await tokenFor(reader, '/sign-out');
      return outcome(reader, await reader.post(FORM, { ...END, token }));
    },
  },
  {
    name: 'replay: a form that was sent, once more',
    without: { portal: { forms: formsWithout('once') } },
    ...{ refused: '403 stands', succeeds: '303 ended' },
    async run(server) {
      const reader = await victim(server);
      const token = await tokenFor(reader);
      expect((await reader.post(FORM, { act: 'nothing', token })).status).toBe(303);
      return outcome(reader, await reader.post(FORM, { ...END, token }));
    },
  },
];

describe('attacks on the session of a recipient', () => {
  it.each(ATTACKS)('$name', async ({ without, refused, succeeds, run }) => {
    expect(await run(stage.server)).toBe(refused);
    const weaker = await stage.composed(without);
    try {
      expect(await run(weaker)).toBe(succeeds);
    } finally {
      await weaker.close(100);
    }
  });

  it('a form of another site fails by each of its two defences alone', async () => {
    for (const without of [{ admission: ANY_SITE }, { portal: { forms: NO_TOKENS } }]) {
      const server = await stage.composed(without);
      const reader = await victim(server);
      expect(await outcome(reader, await reader.post(FORM, END, fromEvil))).toBe('403 stands');
      await server.close(100);
    }
  });

  it('a session is never the one whose cookie was there before the sign-in', async () => {
    const planted = (await victim(stage.server)).cookies.get(SESSION) ?? '';
    const reader = await victim(stage.server);
    const made = 'A'.repeat(43);
    for (const before of [planted, made]) {
      count += 1;
      placed = await stage.place({ organisation: clinic, to: `w${count}@x.test` });
      stage.clock.advance(3_600_000);
      const other = new PageBrowser(stage.server, { userAgent: FIREFOX, address: HOME });
      other.cookies.set(SESSION, before);
      await other.get(`/m/${placed.linkToken}`);
      await other.press(/^\/m\//, {}, 'code');
      const body = stage.notices.at(-1)?.body;
      await other.press('/code', { code: body?.kind === 'sign-in-code' ? body.code : '' });
      expect(other.path).toBe(`/messages/${placed.item}`);
      expect([planted, made, reader.cookies.get(SESSION)]).not.toContain(other.cookies.get(SESSION));
      const fixed = thief(stage.server, reader, SESSION, FIREFOX, HOME);
      fixed.cookies.set(SESSION, before);
      expect(await looked(fixed)).not.toBe('reads');
    }
  });
});
