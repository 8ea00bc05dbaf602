import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { type Administrator, ENDS, setUp } from './support/administrator.ts';
import { openBrowser } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look, snap, violations } from './support/look.ts';
import { until } from './support/until.ts';

let installation: Installation;
let browser: Browser;
let administrator: Administrator;
let page: Page;
let message = '';

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
    ['console-analyser-empty', '/analyser', 'Analyser'],
    ['console-policy', '/settings/policy', 'Protection policy'],
    ['console-pdf-passwords-empty', '/settings/pdf-passwords', 'PDF passwords'],
    ['console-waivers-empty', '/settings/waivers', 'Waivers'],
    ['console-api-keys-empty', '/settings/api-keys', 'API keys'],
    ['console-certificates-empty', '/settings/certificates', 'Certificates'],
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

  it('certificates: an authority is trusted, a recipient’s certificate added, and what it is worth is said', async () => {
    const root = makeAuthority('Example Health Root');
    const usable = makeCertificate({ name: 'Erika', issuer: root, key: 'rsa', emails: ['erika@x.test'] });
    const stranger = makeCertificate({ name: 'Otto', emails: ['otto@x.test'] });
    const file = (name: string, text: string) => ({
      name,
      mimeType: 'application/x-pem-file',
      buffer: Buffer.from(text),
    });
    await open('/settings/certificates', 'Certificates');
    await page.getByRole('tab', { name: 'Trusted authorities' }).click();
    await press('Trust an authority');
    await page.getByLabel('Certificate', { exact: true }).setInputFiles(file('root.pem', root.pem));
    await look(page, 'console-certificates-trust');
    await press('Trust it');
    await page.getByText('Example Health Root').first().waitFor();
    await page.getByRole('tab', { name: 'Recipients' }).click();
    for (const [address, { pem }] of [
      ['otto@x.test', stranger],
      ['erika@x.test', usable],
    ] as const) {
      await press('Add a certificate');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Mail address of the recipient').fill(address);
      await dialog.getByLabel('Certificate', { exact: true }).setInputFiles(file('own.pem', pem));
      await dialog.getByRole('button', { name: 'Add' }).click();
      await page.getByText(address).first().waitFor();
    }
    await page.getByText('Usable', { exact: true }).waitFor();
    await page.getByText('Not trusted', { exact: true }).waitFor();
    await look(page, 'console-certificates');
    await page.getByRole('tab', { name: 'Signing' }).click();
    await page.getByLabel('Encryption').waitFor();
    await look(page, 'console-certificates-signing');
    await page.getByRole('tab', { name: 'Directories' }).click();
    await page.getByText('No directory yet').waitFor();
    await press('Add a directory');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Server', { exact: true }).fill('ldap.clinic.test');
    await dialog.getByLabel('Protection').selectOption('starttls');
    expect(await dialog.getByLabel('Port').inputValue()).toBe('389');
    await dialog.getByLabel('Where people stand').fill('ou=people,dc=clinic,dc=test');
    await dialog.getByLabel('Asked as').fill('cn=sealpost,dc=clinic,dc=test');
    await dialog.getByLabel('Password').fill('seven grey herons');
    await look(page, 'console-certificates-directory');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Mail address to look for').fill('erika@x.test');
    await press('Test this directory');
    await page.getByText('There is no server of this name.').waitFor();
    await snap(page, 'console-certificates-directories');
    expect(await violations(page)).toEqual([]);
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

  it('a waiver: recorded with the text that was shown, then withdrawn', async () => {
    await open('/settings/waivers', 'Waivers');
    await press('Record a waiver');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Recipient’s address').fill('anna@good-tls.test');
    await dialog.getByLabel('Language of the text').selectOption('es');
    const record = dialog.getByRole('button', { name: 'Record', exact: true });
    expect(await record.isDisabled()).toBe(true);
    await dialog.getByLabel('The recipient has read or heard this').check();
    await look(page, 'console-waiver-record');
    await record.click();
    await page.getByText('In force').waitFor();
    await page.getByText('Text that was shown').click();
    await page.getByText('El correo electrónico normal no está protegido').waitFor();
    await look(page, 'console-waivers');
    await press('Withdraw');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
  });

  it('the audit log, verified', async () => {
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
    await page.getByLabel('Protection', { exact: true }).selectOption('pgp');
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
    administrator.watch.expectStatus(422);
    await page.getByRole('textbox', { name: 'Domain' }).fill('hospital.example');
    await press('Check');
    await page.getByText('In sandbox mode mail goes to sandbox addresses only.').waitFor();
    await look(page, 'console-analyser-domain-refused');
    administrator.watch.expectStatus();
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
