import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { demoId } from './mock-data.ts';
import { type MockState, startMock } from './mock-server.ts';

/** Looks at every page: screenshots at 1280 and 360, light and dark, axe-core, and content security policy violations. */
const out = process.argv[2] ?? 'shots';
const only = process.argv[3];
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const fresh = (): MockState => ({
  signedIn: true,
  setUp: true,
  empty: false,
  live: false,
  failing: null,
  startedAt: 0,
  conflict: false,
  rows: 40,
});
const state = fresh();
const server = await startMock(join(import.meta.dirname, '../dist'), state);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});
const problems = new Set<string>();
const report = (problem: string) => {
  if (!problems.has(problem)) console.log(problem);
  problems.add(problem);
};

interface View {
  name: string;
  path: string;
  prepare?: Partial<MockState>;
  act?: (page: Page) => Promise<void>;
}

const click = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

const views: View[] = [
  {
    name: 'single-sign-on',
    path: '/settings/single-sign-on?connection=0193a0c0-77aa-7000-8000-000000000001&try=t',
  },
  { name: 'single-sign-on-none', path: '/settings/single-sign-on', prepare: { empty: true } },
  { name: 'sign-in-organisation', path: '/sign-in/clinic', prepare: { signedIn: false } },
  { name: 'sign-in-refused', path: '/sign-in?refused=not-known', prepare: { signedIn: false } },
  { name: 'sign-in', path: '/sign-in', prepare: { signedIn: false } },
  {
    name: 'sign-in-second',
    path: '/sign-in',
    prepare: { signedIn: false },
    act: async (page) => {
      await page.getByLabel('Mail address', { exact: true }).fill('maria@clinic.test');
      await page.getByLabel('Passphrase').fill('correct horse battery');
      await click('Continue')(page);
      await page.getByLabel('Six-digit code').waitFor();
    },
  },
  { name: 'setup-1', path: '/setup#token', prepare: { signedIn: false, setUp: false } },
  {
    name: 'setup-2',
    path: '/setup#token',
    prepare: { signedIn: false, setUp: false },
    act: (page) => setupUntil(page, 2),
  },
  {
    name: 'setup-3',
    path: '/setup#token',
    prepare: { signedIn: false, setUp: false },
    act: (page) => setupUntil(page, 3),
  },
  {
    name: 'setup-4',
    path: '/setup#token',
    prepare: { signedIn: false, setUp: false },
    act: (page) => setupUntil(page, 4),
  },
  { name: 'overview', path: '/' },
  { name: 'overview-empty', path: '/', prepare: { empty: true, live: true } },
  { name: 'messages', path: '/messages' },
  { name: 'messages-many', path: '/messages', prepare: { rows: 1000 } },
  { name: 'messages-empty', path: '/messages', prepare: { empty: true } },
  { name: 'messages-failing', path: '/messages', prepare: { failing: '/v1/messages' } },
  { name: 'message', path: `/messages/${demoId}`, act: click('Show all details') },
  { name: 'message-closed', path: `/messages/${demoId}` },
  {
    name: 'message-content',
    path: `/messages/${demoId}`,
    act: async (page) => {
      await page.getByRole('tab', { name: 'Content' }).click();
      await click('Open the content')(page);
      await page.getByText('Kind regards').waitFor();
    },
  },
  { name: 'message-retract', path: `/messages/${demoId}`, act: click('Take back') },
  { name: 'proof', path: `/messages/${demoId}/proof/d1` },
  { name: 'compose', path: '/compose' },
  { name: 'sandbox', path: '/sandbox' },
  { name: 'mailbox', path: '/sandbox/ben@no-tls.test' },
  { name: 'sandbox-message', path: '/sandbox/ben@no-tls.test/m1' },
  { name: 'policy', path: '/settings/policy' },
  {
    name: 'policy-conflict',
    path: '/settings/policy',
    prepare: { conflict: true },
    act: async (page) => {
      await click('Move Verified TLS down')(page);
      await click('Save as a new version')(page);
      await page.getByLabel('Recipient', { exact: true }).fill('ben@no-tls.test');
      await click('Show')(page);
      await page.getByText('offered no encryption').waitFor();
    },
  },
  { name: 'keys', path: '/settings/keys' },
  {
    name: 'keys-believe',
    path: '/settings/keys',
    act: (page) => page.getByRole('tab', { name: 'Whom to believe' }).click(),
  },
  {
    name: 'keys-own',
    path: '/settings/keys',
    prepare: { conflict: true },
    act: (page) => page.getByRole('tab', { name: 'Your own key' }).click(),
  },
  { name: 'api-keys', path: '/settings/api-keys' },
  { name: 'api-keys-new', path: '/settings/api-keys', act: click('New API key') },
  {
    name: 'api-keys-secret',
    path: '/settings/api-keys',
    act: async (page) => {
      await click('New API key')(page);
      await page.getByLabel('What is it for').fill('Laboratory');
      await click('Make the key')(page);
      await page.getByText('Copy the secret now').waitFor();
    },
  },
  { name: 'certificates', path: '/settings/certificates' },
  {
    name: 'certificates-anchors',
    path: '/settings/certificates',
    act: (page) => page.getByRole('tab', { name: 'Trusted authorities' }).click(),
  },
  { name: 'audit', path: '/audit', act: click('Verify now') },
  { name: 'audit-broken', path: '/audit', prepare: { conflict: true }, act: click('Verify now') },
  { name: 'organisation', path: '/settings/organisation' },
  { name: 'people', path: '/settings/people' },
  { name: 'roles', path: '/settings/roles' },
  { name: 'roles-new', path: '/settings/roles', act: click('New role') },
  {
    name: 'roles-groups',
    path: '/settings/roles',
    act: async (page) => {
      await page.getByRole('tab', { name: 'Groups' }).click();
      await page.getByText('Open', { exact: true }).first().click();
    },
  },
  {
    name: 'roles-why',
    path: '/settings/roles',
    act: async (page) => {
      await page.getByRole('tab', { name: 'Why may …?' }).click();
      await page.getByLabel('Person').selectOption({ index: 1 });
      await click('Ask')(page);
      await page.getByText('No, Maria Okafor may not.').waitFor();
    },
  },
  {
    name: 'roles-unused',
    path: '/settings/roles',
    act: (page) => page.getByRole('tab', { name: 'Never used' }).click(),
  },
  { name: 'people-roles', path: '/settings/people', act: click('Change roles') },
  { name: 'account', path: '/settings/account' },
  { name: 'sign-in-rules', path: '/settings/sign-in' },
  { name: 'sessions', path: '/settings/sessions' },
  { name: 'installation', path: '/settings/installation' },
  { name: 'missing', path: '/nowhere' },
  {
    name: 'palette',
    path: '/',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Go to a page or act').fill('lab');
    },
  },
];

async function setupUntil(page: Page, step: number) {
  await page.getByLabel('Name of the organisation').fill('Riverside Clinic');
  await click('Next')(page);
  await page.getByLabel('Your name').fill('Maria Okafor');
  await page.getByLabel('Your mail address').fill('maria@clinic.test');
  await page.getByLabel('Passphrase', { exact: true }).fill('seven otters under glass');
  await page.getByLabel('The passphrase again').fill('seven otters under glass');
  if (step === 2) return;
  await click('Next')(page);
  await page.getByLabel('Six-digit code').fill('123456');
  if (step === 3) return;
  await click('Confirm and finish')(page);
  await page.getByText('Your recovery codes').waitFor();
}

async function look(open: Browser, view: View, width: number, scheme: 'light' | 'dark') {
  Object.assign(state, fresh(), view.prepare ?? {});
  const context = await open.newContext({
    viewport: { width, height: width < 500 ? 780 : 860 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const label = `${view.name} ${width} ${scheme}`;
  page.on('console', (message) => {
    const text = message.text();
    const wanted = /status of (401|404|412|503)/.test(text);
    if ((message.type() === 'error' || message.type() === 'warning') && !wanted) report(`${label}: ${text}`);
  });
  page.on('pageerror', (error) => report(`${label}: ${error.message}`));
  try {
    await page.goto(server.origin + view.path);
    await page.locator('h1').waitFor();
    await page.waitForTimeout(350);
    await view.act?.(page);
    await page.waitForTimeout(350);
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (wide > 0) report(`${label}: the page is ${wide} px too wide`);
    await page.screenshot({ path: join(out, `${view.name}-${width}-${scheme}.png`), fullPage: true });
    // Playwright evaluates outside the page's content security policy.
    await page.evaluate(axe);
    const found = await page.evaluate<{ id: string; nodes: string[] }[]>(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then((r) => r.violations.map((v) => ({ id: v.id, nodes: v.nodes.map((n) => n.html.slice(0, 160)) })))`,
    );
    for (const one of found) report(`${label}: axe ${one.id}: ${one.nodes.slice(0, 3).join(' | ')}`);
  } catch (error) {
    report(`${label}: ${error instanceof Error ? error.message.split('\n')[0] : 'failed'}`);
    await page.screenshot({ path: join(out, `FAILED-${view.name}-${width}.png`) });
  }
  await context.close();
}

try {
  for (const view of views.filter((one) => only === undefined || one.name.startsWith(only))) {
    await look(browser, view, 1280, 'light');
    await look(browser, view, 360, 'light');
    await look(browser, view, 1280, 'dark');
    await look(browser, view, 360, 'dark');
  }
} finally {
  await browser.close();
  server.close();
}
console.log(problems.size === 0 ? 'no problems' : `${problems.size} problems`);
