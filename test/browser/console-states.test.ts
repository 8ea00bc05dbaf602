import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMINISTRATOR, type Administrator, setUp, signIn } from './support/administrator.ts';
import { openBrowser, openContext } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look, snap } from './support/look.ts';

let installation: Installation;
let browser: Browser;
let administrator: Administrator;
let page: Page;

beforeAll(async () => {
  installation = await startInstallation();
  browser = await openBrowser();
  administrator = await setUp(browser, installation);
  page = await administrator.context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

afterEach(async () => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  administrator.watch.expectStatus();
  expect(administrator.watch.take()).toEqual([]);
});

const go = (path: string) => page.goto(installation.consoleUrl + path);
const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('empty, slow, failing and ended', () => {
  it('says what an empty list is for and what comes first', async () => {
    await go('/messages');
    await page.getByText('No messages yet').waitFor();
    await page.getByText('The first step: write one.').waitFor();
    await look(page, 'console-messages-empty');
    await go('/sandbox');
    await page.getByText('Nothing has arrived yet').waitFor();
    await look(page, 'console-sandbox-empty');
  });

  it('shows the shape of the page while a slow network brings it', async () => {
    await page.route('**/v1/messages?*', async (route: Route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue();
    });
    await go('/messages');
    await page.locator('.skeleton').first().waitFor();
    await page.getByLabel('Messages are being loaded').waitFor({ state: 'attached' });
    await snap(page, 'console-messages-loading-1280-light');
    await page.getByText('No messages yet').waitFor();
    expect(await page.locator('.skeleton').count()).toBe(0);
  });

  it("shows the server's fault with its reference, and goes on when asked again", async () => {
    administrator.watch.expectStatus(500);
    const reference = '01980000-0000-7000-8000-00000000c0de';
    await page.route('**/v1/messages?*', (route: Route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'https://sealpost.example/problems/fault',
          title: 'Fault',
          status: 500,
          code: 'fault',
          request: reference,
        }),
      }),
    );
    await go('/messages');
    await page.getByText('This could not be loaded').waitFor();
    await page.getByText(`Reference: ${reference}`).waitFor();
    await look(page, 'console-messages-fault');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No messages yet').waitFor();
  });

  it('says so when the server cannot be reached, and goes on when it can', async () => {
    await go('/settings/api-keys');
    await page.getByText('No API keys yet').waitFor();
    await page.route('**/v1/audit*', (route: Route) => route.abort('connectionrefused'));
    await page.route('**/v1/audit/**', (route: Route) => route.abort('connectionrefused'));
    await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click();
    const again = page.getByRole('button', { name: 'Try again' });
    await again.first().waitFor();
    await snap(page, 'console-unreachable-1280-light');
    await page.unrouteAll();
    for (let left = await again.count(); left > 0; left -= 1) await again.first().click();
    await page.getByRole('row').nth(1).waitFor();
    // The browser itself writes each refused connection to the console.
    const unexpected = administrator.watch.take().filter((one) => !one.includes('ERR_CONNECTION_REFUSED'));
    expect(unexpected).toEqual([]);
  });

  it('asks to sign in over the page when the session has ended, and goes on with what was asked for', async () => {
    administrator.watch.expectStatus(401);
    await go('/messages');
    await page.getByText('No messages yet').waitFor();
    await administrator.context.clearCookies();
    await page.getByLabel('State').selectOption({ label: 'Held' });
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await look(page, 'console-sign-in-again');
    await signIn(page, administrator.secret);
    await page.getByText('What hides everything: Held.').waitFor();
    expect(page.url()).toMatch(/\/messages\?state=held$/);
  });

  it('leads to sign-in when nobody is signed in, and back to the same place', async () => {
    administrator.watch.expectStatus(401);
    await administrator.context.clearCookies();
    await go('/messages?state=held');
    await heading('Sign in');
    // The app's next code has served; a recovery code gets in as well.
    await page.getByLabel('Mail address', { exact: true }).fill(ADMINISTRATOR.address);
    await page.getByLabel('Passphrase').fill(ADMINISTRATOR.passphrase);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Recovery code' }).click();
    await page.getByLabel('Recovery code').fill(administrator.recoveryCodes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/messages?state=held');
    await page.getByText('What hides everything: Held.').waitFor();
  });

  it('knows what it does not know', async () => {
    administrator.watch.expectStatus(404);
    await go('/nowhere/at/all');
    await heading('There is nothing here');
    await go('/messages/01980000-0000-7000-8000-000000000000');
    await page.getByText('It was not found.').waitFor();
    await page.getByRole('navigation').waitFor();
    await page.getByRole('link', { name: 'Go to messages' }).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await look(page, 'console-message-not-found');
  });

  it('asks nobody for a set-up that is done, and not without the whole link', async () => {
    const stranger = await openContext(browser, [installation.consoleUrl]);
    const theirs = await stranger.context.newPage();
    await theirs.goto(installation.setupLink);
    await theirs.getByRole('heading', { name: 'Sealpost is set up already' }).waitFor();
    await look(theirs, 'console-setup-done');
    await theirs.goto(`${installation.consoleUrl}/invitation`);
    await theirs.getByText('The link is not complete').waitFor();
    await look(theirs, 'console-invitation-incomplete');
    expect(stranger.watch.take()).toEqual([]);
    await stranger.context.close();
  });

  it('refuses a wrong passphrase in words that give nothing away', async () => {
    const stranger = await openContext(browser, [installation.consoleUrl]);
    stranger.watch.expectStatus(401);
    const theirs = await stranger.context.newPage();
    await theirs.goto(`${installation.consoleUrl}/sign-in`);
    await theirs.getByLabel('Mail address', { exact: true }).fill('maria@clinic.test');
    await theirs.getByLabel('Passphrase').fill('not the right one at all');
    await theirs.getByRole('button', { name: 'Continue' }).click();
    await theirs.getByText('This address and passphrase do not fit together').waitFor();
    await look(theirs, 'console-sign-in-refused');
    expect(stranger.watch.take()).toEqual([]);
    await stranger.context.close();
  });
});
