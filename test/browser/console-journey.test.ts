import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, CDPSession, Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { ADMINISTRATOR, appCode, ENDS, ORGANISATION } from './support/administrator.ts';
import { openBrowser, openContext, type Watched } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look } from './support/look.ts';
import { codeIn } from './support/portal-person.ts';
import { shownText } from './support/shown-text.ts';

let installation: Installation;
let browser: Browser;
let person: Watched;
let page: Page;
let portal: Page;
const others: Watched[] = [];

beforeAll(async () => {
  installation = await startInstallation();
  browser = await openBrowser();
  person = await newPerson();
  page = await person.context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

let broken = false;

// Each step stands on the one before: after the first failure the others would only say the same more slowly.
beforeEach(({ skip }) => {
  if (broken) skip('an earlier step of the journey failed');
  onTestFailed(() => {
    broken = true;
  });
});

afterEach(() => {
  expect([person, ...others].flatMap(({ watch }) => watch.take())).toEqual([]);
});

function newPerson(): Promise<Watched> {
  return openContext(browser, [installation.consoleUrl, installation.portalUrl]);
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

async function textOf(download: Download): Promise<string> {
  return readFileSync(await download.path(), 'utf8');
}

/** Presses and returns the file that comes of it. */
async function downloadBy(on: Page, press: () => Promise<void>): Promise<Download> {
  const [download] = await Promise.all([on.waitForEvent('download'), press()]);
  return download;
}

describe("a newcomer's first hour", () => {
  it('sets up organisation, administrator and second factor from the one-time link', async () => {
    await page.goto(installation.setupLink);
    await page.getByLabel('Name of the organisation').fill(ORGANISATION);
    expect(page.url()).not.toContain('#');
    await look(page, 'console-setup-1-organisation');
    await button('Next').click();

    await page.getByLabel('Your name').fill(ADMINISTRATOR.name);
    await page.getByLabel('Your mail address').fill(ADMINISTRATOR.address);
    await page.getByLabel('Passphrase', { exact: true }).fill('too short');
    await page.getByText('more characters are needed').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).fill(ADMINISTRATOR.passphrase);
    await page.getByLabel('The passphrase again').fill(ADMINISTRATOR.passphrase);
    await look(page, 'console-setup-2-administrator');
    await button('Next').click();

    await heading('Second factor');
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    await page.getByText('Cannot scan? Enter this key by hand').click();
    const secret = await shownText(page.locator('details code'));
    await look(page, 'console-setup-3-second-factor');
    await page.getByLabel('Six-digit code').fill(appCode(secret));
    await button('Confirm and finish').click();
  });

  it('gives recovery codes and kit, and goes on only when both are kept', async () => {
    await heading('You are signed in. Two things to keep');
    expect(await button('See what is left to do').isDisabled()).toBe(true);
    const codes = await downloadBy(page, () => button('Download the codes').click());
    expect((await textOf(codes)).trim().split('\n').length).toBeGreaterThanOrEqual(8);
    const kit = await downloadBy(page, () => button('Download the recovery kit').click());
    expect((await textOf(kit)).length).toBeGreaterThan(100);
    const opens = await shownText(page.locator('output'));
    expect(await textOf(kit)).not.toContain(opens);
    await look(page, 'console-setup-4-recovery');
    await page.getByLabel('I have put both in a safe place outside this machine').check();
    await button('See what is left to do').click();
  });

  it('comes to the score of what is still open, and from there to where each is mended', async () => {
    await heading('Getting secure');
    await page.getByRole('meter', { name: 'Security score' }).waitFor();
    await page.getByText('Everybody has the factor that their role demands (3 points)').waitFor();
    await page.getByRole('link', { name: /There are two administrators/ }).waitFor();
    await look(page, 'console-setup-5-getting-secure');
    await page.getByRole('link', { name: 'Overview', exact: true }).first().click();
  });

  it('comes to an overview that says it is a sandbox and what to do first', async () => {
    await heading('Overview');
    await page.getByText('Sandbox mode: mail goes to sandbox addresses only').waitFor();
    await page.getByText('No messages yet').waitFor();
    await look(page, 'console-overview-empty');
  });

  it('follows one sealed message live until all five recipients have their ends', async () => {
    await button('Send a sealed message').click();
    await heading('Your laboratory results of this week');
    // Proof that nothing is loaded again: a mark that a reload would wipe away.
    await page.evaluate('globalThis.sameDocument = true');
    for (const [address, state] of Object.entries(ENDS)) {
      await page.locator(`[data-state="${state}"]`).filter({ hasText: address }).waitFor({ timeout: 60_000 });
    }
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
    await page.getByText('Live', { exact: true }).waitFor();

    const row = (address: string) => page.locator('[data-delivery]').filter({ hasText: address });
    const said: Readonly<Record<keyof typeof ENDS, RegExp>> = {
      'anna@good-tls.test': /Delivered over verified TLS\./,
      'ben@no-tls.test': /Waiting in the portal, because \S+ offered no encryption\./,
      'carla@wrong-cert.test':
        /Waiting in the portal, because the certificate of \S+ is made out to another name\./,
      'dan@slow.test': /Delivered over verified TLS\..*3 attempts/s,
      'nobody@good-tls.test': /Not delivered: the recipient’s server refused it\./,
    };
    for (const [address, words] of Object.entries(said)) expect(await shownText(row(address))).toMatch(words);
    // A change is told to a screen reader, not only drawn.
    expect(await row('anna@good-tls.test').locator('[aria-live="polite"]').count()).toBe(1);
  });

  it('shows each attempt with TLS version, cipher, certificate and reply', async () => {
    await button('Show all details').click();
    const row = (address: string) => page.locator('[data-delivery]').filter({ hasText: address });
    const anna = await shownText(row('anna@good-tls.test'));
    expect(anna).toMatch(/TLS 1\.3/);
    expect(anna).toMatch(/TLS_(AES|CHACHA20)\w+/);
    expect(anna).toMatch(/CN=mx\.good-tls\.test, issued by/);
    expect(anna).toMatch(/\b[0-9a-f]{64}\b/);
    expect(anna).toMatch(/by a valid certificate for the server’s name/);
    expect(anna).toMatch(/Verified TLS is the first method of the order that can protect this copy/);
    const ben = await shownText(row('ben@no-tls.test'));
    expect(ben).toMatch(/Stopped before any content was sent/);
    expect(ben).toMatch(/No encrypted connection/);
    const dan = await shownText(row('dan@slow.test'));
    expect(dan.match(/asked us to come back later/g)).toHaveLength(2);
    expect(await shownText(row('nobody@good-tls.test'))).toMatch(/550 5\.1\.1/);
    await look(page, 'console-message-details');
    await button('Hide all details').click();
    await look(page, 'console-message');
  });

  it('shows the proof and saves it', async () => {
    await button(/anna@good-tls\.test/).click();
    await page.getByRole('link', { name: 'Show the proof' }).click();
    await heading('Proof of protection');
    await page.getByText('good-tls.test', { exact: true }).waitFor();
    expect(await shownText(page.locator('main'))).not.toContain('anna@');
    await look(page, 'console-proof');
    const saved = await downloadBy(page, () =>
      page.getByRole('link', { name: 'Proof file' }).first().click(),
    );
    const proof = JSON.parse(await textOf(saved));
    expect(JSON.parse(proof.record)).toMatchObject({
      method: 'tls',
      outcome: 'delivered',
      recipientDomain: 'good-tls.test',
    });
    expect(typeof proof.signature).toBe('string');
    await page.getByRole('link', { name: 'Back to the message' }).click();
    await heading('Your laboratory results of this week');
  });

  it('finds the notice in the sandbox mailboxes and signs in to the portal with the mailed code', async () => {
    const mailboxes = await person.context.newPage();
    await mailboxes.goto(`${installation.consoleUrl}/sandbox`);
    await mailboxes.getByRole('link', { name: 'ben@no-tls.test' }).click();
    await mailboxes.getByRole('link', { name: 'You have a secure message' }).click();
    await mailboxes.getByText('an unencrypted connection').waitFor();
    const notice = await shownText(mailboxes.locator('main'));
    // The way was in clear: neither organisation nor subject may stand in it.
    expect(notice).not.toContain(ORGANISATION);
    expect(notice).not.toContain('laboratory');
    [portal] = await Promise.all([
      person.context.waitForEvent('page'),
      mailboxes.getByRole('link', { name: /\/m\// }).click(),
    ]);
    await portal.getByRole('button', { name: 'Send me a code' }).click();

    await mailboxes.getByRole('link', { name: 'Mailbox of ben@no-tls.test' }).click();
    // The mailbox fills by itself.
    await mailboxes.getByRole('link', { name: 'Your sign-in code' }).click();
    await mailboxes
      .getByText(/\b\d{6}\b/)
      .first()
      .waitFor();
    const code = codeIn(await shownText(mailboxes.getByRole('region', { name: 'Text' })));
    expect(code).not.toBeNull();
    await mailboxes.close();
    await portal.getByLabel('Six-digit code').fill(code ?? '');
    await portal.getByRole('button', { name: 'Continue' }).click();
  });

  it('reads there, downloads the attachment, and replies with one', async () => {
    await portal.getByRole('heading', { level: 1, name: 'Your laboratory results of this week' }).waitFor();
    await portal.getByText('all values are within their range').waitFor();
    const report = await downloadBy(portal, () => portal.getByRole('link', { name: /^Download/ }).click());
    expect(report.suggestedFilename()).toBe('laboratory-report.txt');
    expect(await textOf(report)).toContain('Haemoglobin');
    await portal.getByRole('link', { name: 'Reply' }).click();
    await portal.getByLabel('Your reply').fill('Thank you. My question is attached.');
    await portal
      .getByLabel('Attachments')
      .setInputFiles({ name: 'question.txt', mimeType: 'text/plain', buffer: Buffer.from('May I eat?\n') });
    await portal.getByRole('button', { name: 'Send reply' }).click();
    await portal.getByRole('heading', { name: 'Your reply was sent' }).waitFor();
    await portal.getByRole('link', { name: 'Back to the message' }).click();
    await portal.getByText('Thank you. My question is attached.').waitFor();
  });

  it('sees in the console, without reloading, that it was read and answered', async () => {
    // Back to the console's tab: a browser draws a tab in the background once in seconds only.
    await portal.close();
    await page.bringToFront();
    const ben = page
      .locator('[data-delivery][data-state="portal-read"]')
      .filter({ hasText: 'ben@no-tls.test' });
    await ben.waitFor();
    await page.getByRole('tab', { name: 'Replies (1)' }).waitFor();
    await ben.getByRole('button').click();
    const told = await shownText(ben);
    expect(told).toMatch(/Opened, /);
    expect(told).toMatch(/Attachment downloaded, /);
    expect(told).toMatch(/Replied, /);
    await page.getByRole('tab', { name: 'Replies (1)' }).click();
    await look(page, 'console-message-replies');
    await page.getByRole('tabpanel').getByRole('link').click();
    await heading('Re: Your laboratory results of this week');
    await page.getByRole('tab', { name: 'Content' }).click();
    await button('Open the content').click();
    await page.getByText('ben@no-tls.test').first().waitFor();
    await page.getByText('Thank you. My question is attached.').waitFor();
    await page.getByRole('link', { name: 'question.txt' }).waitFor();
  });

  it("finds read receipt, reply and bounce in the sender's mailbox", async () => {
    await page.goto(`${installation.consoleUrl}/sandbox/reception@clinic.test`);
    await page.getByRole('link', { name: 'Your secure message was opened' }).waitFor();
    await page.getByRole('link', { name: /^Re: Your laboratory results/ }).waitFor();
    await page.getByRole('link', { name: 'Your message was not delivered' }).click();
    await page.getByRole('region', { name: 'Text' }).waitFor();
    const report = await shownText(page.locator('main'));
    expect(report).toContain('nobody@good-tls.test');
    expect(report).not.toContain('laboratory');
  });
});

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

describe('a second administrator', () => {
  let invitation = '';
  let context: BrowserContext;
  let theirs: Page;
  let cdp: CDPSession;
  let authenticatorId = '';

  it('is invited by a link that is shown once', async () => {
    await page.goto(`${installation.consoleUrl}/settings/people`);
    await button('Invite a person').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Tom Lindqvist');
    await dialog.getByLabel('Address').fill('tom@clinic.test');
    await dialog.getByLabel('Administrator', { exact: true }).check();
    await look(page, 'console-invite');
    await dialog.getByRole('button', { name: 'Make the invitation' }).click();
    await dialog.getByText('Hand over this link').waitFor();
    invitation = /http\S+\/invitation#[\w-]+/.exec(await shownText(dialog))?.[0] ?? '';
    expect(invitation).not.toBe('');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('has not taken up the invitation yet').waitFor();
  });

  it('chooses a passphrase and a passkey', async () => {
    const watched = await newPerson();
    others.push(watched);
    context = watched.context;
    theirs = await context.newPage();
    cdp = await context.newCDPSession(theirs);
    await cdp.send('WebAuthn.enable');
    ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR }));
    await theirs.goto(invitation);
    await theirs.getByLabel('Passphrase', { exact: true }).fill('nine harbours in winter');
    await theirs.getByLabel('The passphrase again').fill('nine harbours in winter');
    await look(theirs, 'console-invitation');
    await theirs.getByRole('button', { name: 'Next' }).click();
    await theirs.getByRole('tab', { name: 'Passkey' }).click();
    await look(theirs, 'console-invitation-passkey');
    await theirs.getByRole('button', { name: 'Make a passkey and finish' }).click();
    await theirs.getByRole('heading', { name: 'You are signed in. Keep your recovery codes' }).waitFor();
    await theirs.getByRole('button', { name: 'Download the codes' }).click();
    await theirs.getByRole('button', { name: 'Go to the overview' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('signs out and in again with the passkey', async () => {
    await theirs.getByRole('button', { name: 'Account of Tom Lindqvist' }).click();
    await theirs.getByRole('menuitem', { name: 'Sign out' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await look(theirs, 'console-sign-in');
    await theirs.getByLabel('Mail address', { exact: true }).fill('tom@clinic.test');
    await theirs.getByLabel('Passphrase').fill('nine harbours in winter');
    await theirs.getByRole('button', { name: 'Continue' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Second factor' }).waitFor();
    await look(theirs, 'console-sign-in-passkey');
    await theirs.getByRole('button', { name: 'Use the passkey' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await theirs.goto(`${installation.consoleUrl}/settings/sessions`);
    await theirs.getByText('Passkey').first().waitFor();
  });

  it('sees what the first one asks for, in words, and approves it; the first one takes the answer', async () => {
    await page.goto(`${installation.consoleUrl}/settings/second-person`);
    await page.getByLabel('API keys, service accounts, OAuth clients').check();
    await page.getByLabel('How long the audit log is kept, and who reviews it').check();
    await button('Save').click();
    await page.getByText('Saved.').waitFor();
    await page.goto(`${installation.consoleUrl}/settings/api-keys`);
    await button('New API key').first().click();
    await page.getByLabel('What is it for').fill('Laboratory');
    await button('Make the key').click();
    await page.getByText('Waits for a second person').waitFor();
    await page.goto(`${installation.consoleUrl}/settings/second-person`);
    await page.getByText('Make an API key').waitFor();
    expect(await button('Approve and do it').count()).toBe(0);

    await theirs.goto(`${installation.consoleUrl}/settings/second-person`);
    await theirs.getByText('Make an API key').waitFor();
    await theirs.getByRole('button', { name: 'See what is asked for' }).click();
    const dialog = theirs.getByRole('dialog');
    await dialog.getByText('Laboratory').waitFor();
    await look(theirs, 'console-second-person-asked');
    await dialog.getByRole('button', { name: 'Approve and do it' }).click();
    await theirs.getByText('It was done.').waitFor();
    await theirs.getByText('Approved by Tom Lindqvist', { exact: false }).waitFor();
    await look(theirs, 'console-second-person-approved');

    await page.reload();
    await button('Show what came of it').click();
    await page.getByText('It is shown this once.', { exact: false }).waitFor();
    await page.getByLabel('Secret').waitFor();
    await look(page, 'console-second-person-answer');
  });

  it('adds a hardware key on their own page, and signs in with nothing else', async () => {
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...AUTHENTICATOR, transport: 'usb' } });
    await theirs.goto(`${installation.consoleUrl}/settings/account`);
    await theirs.getByRole('heading', { level: 1, name: 'Your sign-in' }).waitFor();
    await theirs.getByRole('button', { name: 'Add a passkey or hardware key' }).click();
    const dialog = theirs.getByRole('dialog');
    await dialog.getByLabel('Name, so that you know it again').fill('Key on the ring');
    await look(theirs, 'console-account-add');
    await dialog.getByRole('button', { name: 'Add the passkey' }).click();
    await theirs.getByText('Key on the ring').waitFor();
    await look(theirs, 'console-account');
    await theirs.getByRole('button', { name: 'Account of Tom Lindqvist' }).click();
    await theirs.getByRole('menuitem', { name: 'Sign out' }).click();
    await theirs.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
});
