import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ConsolePages, openConsolePages, type PageToSee } from './support/console-pages.ts';
import { look } from './support/look.ts';

let seen: ConsolePages;
let page: Page;

/** Inferred clear, encrypted, inside, unreadable, encrypted weakly. */
const TRAVELLED = [
  'from mx.lab.example (mx.lab.example [198.51.100.9]) by store.clinic.example (8.14.4/8.13.8) with ESMTP id e5 (version=TLSv1.0 cipher=AES256-SHA bits=256 verify=NOT) for <ann.lee@clinic.example>; Tue, 24 Nov 2026 10:05:00 +0000',
  'what a broken program wrote of ann.lee@clinic.example',
  'from in.lab.example (in.lab.example [198.51.100.1]) by mx.lab.example (8.14.4/8.13.8) with ESMTP id q2; Tue, 24 Nov 2026 10:03:30 +0000',
  'from p02c11.mxlogic.net (p02c11.mxlogic.net [203.0.113.74]) by in.lab.example (Postfix) with ESMTPS id q3 (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT); Tue, 24 Nov 2026 10:04:00 +0000',
  'from unknown [203.0.113.90] (EHLO nm13.webmail.example) by p02c11.mxlogic.net(mxl_mta-6.14.1-0) with ESMTP id m1; Tue, 24 Nov 2026 10:02:00 +0000',
]
  .map((line) => `Received: ${line}\n`)
  .join('');

beforeAll(async () => {
  seen = await openConsolePages();
  page = seen.page;
  await seen.administrator.api.send({ to: ['dan@slow.test', 'carla@wrong-cert.test'], subject: 'Referral' });
});

afterAll(() => seen?.close());

afterEach(() => expect(seen.administrator.watch.take()).toEqual([]));

const open = (path: string, title: string | RegExp) => seen.open(path, title);
const press = (name: string | RegExp) => seen.press(name);

/** An incident with entries of the log: each told in words, and opened from there. */
async function evidence(): Promise<void> {
  const { api } = seen.administrator;
  const { items } = (await api.get('/v1/audit?limit=2')) as { items: readonly { id: string }[] };
  const entries = items.map(({ id }) => id);
  const made = await api.post('/v1/incidents', { title: 'Odd entries', severity: 'low', entries });
  await open(`/incidents/${(made as { id: string }).id}`, 'Odd entries');
  const list = page.getByRole('list', { name: 'Evidence: 2 audit entries' });
  expect(await list.getByRole('listitem').count()).toBe(2);
  await look(page, 'console-incident-evidence');
  const first = list.getByRole('button').first();
  const told = (await first.textContent()) ?? '';
  await first.click();
  await page.getByRole('dialog', { name: told }).waitFor();
  await page.keyboard.press('Escape');
}

describe('the console’s pages of the daily work are drawn well, wide and narrow, light and dark', () => {
  const PAGES: readonly PageToSee[] = [
    ['console-overview', '/', 'Overview'],
    ['console-messages', '/messages', 'Messages'],
    ['console-messages-filter-empty', '/messages?state=held', 'Messages'],
    ['console-compose', '/compose', 'New message'],
    ['console-sandbox', '/sandbox', 'Sandbox mailboxes'],
    ['console-mailbox', '/sandbox/ben@no-tls.test', 'ben@no-tls.test'],
    ['console-analyser-empty', '/analyser', 'Analyser'],
    ['console-incidents-empty', '/incidents', 'Incidents'],
    ['console-alert-rules', '/alert-rules', 'Alert rules'],
    ['console-alert-channels-empty', '/alert-channels', 'Alert channels'],
    ['console-getting-secure', '/getting-secure', 'Getting secure'],
    ['console-audit-search', '/audit/search', 'Search the audit log'],
    ['console-audit-person', '/audit/person', 'What a person did'],
    ['console-audit-evidence-empty', '/audit/evidence', 'Reports of outside systems'],
    ['console-audit-reviews', '/audit/reviews', 'Reviews of the audit log'],
    ['console-missing', '/nowhere', 'There is nothing here'],
  ];

  it.each(PAGES)('%s', async (name, path, title) => {
    await open(path, title);
    await look(page, name);
  });

  it('console-audit-settings, and an export that the browser may fetch', async () => {
    // There is no stream yet.
    seen.administrator.watch.expectStatus(404);
    await open('/audit/settings', 'Keeping, reviewing and streaming the audit log');
    await look(page, 'console-audit-settings');
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save the file: CSV' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^sealpost-audit-0-\d+\.csv$/);
    seen.administrator.watch.expectStatus();
  });

  it('one sandbox mail', async () => {
    await open('/sandbox/ben@no-tls.test', 'ben@no-tls.test');
    await page.getByRole('link', { name: 'You have a secure message' }).first().click();
    await page.getByText('Header fields').click();
    await look(page, 'console-sandbox-mail');
  });

  it('content and facts of a message', async () => {
    await open(`/messages/${seen.message}`, 'Your results of Monday');
    await page.getByRole('tab', { name: 'Content' }).click();
    await look(page, 'console-message-content-closed');
    await press('Open the content');
    await page.getByText('All is well.').waitFor();
    await look(page, 'console-message-content');
    await page.getByRole('tab', { name: 'Facts' }).click();
    await look(page, 'console-message-facts');
    await page.getByRole('tab', { name: 'Replies' }).click();
    await look(page, 'console-message-no-replies');
  });

  it('taking back: what can be reached, then what was', async () => {
    await open(`/messages/${seen.message}`, 'Your results of Monday');
    await press('Take back');
    const dialog = page.getByRole('dialog');
    const reached = dialog.getByRole('region', { name: 'Can be taken back' });
    await reached.getByText('ben@no-tls.test').waitFor();
    await dialog
      .getByRole('region', { name: 'Cannot be taken back' })
      .getByText('anna@good-tls.test')
      .waitFor();
    await look(page, 'console-take-back');
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await dialog.getByText('Taken back, unread').first().waitFor();
    await look(page, 'console-taken-back');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.locator('[data-state="retracted"]').first().waitFor();
  });

  it('an incident: opened, told by mail, acknowledged and closed; a rule is tried on the past', async () => {
    await open('/alert-channels', 'Alert channels');
    await press('Add a channel');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Security team');
    await dialog.getByRole('checkbox').first().check();
    await look(page, 'console-alert-channel-new');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('last alert sent').waitFor();
    await open('/incidents', 'Incidents');
    await press('Open an incident');
    await dialog.getByLabel('What happened').fill('A laptop was lost');
    await dialog.getByRole('button', { name: 'Open an incident' }).click();
    await page.getByRole('heading', { level: 1, name: 'A laptop was lost' }).waitFor();
    await press('Acknowledge');
    await page.getByText('Acknowledged').first().waitFor();
    await press('Close');
    await dialog.getByLabel('Note').fill('Found again');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('Found again').waitFor();
    await look(page, 'console-incident');
    await evidence();
    await open('/alert-rules', 'Alert rules');
    await press('Change');
    await dialog.getByRole('button', { name: 'Try on the last 30 days' }).click();
    await dialog.getByText(/It would have opened/).waitFor();
    await look(page, 'console-alert-rule');
    await page.keyboard.press('Escape');
    await open('/sandbox', 'Sandbox mailboxes');
    await page
      .getByRole('link', { name: /clinic\.test/ })
      .first()
      .click();
    await page
      .getByRole('link', { name: /Security alert/ })
      .first()
      .waitFor();
  });

  it('an access review with the use of each right, its report, and the acts that may want a second person', async () => {
    const { api } = seen.administrator;
    const session = (await api.get('/v1/session')) as { identity: { id: string } };
    const opened = (await api.post('/v1/access-reviews', {
      ...{ name: 'Autumn review', audience: 'people', reviewers: [session.identity.id] },
      dueAt: new Date(Date.now() + 86_400_000).toISOString(),
    })) as { id: string };
    await open(`/settings/access-reviews/${opened.id}`, 'Autumn review');
    await page.getByText(/^Administrator: (?:never used|used)/).waitFor();
    await page.getByText(/rights were used$/).click();
    await page.getByRole('columnheader', { name: 'Last used on' }).waitFor();
    await look(page, 'console-access-review');
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Report (CSV)' }).click();
    expect((await saved).suggestedFilename()).toBe(`access-review-${opened.id}.csv`);
    await open('/settings/second-person', 'Second person');
    await page.getByLabel('Where the audit log is streamed to').waitFor();
    await look(page, 'console-second-person');
  });

  it('a report of an outside system: filed to an incident, fetched again, compared, found in the log', async () => {
    const content = Buffer.from('2026-11-20T10:00:00Z DROP 203.0.113.7\n'.repeat(400));
    const report = { name: 'firewall.log', mimeType: 'text/plain', buffer: content };
    await open('/audit/evidence', 'Reports of outside systems');
    await press('File a report');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('System').fill('Firewall, main building');
    await dialog.getByLabel('First day').fill('2026-11-20');
    await dialog.getByLabel('Last day').fill('2026-11-21');
    await dialog.getByLabel('Incident').selectOption({ index: 1 });
    await dialog.getByLabel('File', { exact: true }).setInputFiles(report);
    await look(page, 'console-audit-evidence-file');
    await dialog.getByRole('button', { name: 'File it' }).click();
    await page.getByText('Sealed: firewall.log').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download firewall.log' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('firewall.log');
    expect(readFileSync(await download.path()).equals(content)).toBe(true);
    const chosen = page.waitForEvent('filechooser');
    await press(/^Compare with a file/);
    await (await chosen).setFiles({ ...report, buffer: content.subarray(1) });
    await page.getByText('It is another file').waitFor();
    await look(page, 'console-audit-evidence');
    await page.getByRole('link', { name: 'Incident', exact: true }).click();
    await page.getByText('Sealed: firewall.log').waitFor();
    await open('/audit/evidence', 'Reports of outside systems');
    await press(/^In the audit log/);
    await page.getByText('audit.evidence-uploaded').waitFor();
  });

  it('the audit log, verified', async () => {
    // A look that is among the newest entries, whatever the tests before have left.
    await open('/messages', 'Messages');
    await open('/audit', 'Audit log');
    await press('Verify now');
    await page.getByText(/Whole and unchanged/).waitFor();
    // Plain looks are left out at first, and the state of the log stays on show whatever is chosen.
    const kind = page.getByLabel('Kind of act');
    expect(await kind.inputValue()).toBe('without-views');
    expect(await page.getByText('messages.listed').count()).toBe(0);
    await kind.selectOption('views');
    await page.getByText('messages.listed').first().waitFor();
    await page.getByText(/Whole and unchanged/).waitFor();
    await page.getByLabel('Until').fill('2020-01-01');
    await page.getByText(/Looks at lists and pages.*hides every entry/).waitFor();
    expect(page.url()).toContain('until=');
    await press('Show everything');
    await page.getByText('messages.listed').first().waitFor();
    await look(page, 'console-audit');
  });

  it('the messages, narrowed until nothing is left, and back', async () => {
    await open('/messages', 'Messages');
    await page.getByRole('combobox', { name: 'Protection', exact: true }).selectOption('pgp');
    await page.getByText('No message fits the filters').waitFor();
    await page.getByText('What hides everything: PGP.').waitFor();
    await look(page, 'console-messages-filtered');
    await page.getByRole('link', { name: 'Show all messages' }).click();
    await page.getByRole('grid').waitFor();
  });

  it('the way of a message: diagram and table', async () => {
    await open('/analyser', 'Analyser');
    await page.getByLabel('Header of a message').fill(TRAVELLED);
    await press('Analyse');
    await page.getByText('A leg was not encrypted, as far as can be told.').waitFor();
    const rows = page.getByRole('region', { name: 'Hops' }).locator('tbody tr');
    const verdicts = await rows.locator('[data-verdict]').allInnerTexts();
    expect(verdicts).toEqual(['Inferred clear', 'Encrypted', 'Internal', 'Unreadable', 'Encrypted, weak']);
    const table = page.getByRole('region', { name: 'Hops' });
    expect(await table.textContent()).toContain('•••@clinic.example');
    expect(await table.textContent()).not.toContain('ann.lee@');
    await page.getByText('From the last server to the reader').last().waitFor();
    await look(page, 'console-analyser');
    await press('Clear');
    await page.getByLabel('Header of a message').fill('Subject: no way told');
    await press('Analyse');
    await page.getByText('There are no Received lines in this').waitFor();
    await look(page, 'console-analyser-no-hops');
  });

  it('a recipient domain and what would be done', async () => {
    await open('/analyser', 'Analyser');
    await page.getByRole('tab', { name: 'Recipient domain' }).click();
    await look(page, 'console-analyser-domain-empty');
    const check = async (domain: string) => {
      await page.getByRole('textbox', { name: 'Domain' }).fill(domain);
      await press('Check');
      await page.getByRole('heading', { name: `Mail servers of ${domain}` }).waitFor();
    };
    await check('good-tls.test');
    await page.locator('[data-outcome="verified"]').waitFor();
    await look(page, 'console-analyser-domain');
    await check('clear-or-wrong.test');
    await page.locator('[data-outcome="no-tls"]').waitFor();
    await page.locator('[data-outcome="unverified"]').waitFor();
    await look(page, 'console-analyser-domain-poor');
    seen.administrator.watch.expectStatus(422);
    await page.getByRole('textbox', { name: 'Domain' }).fill('hospital.example');
    await press('Check');
    await page.getByText('In sandbox mode mail goes to sandbox addresses only.').waitFor();
    await look(page, 'console-analyser-domain-refused');
    seen.administrator.watch.expectStatus();
  });

  it('the command palette', async () => {
    await open('/', 'Overview');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Go to a page or act').fill('lab');
    await look(page, 'console-palette');
  });

  it('the navigation of a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open('/messages', 'Messages');
    await press('Open the navigation');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('link', { name: 'Audit log' }).waitFor();
    expect(await drawer.getByRole('link', { name: 'Messages' }).getAttribute('aria-current')).toBe('page');
    await drawer.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  it('a second factor to type', async () => {
    await seen.administrator.context.clearCookies();
    await open('/sign-in', 'Sign in');
    await page.getByLabel('Mail address', { exact: true }).fill('maria@clinic.test');
    await page.getByLabel('Passphrase').fill('seven otters under glass');
    await press('Continue');
    await page.getByLabel('Six-digit code').waitFor();
    await look(page, 'console-second-factor');
  });
});
