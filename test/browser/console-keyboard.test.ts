import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMINISTRATOR, type Administrator, appCode, setUp } from './support/administrator.ts';
import { openBrowser } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { expectVisibleFocus, hasFocus, tabTo } from './support/keys.ts';
import { until } from './support/until.ts';

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

afterEach(() => expect(administrator.watch.take()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (name: string | RegExp) => page.getByRole('button', { name });

describe('the console by keyboard alone', () => {
  it('signs in', async () => {
    await administrator.context.clearCookies();
    await page.goto(`${installation.consoleUrl}/sign-in`);
    await tabTo(page, page.getByLabel('Mail address', { exact: true }));
    await page.keyboard.type(ADMINISTRATOR.address);
    await tabTo(page, page.getByLabel('Passphrase'));
    await page.keyboard.type(ADMINISTRATOR.passphrase);
    await page.keyboard.press('Enter');
    await heading('Second factor');
    // The new heading has the focus, so the way to the field is one step.
    await tabTo(page, page.getByLabel('Six-digit code'));
    await page.keyboard.type(appCode(administrator.secret, 1));
    await page.keyboard.press('Enter');
    await heading('Overview');
  });

  it('skips the navigation', async () => {
    await page.goto(installation.consoleUrl);
    await heading('Overview');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    expect(await hasFocus(skip)).toBe(true);
    await expectVisibleFocus(page);
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('content');
  });

  it('sends the demo message and is told of its progress', async () => {
    await tabTo(page, button('Send a sealed message'));
    await page.keyboard.press('Enter');
    await heading('Your laboratory results of this week');
    const titleFocused = () => hasFocus(page.getByRole('heading', { level: 1 }));
    await until('the focus on the new page', titleFocused, 5_000);
    const told = page.locator('[data-delivery] [aria-live="polite"]');
    await told.first().waitFor();
    expect(await told.count()).toBe(5);
    await tabTo(page, button(/anna@good-tls\.test/));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Attempts' }).waitFor();
    expect(await button(/anna@good-tls\.test/).getAttribute('aria-expanded')).toBe('true');
    await tabTo(page, page.getByRole('tab', { name: 'Recipients' }), true);
    await page.keyboard.press('ArrowRight');
    await page.getByText('Opening the content is recorded in the audit log.').waitFor();
  });

  it('goes through the table of messages and opens one', async () => {
    await page.goto(`${installation.consoleUrl}/messages`);
    const rows = page.locator('tr.grid-row');
    await rows.first().waitFor();
    await tabTo(page, rows.first());
    await page.keyboard.press('End');
    await until('the focus on the last row', () => hasFocus(rows.last()), 5_000);
    await page.keyboard.press('Home');
    await until('the focus on the first row', () => hasFocus(rows.first()), 5_000);
    await expectVisibleFocus(page);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
  });

  it('changes the order of methods, and hears of it', async () => {
    await page.goto(`${installation.consoleUrl}/settings/policy`);
    const order = page.getByRole('list', { name: 'Order of methods' }).first();
    const names = () =>
      order
        .getByRole('listitem')
        .evaluateAll((all: { dataset: { method: string } }[]) => all.map(({ dataset }) => dataset.method));
    await order.waitFor();
    expect(await names()).toEqual(['tls', 'portal']);
    await tabTo(page, button('Move Verified TLS down'));
    await page.keyboard.press('Enter');
    await until('the new order', async () => (await names())[0] === 'portal', 5_000);
    await page.getByText(/Verified TLS is now at place 2 of 2/).waitFor({ state: 'attached' });
    await expectVisibleFocus(page);
    await page.keyboard.press('Alt+ArrowUp');
    await until('the old order', async () => (await names())[0] === 'tls', 5_000);
    await page.keyboard.press('Alt+ArrowDown');
    await tabTo(page, button('Save as a new version'));
    await page.keyboard.press('Enter');
    await page
      .getByText(/Version 2/)
      .first()
      .waitFor();
    await page.reload();
    await order.waitFor();
    expect(await names()).toEqual(['portal', 'tls']);
  });

  it('analyses a header and checks a domain', async () => {
    await page.goto(`${installation.consoleUrl}/analyser`);
    await heading('Analyser');
    await tabTo(page, page.getByLabel('Header of a message'));
    await page.keyboard.insertText(
      'Received: from a.example by b.example with ESMTPS; Tue, 24 Nov 2026 10:05:00 +0000',
    );
    await tabTo(page, button('Analyse'));
    await page.keyboard.press('Enter');
    await page.locator('[data-verdict="encrypted"]').first().waitFor();
    await tabTo(page, page.getByRole('region', { name: 'Hops' }));
    await expectVisibleFocus(page);
    await tabTo(page, page.getByRole('tab', { name: 'Message header' }), true);
    await page.keyboard.press('ArrowRight');
    await tabTo(page, page.getByRole('textbox', { name: 'Domain' }));
    await page.keyboard.type('good-tls.test');
    await page.keyboard.press('Enter');
    await page.locator('[data-outcome="verified"]').waitFor();
  });

  it('goes anywhere by the command palette and gives the focus back on Escape', async () => {
    await page.goto(installation.consoleUrl);
    await heading('Overview');
    await tabTo(page, button('Send a sealed message'));
    await page.keyboard.press('Control+k');
    const words = page.getByPlaceholder('Go to a page or act');
    await until('the focus in the palette', () => hasFocus(words), 5_000);
    await page.keyboard.press('Escape');
    await until('the focus where it was', () => hasFocus(button('Send a sealed message')), 5_000);
    await page.keyboard.press('Control+k');
    await words.waitFor();
    await page.keyboard.type('audit');
    await page.keyboard.press('Enter');
    await heading('Audit log');
  });
});
