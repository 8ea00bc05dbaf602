import { type Drive, expectStatus, mailOf } from './canary-drive.ts';
import { longText, sendSmall } from './canary-messages.ts';
import { signInByLink } from './portal-visit.ts';
import { WebClient } from './web-client.ts';

/** A recipient's whole visit: code, reading, files, reply with files, another language, leaving. */
export async function visitPortal(drive: Drive, reader: string): Promise<void> {
  const { words, system } = drive;
  const headers = {
    'accept-language': `${words.word('portal: Accept-Language')}, en`,
    referer: `https://elsewhere.test/${words.word('portal: Referer')}`,
  };
  const mail = (subject: RegExp, least: number) => mailOf(drive, reader, subject, least);
  const notice = await mail(/secure message/i, 1);
  drive.secrets.push(/\/m\/([\w-]+)/.exec(notice.text)?.[1] ?? '');

  // Who writes nonsense first.
  const stranger = new WebClient(
    system.portalUrl,
    {},
    words.address('portal: network address of a stranger'),
  );
  await stranger.open('/sign-in');
  await stranger.press('/sign-in', { address: `${words.word('portal: unknown address')}@nowhere.test` });
  await stranger.press('/code', { code: '000000' });
  await stranger.open('/sign-in');
  await stranger.press('/sign-in', { address: words.word('portal: no address at all') });
  await stranger.ask('POST', '/language', {
    body: new URLSearchParams({ locale: 'es', back: `/${words.word('portal: way back')}` }),
  });

  const browser = await signInByLink(system.portalUrl, mail, {
    remember: true,
    headers,
    localAddress: words.address('portal: network address of the reader'),
  });
  drive.secrets.push(...browser.cookies.values());
  const page = browser.path;
  for (const path of [`${page}/body`, `${page}/attachments/0`, `${page}/attachments/1`, '/messages'])
    expectStatus(drive, `portal ${path.replace(/[0-9a-f-]{36}/, ':id')}`, await browser.open(path), 200);

  await browser.open(`${page}/reply`);
  const files = [
    {
      name: `${words.word('reply: file name')}.txt`,
      type: 'text/plain',
      bytes: Buffer.from(words.word('reply: file, small')),
    },
    {
      name: 'large.bin',
      type: 'application/x-chart',
      bytes: Buffer.from(longText(words.word('reply: file, large'), 300_000)),
    },
  ];
  const form = browser.form(/\/reply$/);
  const text = `${words.word('reply: text')} – gracias`;
  const sent = await browser.upload(form.action, { ...form.fields, text }, files);
  if (!browser.path.endsWith('/reply-sent')) drive.surprises.push(`reply: ${sent.status} at ${browser.path}`);
  // A reply without a good token is shown again, not stored.
  await browser.upload(
    form.action,
    { token: words.word('reply: bad token'), text: words.word('reply: unsent text') },
    [],
  );
  await browser.upload(
    form.action,
    { ...form.fields, text: `${words.word('reply: too long')} ${'x'.repeat(120_000)}` },
    [],
  );
  await browser.open('/sign-out');
  await browser.press('/sign-out', {});

  await sendSmall(drive, reader);
  // The remembered device opens the second message by a press.
  const again = await mail(/secure message/i, 2);
  await browser.open(/(\/m\/[\w-]+)/.exec(again.text)?.[1] ?? '/');
  await browser.press(/^\/m\//, {}, 'open');
  drive.secrets.push(...browser.cookies.values());
}
