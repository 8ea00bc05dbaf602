import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { type FoundForm, formsOf, PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type Placed, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';
import { CODES_PER_ENTRY } from './limits.ts';

/**
 * Every form of the portal, and what a robot may reach with it: `code` asks for codes within limits, `looks` changes
 * nothing that matters, `session` does nothing for who is not signed in. A form that is missing here fails these tests:
 * whoever adds one says what a link scanner can do with it.
 */
const FORMS: Readonly<Record<string, 'code' | 'looks' | 'session'>> = {
  '/m/:token': 'code',
  '/sign-in': 'code',
  '/code': 'code',
  '/code/again': 'code',
  '/passkey': 'looks',
  '/language': 'looks',
  '/search': 'session',
  '/ways': 'session',
  '/passkeys': 'session',
  '/messages/:id/prove': 'session',
  '/messages/:id/reply': 'session',
  '/write': 'session',
  // Leads to an organisation's own portal, which alone lets somebody in; the other takes a word that it has signed.
  '/portal/:id/initiate': 'looks',
  '/portal/:id/back-channel-logout': 'looks',
  '/organisation': 'session',
  '/access/withdraw': 'session',
  '/preferences/keys': 'session',
  '/preferences/texts': 'session',
  '/preferences/ask': 'session',
  '/preferences/confirm': 'session',
  '/preferences/waiver/withdraw': 'session',
  '/sign-out': 'session',
};
/** What codes and limits leave behind; all else must stay as it was. */
const TRACES = ['portal_code', 'portal_limit', 'audit_entry', 'audit_unordered', 'audit_order'];

let stage: PortalStage;
let clinic: OrganisationId;
let placed: Placed;
const TO = 'scanned@no-tls.test';

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
  stage.telephones.set(TO, '5550112');
  placed = await stage.place({ organisation: clinic, to: TO });
});
afterAll(() => stage.close());

const routes = (method: string) => stage.portal.routes().filter((route) => route.method === method);
const filled = (path: string): string =>
  path
    .replace(':token', placed.linkToken)
    .replace(':id', placed.item)
    .replace(':index', '0')
    .replace(':version', 'x')
    .replace(':name', 'x');

/** The route that a form goes to. */
function routeOf(action: string): string {
  const fits = (path: string): boolean =>
    new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(action.split('?')[0] ?? '');
  return routes('POST').find(({ path }) => fits(path))?.path ?? action;
}

/** All rows of the organisation in every table of ours but the traces, as one text. */
async function everything(): Promise<string> {
  return stage.database.tenant([clinic], 'app', async (tx) => {
    const tables = await tx.query<{ name: string }>({
      text: `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'sealpost' and c.relkind in ('r', 'p') and not c.relispartition
               and has_table_privilege('sealpost_app', c.oid, 'select') order by 1`,
    });
    const rows: string[] = [];
    for (const { name } of tables.filter((one) => !TRACES.includes(one.name)))
      for (const { row } of await tx.query<{ row: string }>({
        text: `select t::text as row from sealpost.${name} t order by 1`,
      }))
        rows.push(`${name} ${row}`);
    return rows.join('\n');
  });
}

/** What a form would carry if somebody filled it in: something for every field that is empty. */
function plausible({ action, fields }: FoundForm): Record<string, string> {
  const values: Record<string, string> = {
    code: '123456',
    address: TO,
    answer: 'January 1, 1970',
    remember: 'yes',
    text: 'hello',
    subject: 'hello',
    words: 'results',
    item: placed.item,
    link: placed.linkToken,
  };
  const guessed = Object.entries(fields).map(([name, value]) => [name, value || (values[name] ?? 'x')]);
  return { ...Object.fromEntries(guessed), ...(routeOf(action) === '/code' ? { remember: 'yes' } : {}) };
}

const linksOf = (page: string): string[] =>
  [...page.matchAll(/<a\b[^>]*\shref="(\/[^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

async function pressAll(robot: PageBrowser, page: string): Promise<number> {
  let pressed = 0;
  for (const found of formsOf(page)) {
    expect(FORMS[routeOf(found.action)], `a form that is not classified: ${found.action}`).toBeDefined();
    const presses =
      found.buttons.length === 0 ? [{}] : found.buttons.map((one) => ({ [one.name]: one.value }));
    // The buttons that other people's pages have, too.
    for (const press of [...presses, { act: 'open' }, { act: 'text' }]) {
      const sent = await robot.post(found.action, { ...plausible(found), ...press });
      if (sent.status === 303) await robot.get(String(sent.headers.location));
      pressed += 1;
    }
  }
  return pressed;
}

it.each([
  ['that keeps cookies', true],
  ['that keeps none', false],
] as const)('a scanner %s walks two levels deep and consumes nothing', async (_, keepsCookies) => {
  const before = await everything();
  const sent = stage.notices.length;
  const robot = new PageBrowser(stage.server, { address: `10.9.${Number(keepsCookies)}.1`, keepsCookies });
  const start = `/m/${placed.linkToken}`;
  await robot.get(start, { 'sec-purpose': 'prefetch' });
  let level = [start];
  let pressed = 0;
  const seen = new Set<string>();
  for (let depth = 0; depth <= 2; depth += 1) {
    const next: string[] = [];
    for (const path of level.filter((one) => !seen.has(one))) {
      seen.add(path);
      await robot.get(path);
      const { page } = robot;
      next.push(...linksOf(page), robot.path);
      pressed += await pressAll(robot, page);
      next.push(...linksOf(robot.page), robot.path);
    }
    level = next;
  }
  expect(pressed).toBeGreaterThan(8);
  expect(seen.size).toBeGreaterThan(2);
  expect(await everything()).toBe(before);
  expect(stage.read).not.toContain(placed.delivery);
  expect(stage.replies).toEqual([]);
  // From the link and from the address: codes within the limits, to nobody but the recipient.
  expect(stage.notices.length - sent).toBeLessThanOrEqual(2 * CODES_PER_ENTRY);
  for (const { to, body } of stage.notices)
    expect([`${to.local}@${to.domain}`, body.kind]).toEqual([TO, 'sign-in-code']);
});

it('nobody who is not signed in gets anything from any page or form there is', async () => {
  const before = await everything();
  for (const { path } of routes('GET')) {
    if (path.startsWith('/assets') || path === '/robots.txt') continue;
    const robot = new PageBrowser(stage.server, { address: '10.9.3.1' });
    await robot.get(filled(path));
    expect(robot.page, path).not.toMatch(/Riverside|Your results|All is well/);
  }
  for (const { path } of routes('POST')) {
    expect(FORMS[path], `a form that is not classified: ${path}`).toBeDefined();
    const robot = new PageBrowser(stage.server, { address: '10.9.3.2' });
    await robot.get('/sign-in');
    const own = formsOf(robot.page)[0]?.fields.token ?? '';
    for (const token of ['x', own]) {
      await robot.post(filled(path), { token });
      await robot.pressMultipart(
        filled(path),
        { token, text: 'hello', to: placed.item, subject: 'hello' },
        [],
      );
      expect(robot.page, path).not.toMatch(/Riverside|Your results|All is well/);
    }
    expect(robot.cookies.has('__Host-sealpost-portal')).toBe(false);
  }
  expect(await everything()).toBe(before);
});

it('the person still signs in, and every form on their pages is classified and bound to their browser', async () => {
  stage.clock.advance(5 * 3_600_000);
  const reader = await signInBy(stage, placed);
  expect(reader.page).toContain('All is well.');
  const found = new Set<string>();
  for (const { path } of routes('GET')) {
    if (path.startsWith('/assets') || path === '/sign-out') continue;
    await reader.get(filled(path));
    for (const form of formsOf(reader.page)) {
      const route = routeOf(form.action);
      found.add(route);
      expect(FORMS[route], `a form that is not classified: ${form.action} on ${path}`).toBeDefined();
      if (route !== '/language' && route !== '/search')
        expect(form.fields.token?.length ?? 0, `${route} has no token`).toBeGreaterThan(60);
    }
  }
  expect(found.size).toBeGreaterThan(6);
});
