import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPdf } from '#platform/pdf';
import { type Administrator, setUp } from './support/administrator.ts';
import { openBrowser, openContext, type Watched } from './support/browser.ts';
import { expireInPortal } from './support/expire.store.ts';
import { heedWaivers } from './support/heed-waivers.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { look, snap } from './support/look.ts';
import { openPatientPortal } from './support/patient-portal.ts';
import { placePdfPassword } from './support/pdf-password.ts';
import { newestCode, noticeLink, openFromNotice } from './support/portal-person.ts';

const BEN = 'ben@no-tls.test';

let installation: Installation;
let browser: Browser;
let administrator: Administrator;
let person: Watched;
let page: Page;
let link = '';

/** A mail as a mail program writes it, formatted, with a picture from elsewhere that must never be loaded. */
const FORMATTED = [
  'From: Dr. Lee <dr.lee@clinic.test>',
  `To: ${BEN}`,
  'Subject: Your examination, formatted',
  'Date: Sun, 22 Nov 2026 10:00:00 +0000',
  'Message-ID: <formatted@clinic.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<h2>Examination</h2><p>All is <b>well</b>. <a href="https://example.org/">More</a></p>',
  '<img src="https://tracker.example/pixel.gif"><script>document.title = "owned"</script>',
];

/** Eight pages. */
async function leaflet(): Promise<Buffer> {
  const sheet = await startPdf({ title: 'Before your visit', date: new Date('2026-03-01T00:00:00Z') });
  sheet.title('Before your visit');
  sheet.paragraph('Please read this leaflet. It says what to bring, and what to do on the day before.');
  for (let line = 1; line <= 250; line += 1) sheet.list([`Point ${line}: bring this leaflet with you.`]);
  return sheet.finish({ footer: 'Riverside Clinic', password: null });
}

beforeAll(async () => {
  installation = await startInstallation();
  browser = await openBrowser();
  administrator = await setUp(browser, installation);
  const { api } = administrator;
  const seen: string[] = [];
  const nextLink = async () => {
    seen.push(await noticeLink(api, BEN, seen));
    return seen.at(-1) ?? '';
  };
  const old = await api.send({ to: [BEN], subject: 'An old letter' });
  await nextLink();
  const wrong = await api.send({ to: [BEN], subject: 'Meant for somebody else' });
  await nextLink();
  await expireInPortal(installation.system, api.organisation, old);
  await api.post(`/v1/messages/${wrong}/retract`);
  await api.sendRaw('dr.lee@clinic.test', BEN, FORMATTED);
  await nextLink();
  await api.post('/v1/messages', {
    from: 'dr.lee@clinic.test',
    to: [BEN],
    subject: 'Your blood results of this week, with a rather long subject that has to wrap somewhere',
    text: 'Dear Ben,\n\nall values are within their range.\nSee https://example.org/visit for the next visit.\n\nYours,\nDr. Lee',
    attachments: [
      { name: 'results 2026.txt', type: 'text/plain', content: btoa('Haemoglobin 14.1\n') },
      { name: 'leaflet.pdf', type: 'application/pdf', content: (await leaflet()).toString('base64') },
    ],
  });
  link = await nextLink();
  person = await openContext(browser, [installation.portalUrl]);
  page = await person.context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

afterEach(() => expect(person.watch.take()).toEqual([]));

const go = (path: string) => page.goto(installation.portalUrl + path);
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('every portal page is drawn well, wide and narrow, light and dark', () => {
  it('before sign-in', async () => {
    await page.goto(link);
    await heading('A secure message is waiting');
    await look(page, 'portal-link');
    await go('/sign-in');
    await look(page, 'portal-sign-in');
    person.watch.expectStatus(422);
    await press('Send me a code');
    await page.getByText('Enter an email address, such as').first().waitFor();
    await look(page, 'portal-sign-in-missing');
    await go('/help');
    await look(page, 'portal-help');
  });

  it('the code, and a wrong one', async () => {
    person.watch.expectStatus(422);
    await page.goto(link);
    const since = Date.now();
    await press('Send me a code');
    await heading('Enter your code');
    await look(page, 'portal-code');
    const code = await newestCode(administrator.api, BEN, since);
    await page.getByLabel('Six-digit code').fill(code === '000000' ? '111111' : '000000');
    await press('Continue');
    await page.getByText('That code is not right.').first().waitFor();
    await look(page, 'portal-code-wrong');
    await page.getByLabel('Six-digit code').fill(code);
    await press('Continue');
    await heading(/^Your blood results/);
  });

  it('a message, its print, and the list', async () => {
    await look(page, 'portal-message');
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('link', { name: 'Reply' }).isVisible()).toBe(false);
    expect(await page.getByText('all values are within their range').isVisible()).toBe(true);
    await snap(page, 'portal-message-print');
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('link', { name: 'Back to messages' }).click();
    await heading('Your messages');
    await look(page, 'portal-list');
  });

  it('a formatted message, shown without its scripts and its pictures from elsewhere', async () => {
    await page.getByRole('link', { name: 'Your examination, formatted' }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Examination' }).waitFor();
    expect(await page.title()).not.toContain('owned');
    await look(page, 'portal-message-formatted');
    // The browser tells what it stopped; nothing else may be told, and no request may have left.
    const stopped = person.watch.take();
    expect(stopped.some((one) => one.includes('tracker.example'))).toBe(true);
    const STOPPED = /violates the following Content Security Policy directive|Blocked script execution/;
    expect(stopped.filter((one) => !STOPPED.test(one))).toEqual([]);
    await page.getByRole('link', { name: 'Show as plain text' }).click();
    await page.getByText('All is well').waitFor();
    await look(page, 'portal-message-plain');
  });

  it('expired and taken back, in clear words', async () => {
    person.watch.expectStatus(410);
    for (const [state, title, name] of [
      ['Expired', 'This message has expired', 'portal-expired'],
      ['Taken back', 'This message was taken back', 'portal-taken-back'],
    ] as const) {
      await go('/messages');
      await page.getByRole('row').filter({ hasText: state }).getByRole('link').click();
      await heading(title);
      await page.getByText('the office that wrote to you').waitFor();
      await look(page, name);
    }
  });

  it('the reply, an empty one, and one that was sent', async () => {
    person.watch.expectStatus(422);
    await go('/messages');
    await page.getByRole('link', { name: /^Your blood results/ }).click();
    await page.getByRole('link', { name: 'Reply' }).click();
    await look(page, 'portal-reply');
    await press('Send reply');
    await page.getByText('Write something, or add an attachment.').first().waitFor();
    await look(page, 'portal-reply-empty');
    await page.getByLabel('Your reply').fill('Thank you.');
    await press('Send reply');
    await heading('Your reply was sent');
    await look(page, 'portal-reply-sent');
    await page.getByRole('link', { name: 'Back to the message' }).click();
    await page.getByRole('heading', { name: 'Your replies' }).waitFor();
    await look(page, 'portal-message-replied');
  });

  it('an attachment that is looked at, without being saved', async () => {
    await go('/messages');
    await page.getByRole('link', { name: /^Your blood results/ }).click();
    await page.getByRole('link', { name: 'View results 2026.txt' }).click();
    await page.frameLocator('iframe').getByText('Haemoglobin 14.1').waitFor();
    await page.getByRole('link', { name: 'Download results 2026.txt' }).waitFor();
    await look(page, 'portal-preview');
  });

  it('a PDF, as pictures of its pages', async () => {
    await go('/messages');
    await page.getByRole('link', { name: /^Your blood results/ }).click();
    await page.getByRole('link', { name: 'View leaflet.pdf' }).click();
    await page.frameLocator('iframe').getByRole('img', { name: 'Page 1 of 8' }).waitFor();
    await look(page, 'portal-preview-pdf');
    await page.getByRole('link', { name: 'Next pages' }).click();
    await page.frameLocator('iframe').getByRole('img', { name: 'Page 8 of 8' }).waitFor();
    await page.getByRole('link', { name: 'Earlier pages' }).waitFor();
  });

  it('a new message, one without a subject, and one that was written', async () => {
    person.watch.expectStatus(422);
    await go('/messages');
    await page.getByRole('link', { name: 'Write a message' }).click();
    await look(page, 'portal-write');
    await press('Send message');
    await page.getByText('Write in a few words what it is about.').first().waitFor();
    await look(page, 'portal-write-missing');
    await page.getByLabel('Subject').fill('May I swim?');
    // By the keyboard alone from here.
    await page.getByLabel('Your message').focus();
    await page.keyboard.type('And how far?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await heading('May I swim?');
    await look(page, 'portal-written');
    await page.getByRole('link', { name: 'Back to messages' }).click();
    await page.getByRole('link', { name: 'May I swim?' }).waitFor();
    await look(page, 'portal-list-written');
  });

  it('a search, one that finds nothing, and one that finds', async () => {
    await go('/messages');
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByLabel('Words to look for').fill('zeppelin');
    await press('Search');
    await page.getByText('Nothing was found').waitFor();
    await look(page, 'portal-search-nothing');
    await page.getByLabel('Words to look for').fill('within range');
    await page.getByLabel('Words to look for').press('Enter');
    await page.getByRole('link', { name: /^Your blood results/ }).waitFor();
    expect(page.url()).toBe(`${installation.portalUrl}/search`);
    await look(page, 'portal-search-found');
  });

  it('passwords of PDFs: the list, and one', async () => {
    await placePdfPassword(installation.system, administrator.api.organisation, BEN);
    await go('/messages');
    await page.getByRole('link', { name: 'PDF passwords' }).click();
    await heading('PDF passwords');
    await look(page, 'portal-pdf-passwords');
    await page.getByRole('link', { name: 'Your biopsy' }).click();
    await heading('Password of your PDF');
    await page.getByText('abcde-fghjk-mnpqr').waitFor();
    await look(page, 'portal-pdf-password');
  });

  it('a message on its way to paper', async () => {
    await go('/messages');
    await page.getByRole('link', { name: /^Your blood results/ }).click();
    await page.getByRole('link', { name: 'Print' }).click();
    await page.getByText('Paper is not protected').waitFor();
    await look(page, 'portal-print');
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Paper is not protected').isVisible()).toBe(false);
    await snap(page, 'portal-print-on-paper');
    await page.emulateMedia({ media: 'screen' });
  });

  it('preferences, a waiver that is read about, and a caregiver taken back', async () => {
    const { api } = administrator;
    await heedWaivers(installation.system, api.organisation);
    await api.post('/v1/caregivers', {
      ...{ patientAddress: BEN, caregiverAddress: 'carer@good-tls.test', relation: 'family' },
      ...{ label: 'your brother', reason: 'asked for at the visit' },
    });
    await go('/preferences');
    await heading('Your preferences');
    await look(page, 'portal-preferences');
    person.watch.expectStatus(422);
    await page.getByText('Hand in a key').click();
    await page.getByLabel('Public key or certificate').fill('no key');
    await press('Hand in');
    await page.getByText('not a public key or certificate').first().waitFor();
    await look(page, 'portal-preferences-wrong-key');
    await press('Read about the risk');
    await heading('Receiving plain email');
    await look(page, 'portal-waiver');
    await go('/access');
    await page.getByText('carer@good-tls.test').first().waitFor();
    await look(page, 'portal-access');
    await press('Take back the access of carer@good-tls.test');
    await page.getByText('Nobody but you can read').waitFor();
  });

  it('what does not exist', async () => {
    person.watch.expectStatus(404);
    await go('/nowhere');
    await heading('This page does not exist');
    await look(page, 'portal-missing');
  });

  it('leaving', async () => {
    await go('/sign-out');
    await look(page, 'portal-sign-out');
    await press('Sign out');
    await heading('You are signed out');
    await look(page, 'portal-signed-out');
  });

  it('the organisation’s own patient portal: behind the link, at its own page, and by an account of somebody else', async () => {
    const { organisation } = administrator.api;
    const { id, idp } = await openPatientPortal(installation.system, organisation);
    const theirs = await openContext(browser, [installation.portalUrl, idp.issuer]);
    const tab = await theirs.context.newPage();
    await tab.goto(link);
    await look(tab, 'portal-link-door');
    idp.person = { sub: 'anna', claims: { email: 'anna@no-tls.test', email_verified: true } };
    theirs.watch.expectStatus(403);
    await tab.getByRole('link', { name: 'Sign in with MyChart' }).click();
    await tab.getByRole('heading', { level: 1, name: 'No messages for this account' }).waitFor();
    await look(tab, 'portal-door-refused');
    await tab.goto(`${installation.portalUrl}/portal/${id}`);
    await look(tab, 'portal-door');
    await theirs.context.clearCookies();
    idp.person = { sub: 'ben', claims: { email: BEN, email_verified: true } };
    await tab.goto(link);
    // By the keyboard alone: after the skip link and the languages comes what the page is for.
    await tab.getByRole('button', { name: 'Send me a code' }).focus();
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    await tab.getByRole('heading', { level: 1, name: /^Your blood results/ }).waitFor();
    expect(theirs.watch.take()).toEqual([]);
    await theirs.context.close();
    await idp.close();
  });

  it('a link on a remembered device, and too many wrong codes', async () => {
    const remembering = await openContext(browser, [installation.portalUrl]);
    const theirs = await openFromNotice(remembering.context, administrator.api, BEN, link, {
      remember: true,
    });
    await theirs.goto(`${installation.portalUrl}/sign-out`);
    await theirs.getByRole('button', { name: 'Sign out', exact: true }).click();
    await theirs.goto(link);
    await theirs.getByText('This device is remembered').waitFor();
    await look(theirs, 'portal-link-remembered');
    remembering.watch.expectStatus(422, 429);
    await theirs.getByRole('button', { name: /Ask for a code instead/ }).click();
    for (let tries = 0; tries < 5; tries += 1) {
      await theirs.getByLabel('Six-digit code').fill('000000');
      await theirs.getByRole('button', { name: 'Continue' }).click();
    }
    await theirs.getByRole('heading', { name: 'Please ask for a new code' }).waitFor();
    await look(theirs, 'portal-code-over');
    expect(remembering.watch.take()).toEqual([]);
    await remembering.context.close();
  });
});
