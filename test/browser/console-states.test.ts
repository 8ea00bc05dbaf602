import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { IdentityId, OrganisationId } from '#core/ids';
import { ADMINISTRATOR, type Administrator, setUp, signIn } from './support/administrator.ts';
import { openBrowser, openContext } from './support/browser.ts';
import { agePassphrases } from './support/expire.store.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look, snap } from './support/look.ts';
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

afterEach(async () => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  administrator.watch.expectStatus();
  expect(administrator.watch.take()).toEqual([]);
});

const go = (path: string) => page.goto(installation.consoleUrl + path);
const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

/** Opens a page, and tells who is signed in. */
async function sessionOf(path: string) {
  const read = page.waitForResponse((one) => new URL(one.url()).pathname === '/v1/session');
  await go(path);
  return sessionSchema.parse(await (await read).json());
}
const id = <Id>() => z.string().transform((text) => text as Id);
const sessionSchema = z.object({
  identity: z.object({ id: id<IdentityId>() }),
  organisation: z.object({ id: id<OrganisationId>() }),
});

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

  it('goes on after a sign-in at a provider, whose session waits for the key of this browser', async () => {
    const { identity, organisation } = await sessionOf('/messages');
    const { access, database } = installation.system.parts.foundation;
    const came = { factors: ['oidc', 'phishing-resistant'], agent: undefined, signOn: 'connection' };
    const from = { origin: { address: null, channel: 'console' }, request: null } as const;
    const { token } = await database.tenant([organisation.id], 'app', (tx) =>
      access.sessions.start(tx, { identity: identity.id, organisation: organisation.id, ...came }, from),
    );
    const theirs = await openContext(browser, [installation.consoleUrl]);
    // What the server says before the session is bound.
    theirs.watch.expectStatus(401);
    await theirs.context.addCookies([{ name: 'sealpost', value: token, url: installation.consoleUrl }]);
    const landed = await theirs.context.newPage();
    await landed.goto(`${installation.consoleUrl}/messages`);
    await landed.getByText('No messages yet').waitFor();
    expect((await access.sessions.authenticate(token))?.session.proofKey).not.toBeNull();
    expect(theirs.watch.take()).toEqual([]);
    await theirs.context.close();
  });

  it('adds a telephone for codes, where the organisation counts them', async () => {
    const { organisation } = await sessionOf('/settings/sign-in');
    await page.getByLabel('A code by text message').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await go('/settings/account');
    await page.getByRole('button', { name: 'Add a telephone for texted codes' }).click();
    await page.getByLabel('Telephone number').fill('+1 555 555 0142');
    await look(page, 'console-add-telephone');
    await page.getByRole('button', { name: 'Text me a code' }).click();
    await page.getByText('A code is on its way to ••42.').waitFor();
    const { world } = installation.system.parts;
    const text = await until('the text', async () => world.texts()?.texts(organisation.id)[0]?.words);
    await page.getByLabel('Six-digit code').fill(/\d{6}/.exec(text)?.[0] ?? '');
    await page.getByRole('button', { name: 'Add the telephone' }).click();
    await page.getByText('Telephone for codes by text').waitFor();
    await look(page, 'console-account-telephone');
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

  // The last: the passphrase of the others is no longer good afterwards.
  it('asks on the way in for a new passphrase where the old one is due, and takes no other for it', async () => {
    await go('/settings/sign-in');
    await page.getByLabel('Days after which a passphrase must be changed').fill('30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await agePassphrases(installation.system, 31);
    const other = await openContext(browser, [installation.consoleUrl]);
    other.watch.expectStatus(422);
    const theirs = await other.context.newPage();
    await theirs.goto(`${installation.consoleUrl}/sign-in`);
    await theirs.getByLabel('Mail address', { exact: true }).fill(ADMINISTRATOR.address);
    await theirs.getByLabel('Passphrase').fill(ADMINISTRATOR.passphrase);
    await theirs.getByRole('button', { name: 'Continue' }).click();
    await theirs.getByRole('button', { name: 'Recovery code' }).click();
    await theirs.getByLabel('Recovery code').fill(administrator.recoveryCodes[1] ?? '');
    await theirs.getByRole('button', { name: 'Sign in' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'A new passphrase is due' }).waitFor();
    const choose = async (passphrase: string) => {
      await theirs.getByLabel('New passphrase').fill(passphrase);
      await theirs.getByLabel('The passphrase again').fill(passphrase);
      await theirs.getByRole('button', { name: 'Change it and sign in' }).click();
    };
    await choose(ADMINISTRATOR.passphrase);
    await theirs.getByText('This is the passphrase that you have now.').waitFor();
    await look(theirs, 'console-passphrase-due');
    await choose('eleven bright kettles sing');
    await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(other.watch.take()).toEqual([]);
    await other.context.close();
  });
});
