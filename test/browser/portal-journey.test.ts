import type { Browser, BrowserContextOptions, Cookie, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Administrator, setUp } from './support/administrator.ts';
import { openBrowser, openContext } from './support/browser.ts';
import { type Installation, startInstallation } from './support/installation.ts';
import { hasFocus, tabTo } from './support/keys.ts';
import { look, violations } from './support/look.ts';
import { newestCode, noticeLink, openFromNotice } from './support/portal-person.ts';
import { pressAsRobot, visitAsRobot } from './support/robot.ts';
import { until } from './support/until.ts';

let installation: Installation;
let browser: Browser;
let administrator: Administrator;

beforeAll(async () => {
  installation = await startInstallation();
  browser = await openBrowser();
  administrator = await setUp(browser, installation);
});

afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true };

/** A fresh message to a fresh mailbox on the server without encryption. */
async function placed(local: string): Promise<{ address: string; link: string; message: string }> {
  const address = `${local}@no-tls.test`;
  const message = await administrator.api.send({
    to: [address],
    subject: 'Your results',
    text: 'All values are within their range.',
  });
  return { address, message, link: await noticeLink(administrator.api, address) };
}

const WORDS = {
  en: {
    locale: 'en-US',
    send: 'Send me a code',
    code: 'Six-digit code',
    go: 'Continue',
    reply: 'Reply',
    text: 'Your reply',
    sendReply: 'Send reply',
    sent: 'Your reply was sent',
    remember: /Remember this device/,
    open: 'Open message',
  },
  es: {
    locale: 'es-MX',
    send: 'Enviarme un código',
    code: 'Código de seis cifras',
    go: 'Continuar',
    reply: 'Responder',
    text: 'Su respuesta',
    sendReply: 'Enviar respuesta',
    sent: 'Su respuesta se ha enviado',
    remember: /Recordar este dispositivo/,
    open: 'Abrir el mensaje',
  },
} as const;

describe.each(Object.entries(WORDS))('on a phone, by keyboard alone, in %s', (language, words) => {
  it('from the notice to a reply', async () => {
    const { address, link } = await placed(`phone-${language}`);
    const { context, watch } = await openContext(browser, [installation.portalUrl], {
      ...PHONE,
      locale: words.locale,
    });
    const page = await context.newPage();
    await page.goto(link);
    expect(await page.evaluate('document.documentElement.lang')).toBe(language);
    const accessible = async (): Promise<void> => expect(await violations(page)).toEqual([]);
    await accessible();
    await tabTo(page, page.getByRole('button', { name: words.send }));
    const since = Date.now();
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel(words.code));
    await accessible();
    await page.keyboard.type(await newestCode(administrator.api, address, since));
    await tabTo(page, page.getByLabel(words.remember));
    await page.keyboard.press('Space');
    await tabTo(page, page.getByLabel(words.code), true);
    await page.keyboard.press('Enter');
    await page.getByText('All values are within their range.').waitFor();
    await accessible();
    if (language === 'es') await look(page, 'portal-message-es');
    await page.setViewportSize({ width: 360, height: 740 });
    await tabTo(page, page.getByRole('link', { name: words.reply }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel(words.text));
    await page.keyboard.type('¡Gracias! Thank you.');
    await tabTo(page, page.getByRole('button', { name: words.sendReply }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: words.sent }).waitFor();
    await accessible();
    await page.goto(`${installation.portalUrl}/ways`);
    await accessible();
    expect(watch.take()).toEqual([]);
    // Only the remembered device is left; from here without script, as reading must work.
    const kept = (await context.cookies()).filter(({ name }) => /device|language/.test(name));
    expect(kept.some(({ name }) => name.endsWith('device'))).toBe(true);
    const userAgent = await page.evaluate<string>('navigator.userAgent');
    await context.close();
    await onePress({ address, link, kept, userAgent, words });
  });
});

/** From the link to the readable message on a remembered device: one press, by the keyboard, without script. */
async function onePress(known: {
  readonly address: string;
  readonly link: string;
  readonly kept: readonly Cookie[];
  readonly userAgent: string;
  readonly words: (typeof WORDS)[keyof typeof WORDS];
}): Promise<void> {
  const { words } = known;
  await administrator.api.send({ to: [known.address], subject: 'A second letter' });
  const next = await noticeLink(administrator.api, known.address, [known.link]);
  const { context, watch } = await openContext(browser, [installation.portalUrl], {
    ...PHONE,
    locale: words.locale,
    userAgent: known.userAgent,
    javaScriptEnabled: false,
  });
  await context.addCookies([...known.kept]);
  const page = await context.newPage();
  // A press is what sends something: pages that are only shown are none.
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.redirectedFrom() === null) sent.push(request.method());
  });
  await page.goto(next);
  const button = page.getByRole('button', { name: words.open });
  await button.waitFor();
  for (let stop = 0; stop < 20 && !(await hasFocus(button)); stop += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'A second letter' }).waitFor();
  await page.getByText('All is well.').waitFor();
  expect(sent).toEqual(['GET', 'POST']);
  expect(watch.take()).toEqual([]);
  await context.close();
}

it('signs in with a passkey in one press, once one was added', async () => {
  const { address, link } = await placed('with-passkey');
  const { context, watch } = await openContext(browser, [installation.portalUrl], PHONE);
  const page = await openFromNotice(context, administrator.api, address, link);
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.getByRole('link', { name: 'Set up a passkey' }).click();
  await look(page, 'portal-ways');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey was added.').waitFor();
  await look(page, 'portal-ways-passkey');
  await page.goto(`${installation.portalUrl}/sign-out`);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.goto(link);
  await look(page, 'portal-link-passkey');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('All values are within their range.').waitFor();
  await page.goto(`${installation.portalUrl}/ways`);
  await page.getByRole('button', { name: 'Remove Passkey 1' }).click();
  await page.getByText('It was removed.').waitFor();
  expect(watch.take()).toEqual([]);
  await context.close();
});

it('keeps a message of the high class closed where nothing second is on record, in clear words', async () => {
  const address = 'high@no-tls.test';
  const message = await administrator.api.send({ to: [address], subject: 'Sensitive', class: 'high' });
  const link = await noticeLink(administrator.api, address);
  const { context, watch } = await openContext(browser, [installation.portalUrl], PHONE);
  watch.expectStatus(403);
  const page = await context.newPage();
  await page.goto(link);
  const since = Date.now();
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Six-digit code').fill(await newestCode(administrator.api, address, since));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'This message cannot be opened yet' }).waitFor();
  await look(page, 'portal-unprovable');
  const states = await administrator.api.deliveryStates(message);
  expect(states[address]).toBe('portal-waiting');
  const told = await administrator.api.mailTo('reception@clinic.test', ({ subject }) =>
    subject.includes('cannot be opened'),
  );
  expect(told.text).not.toMatch(/Sensitive|high@/);
  expect(watch.take()).toEqual([]);
  await context.close();
});

it('changes the language on any page and stays on it', async () => {
  const { link } = await placed('language');
  const { context, watch } = await openContext(browser, [installation.portalUrl]);
  const page = await context.newPage();
  await page.goto(`${installation.portalUrl}/help`);
  await page.getByRole('button', { name: 'Español' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ayuda' }).waitFor();
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: 'Le espera un mensaje seguro' }).waitFor();
  expect(watch.take()).toEqual([]);
  await context.close();
});

it('reads, signs in and replies without JavaScript', async () => {
  const { address, link, message } = await placed('scriptless');
  const { context } = await openContext(browser, [installation.portalUrl], {
    ...PHONE,
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto(link);
  const since = Date.now();
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Six-digit code').fill(await newestCode(administrator.api, address, since));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('All values are within their range.').waitFor();
  expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Reply' }).click();
  await page.getByLabel('Your reply').fill('Without any script.');
  await page
    .getByLabel('Attachments')
    .setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('note\n') });
  await page.getByRole('button', { name: 'Send reply' }).click();
  await page.getByRole('heading', { name: 'Your reply was sent' }).waitFor();
  await until('the state read', async () => {
    const states = await administrator.api.deliveryStates(message);
    return states[address] === 'portal-read';
  });
  await context.close();
});

it('gives a link-scanning robot nothing, and takes nothing from the person', async () => {
  const { address, link, message } = await placed('scanned');
  const pressed = await visitAsRobot(browser, link);
  expect(pressed).toBeGreaterThan(0);
  expect(await pressAsRobot(browser, link)).toBeGreaterThan(4);
  const states = await administrator.api.deliveryStates(message);
  expect(states[address]).toBe('portal-waiting');

  const { context, watch } = await openContext(browser, [installation.portalUrl]);
  const page = await context.newPage();
  await page.goto(link);
  const since = Date.now();
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Six-digit code').fill(await newestCode(administrator.api, address, since));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('All values are within their range.').waitFor();
  await until('the state read', async () => {
    const now = await administrator.api.deliveryStates(message);
    return now[address] === 'portal-read';
  });
  expect(watch.take()).toEqual([]);
  await context.close();
});

it('opens with one press on a remembered device, and asks again once it is forgotten', async () => {
  const first = await placed('remembered');
  const { context, watch } = await openContext(browser, [installation.portalUrl]);
  const page: Page = await context.newPage();
  await page.goto(first.link);
  const since = Date.now();
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Six-digit code').fill(await newestCode(administrator.api, first.address, since));
  await page.getByLabel(/Remember this device/).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('All values are within their range.').waitFor();
  await page.goto(`${installation.portalUrl}/sign-out`);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();

  await administrator.api.send({ to: [first.address], subject: 'A second letter' });
  const second = await noticeLink(administrator.api, first.address, [first.link]);
  await page.goto(second);
  await page.getByRole('button', { name: 'Open message' }).click();
  await page.getByRole('heading', { level: 1, name: 'A second letter' }).waitFor();

  await page.goto(`${installation.portalUrl}/sign-out`);
  await page.getByRole('button', { name: 'Sign out and forget this device' }).click();
  await page.goto(second);
  await page.getByRole('button', { name: 'Send me a code' }).waitFor();
  expect(watch.take()).toEqual([]);
  await context.close();
});
