import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Administrator, ENDS, setUp } from './support/administrator.ts';
import { openBrowser } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look } from './support/look.ts';
import { until } from './support/until.ts';

let installation: Installation;
let browser: Browser;
let administrator: Administrator;
let page: Page;
let message = '';

beforeAll(async () => {
  installation = await startInstallation();
  browser = await openBrowser();
  administrator = await setUp(browser, installation);
  message = await administrator.api.send({ to: Object.keys(ENDS), subject: 'Your results of Monday' });
  await administrator.api.send({ to: ['anna@good-tls.test'], subject: 'Appointment on Thursday' });
  await administrator.api.send({ to: ['dan@slow.test', 'carla@wrong-cert.test'], subject: 'Referral' });
  page = await administrator.context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

afterEach(() => expect(administrator.watch.take()).toEqual([]));

async function open(path: string, title: string | RegExp): Promise<void> {
  await page.goto(installation.consoleUrl + path);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await until('the skeletons to go', async () => (await page.locator('.skeleton').count()) === 0);
}

const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();

describe('every console page is drawn well, wide and narrow, light and dark', () => {
  const PAGES: readonly (readonly [name: string, path: string, title: string | RegExp])[] = [
    ['console-overview', '/', 'Overview'],
    ['console-messages', '/messages', 'Messages'],
    ['console-messages-filter-empty', '/messages?state=held', 'Messages'],
    ['console-compose', '/compose', 'New message'],
    ['console-sandbox', '/sandbox', 'Sandbox mailboxes'],
    ['console-mailbox', '/sandbox/ben@no-tls.test', 'ben@no-tls.test'],
    ['console-policy', '/settings/policy', 'Protection policy'],
    ['console-pdf-passwords-empty', '/settings/pdf-passwords', 'PDF passwords'],
    ['console-api-keys-empty', '/settings/api-keys', 'API keys'],
    ['console-organisation', '/settings/organisation', 'Organisation'],
    ['console-people', '/settings/people', 'People'],
    ['console-sessions', '/settings/sessions', 'My sessions'],
    ['console-installation', '/settings/installation', 'Installation'],
    ['console-missing', '/nowhere', 'There is nothing here'],
  ];

  it.each(PAGES)('%s', async (name, path, title) => {
    await open(path, title);
    await look(page, name);
  });

  it('one sandbox mail', async () => {
    await open('/sandbox/ben@no-tls.test', 'ben@no-tls.test');
    await page.getByRole('link', { name: 'You have a secure message' }).first().click();
    await page.getByText('Header fields').click();
    await look(page, 'console-sandbox-mail');
  });

  it('content and facts of a message', async () => {
    await open(`/messages/${message}`, 'Your results of Monday');
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
    await open(`/messages/${message}`, 'Your results of Monday');
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

  it('a new API key and its secret, shown once', async () => {
    await open('/settings/api-keys', 'API keys');
    await press('New API key');
    await page.getByLabel('What is it for').fill('Laboratory');
    await look(page, 'console-api-key-new');
    await press('Make the key');
    await page.getByText('Copy the secret now').waitFor();
    await look(page, 'console-api-key-secret');
    await press('I have stored it');
    await page.getByText('Laboratory').first().waitFor();
    await look(page, 'console-api-keys');
  });

  it('a password for a PDF: refused, then made and shown once, then forgotten', async () => {
    await open('/settings/pdf-passwords', 'PDF passwords');
    await press('Set a password');
    await page.getByLabel('Recipient’s address').fill('anna@good-tls.test');
    await page.getByLabel('Password', { exact: true }).fill('contraseña muy larga');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByText('letters without accents').last().waitFor();
    administrator.watch.take();
    await page.getByLabel('Password', { exact: true }).fill('');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('The password is set').waitFor();
    await look(page, 'console-pdf-password-made');
    await press('I have passed it on or written it down');
    await page.getByText('anna@good-tls.test').first().waitFor();
    await look(page, 'console-pdf-passwords');
    await press('Forget');
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('No password is agreed with anybody yet.').waitFor();
  });

  it('the audit log, verified', async () => {
    await open('/audit', 'Audit log');
    await press('Verify now');
    await page.getByText(/Whole and unchanged/).waitFor();
    await look(page, 'console-audit');
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
    await administrator.context.clearCookies();
    await open('/sign-in', 'Sign in');
    await page.getByLabel('Mail address').fill('maria@clinic.test');
    await page.getByLabel('Passphrase').fill('seven otters under glass');
    await press('Continue');
    await page.getByLabel('Six-digit code').waitFor();
    await look(page, 'console-second-factor');
  });
});
