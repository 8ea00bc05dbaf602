import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryId, OrganisationId } from '#core/ids';
import { formsOf, PageBrowser } from '../../../test/support/page-browser.ts';
import {
  openPortalStage,
  type Placed,
  type PortalStage,
  type StagedMail,
} from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

let stage: PortalStage;
let clinic: OrganisationId;
let count = 0;

async function signedIn(mail: Partial<StagedMail> = {}): Promise<{ reader: PageBrowser; placed: Placed }> {
  count += 1;
  const placed = await stage.place({ organisation: clinic, to: `reader${count}@x.test`, ...mail });
  return { reader: await signInBy(stage, placed), placed };
}

const acts = (delivery: DeliveryId): Promise<string[]> =>
  stage.database.tenant([clinic], 'app', async (tx) =>
    (await stage.portal.accessLog(tx, clinic, delivery)).map(({ act }) => act),
  );
const audited = (action: string): Promise<number> =>
  stage.database.tenant([clinic], 'app', async (tx) => {
    const rows = await tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry' });
    return rows.filter(({ leaf }) => leaf.includes(`"${action}"`)).length;
  });
/** Everything a robot could have changed, as text. */
const consumed = (): Promise<string> =>
  stage.database.tenant([clinic], 'app', async (tx) => {
    const items = await tx.query({
      text: 'select id, state, first_read_at from sealpost.portal_item order by id',
    });
    const rest = await tx.one({
      text: `select (select count(*) from sealpost.portal_access) as acts, (select count(*) from sealpost.portal_session) as sessions,
               (select count(*) from sealpost.portal_device) as devices, (select count(*) from sealpost.portal_reply) as replies,
               (select count(*) from sealpost.portal_code where used_at is not null) as codes`,
    });
    return JSON.stringify([items, rest, stage.read.length]);
  });

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

describe('reading', () => {
  it('records the opening before it shows anything, tells the delivery once, and lists the message as read', async () => {
    const before = await audited('portal.opened');
    const { reader, placed } = await signedIn({ subject: 'Blood <results>' });
    expect(reader.page).toContain('<h1>Blood &lt;results&gt;</h1>');
    expect(reader.page).toContain('Dr. Lee &lt;dr.lee@clinic.test&gt;');
    await reader.get(`/messages/${placed.item}`);
    expect(stage.read.filter((delivery) => delivery === placed.delivery)).toHaveLength(1);
    expect(await acts(placed.delivery)).toEqual(['opened', 'opened']);
    expect(await audited('portal.opened')).toBe(before + 2);
    await reader.get('/messages');
    expect(reader.page).toContain('<span class="state read">Read</span>');
    expect(reader.page).toContain(`href="/messages/${placed.item}"`);
  });

  it('shows nothing when the opening cannot be recorded', async () => {
    const { reader, placed } = await signedIn();
    const next = await stage.place({
      organisation: clinic,
      to: `reader${count}@x.test`,
      text: 'unrecorded-canary',
    });
    stage.failRead = true;
    const answer = await reader.get(`/messages/${next.item}`);
    stage.failRead = false;
    expect(answer.status).toBe(500);
    expect(reader.page).not.toContain('unrecorded-canary');
    expect(reader.page).toContain('That did not work');
    expect(await acts(next.delivery)).toEqual([]);
    expect(await acts(placed.delivery)).toEqual(['opened']);
  });

  it('puts formatted text into a frame without rights, and offers plain text', async () => {
    const html = '<p>formatted</p><script>alert(1)</script><img src="https://t.example/x.gif">';
    const { reader, placed } = await signedIn({ html, text: 'plain-canary' });
    expect(reader.page).toContain(`<iframe class="sent short screen" src="/messages/${placed.item}/body"`);
    const frame = await reader.get(`/messages/${placed.item}/body`);
    expect(frame.headers['content-security-policy']).toMatch(
      /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:/,
    );
    expect(frame.headers['x-frame-options']).toBe('SAMEORIGIN');
    expect(frame.text).toContain('<p>formatted</p>');
    await reader.get(`/messages/${placed.item}?view=text`);
    expect(reader.page).toContain('plain-canary');
    expect(reader.page).not.toContain('<iframe');
  });

  it('opens no part of a message that was not opened', async () => {
    const { reader } = await signedIn();
    const next = await stage.place({
      organisation: clinic,
      to: `reader${count}@x.test`,
      html: '<p>x</p>',
      attachments: [{ name: 'a.txt', type: 'text/plain', content: Buffer.from('a') }],
    });
    for (const part of ['body', 'attachments/0', 'reply', 'reply-sent']) {
      expect((await reader.get(`/messages/${next.item}/${part}`)).status, part).toBe(404);
    }
    expect((await reader.get(`/messages/${next.item}`, { 'sec-purpose': 'prefetch;prerender' })).status).toBe(
      404,
    );
    expect(await acts(next.delivery)).toEqual([]);
  });

  it('gives attachments to be saved, never shown, also from a blob', async () => {
    const bytes = randomBytes(150_000);
    const { reader, placed } = await signedIn({
      attachments: [
        { name: 'Befund ä.html', type: 'text/html', content: Buffer.from('<script>1</script>') },
        { name: 'scan.bin', type: 'application/octet-stream', content: bytes },
      ],
    });
    expect(reader.page).toContain('Download Befund ä.html');
    expect(reader.page).toContain('150 KB');
    const answer = await reader.get(`/messages/${placed.item}/attachments/0`);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="Befund _.html"; filename*=UTF-8''Befund%20%C3%A4.html`,
    );
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.text).toBe('<script>1</script>');
    expect((await reader.get(`/messages/${placed.item}/attachments/1`)).headers['content-length']).toBe(
      '150000',
    );
    expect((await reader.get(`/messages/${placed.item}/attachments/2`)).status).toBe(404);
    expect(await acts(placed.delivery)).toEqual(['opened', 'downloaded', 'downloaded']);
  });

  it('pages long lists', async () => {
    const { reader, placed } = await signedIn();
    const to = `reader${count}@x.test`;
    for (let i = 0; i < 26; i += 1) await stage.place({ organisation: clinic, to });
    await reader.get('/messages');
    expect(reader.page.match(/<tr class="waiting">/g)).toHaveLength(25);
    const next = /href="(\/messages\?before=[^"]+)"/.exec(reader.page)?.[1] ?? '';
    await reader.get(next);
    expect(reader.page).toContain(placed.item);
    expect(reader.page.match(/<tr class="/g)).toHaveLength(2);
  });

  it('sends the strict policy with every page', async () => {
    const { reader, placed } = await signedIn();
    for (const path of [
      '/sign-in',
      '/code',
      '/messages',
      `/messages/${placed.item}`,
      '/help',
      `/m/${placed.linkToken}`,
    ]) {
      const { headers } = await reader.get(path);
      expect(headers['content-security-policy'], path).toBe(
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cache-control']).toBe('no-store');
    }
  });
});

describe('ends', () => {
  it('says in clear words that a message has expired, before and after the sweeper', async () => {
    const { reader, placed } = await signedIn();
    expect(reader.page).toContain('All is well.');
    await stage.database.tenant([clinic], 'worker', (tx) =>
      tx.execute({
        text: `update sealpost.portal_item set expires_at = now() - interval '1 second' where id = $1`,
        values: [placed.item],
      }),
    );
    for (let round = 0; round < 2; round += 1) {
      const answer = await reader.get(`/messages/${placed.item}`);
      expect(answer.status).toBe(410);
      expect(reader.page).toContain('This message has expired');
      await reader.get('/messages');
      expect(reader.page).toContain('No longer available');
      await stage.portal.expireDue();
    }
    // The link leads a person who signs in to the same words.
    const late = await signInBy(stage, placed);
    expect(late.page).toContain('This message has expired');
  });

  it('says that a message was taken back', async () => {
    const { reader, placed } = await signedIn();
    await stage.database.tenant([clinic], 'app', (tx) => stage.portal.retract(tx, clinic, placed.message));
    for (const part of ['', '/body', '/attachments/0', '/reply']) {
      const answer = await reader.get(`/messages/${placed.item}${part}`);
      expect(answer.status, part).toBe(410);
      expect(reader.page).toContain('This message was taken back');
    }
  });
});

describe('isolation', () => {
  it('answers other people and other organisations as if there were nothing', async () => {
    const { placed: mine } = await signedIn({
      html: '<p>x</p>',
      attachments: [{ name: 'a', type: 'text/plain', content: Buffer.from('a') }],
    });
    const { reader: neighbour } = await signedIn();
    const hospital = await stage.organisation('Hospital');
    const { reader: stranger } = await signedIn({ organisation: hospital });
    const before = await consumed();
    const parts = ['', '?view=text', '/body', '/attachments/0', '/reply', '/reply-sent'];
    for (const reader of [neighbour, stranger]) {
      const nothing = await reader.get('/messages/01934f00-0000-7000-8000-000000000001');
      expect(nothing.status).toBe(404);
      for (const part of parts) {
        const answer = await reader.get(`/messages/${mine.item}${part}`);
        expect(answer.status, part).toBe(404);
        expect(answer.text.replace(/value="[^"]*"/g, '')).toBe(nothing.text.replace(/value="[^"]*"/g, ''));
      }
      expect(
        (await reader.pressMultipart(`/messages/${mine.item}/reply`, { token: 'x', text: 'y' }, [])).status,
      ).toBe(404);
      await reader.get('/messages');
      expect(reader.page).not.toContain(mine.item);
    }
    expect(await consumed()).toBe(before);
  });

  it('leads everybody without a session to sign-in', async () => {
    const { placed } = await signedIn();
    for (const path of [
      '/messages',
      `/messages/${placed.item}`,
      `/messages/${placed.item}/body`,
      `/messages/${placed.item}/attachments/0`,
      `/messages/${placed.item}/reply`,
    ]) {
      const nobody = new PageBrowser(stage.server);
      await nobody.get(path);
      expect(nobody.path).toBe('/sign-in');
    }
  });
});

describe('mail scanners', () => {
  /** Fetches the link, follows every link of ours on what it finds, posts every form with every button. */
  async function scan(robot: PageBrowser, start: string): Promise<void> {
    const seen = new Set<string>();
    const waiting = [start];
    for (let path = waiting.shift(); path !== undefined && seen.size < 40; path = waiting.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { text } = await robot.get(path);
      for (const [, found = ''] of text.matchAll(/\b(?:href|src)="(\/[^"#]*)"/g)) waiting.push(found);
      for (const form of formsOf(text)) {
        const presses =
          form.buttons.length === 0 ? [{}] : form.buttons.map(({ name, value }) => ({ [name]: value }));
        const typed = { ...form.fields };
        if ('code' in typed) typed.code = '000000';
        if ('address' in typed) typed.address = 'a@b.test';
        for (const press of presses) {
          const answer = await robot.post(form.action, { ...typed, ...press });
          if (answer.status === 303) waiting.push(String(answer.headers.location));
        }
      }
    }
  }

  it.each([
    ['without cookies', { keepsCookies: false }],
    ['with cookies, posting every form it finds', { keepsCookies: true }],
  ])('consume nothing (%s)', async (_name, options) => {
    count += 1;
    const placed = await stage.place({ organisation: clinic, to: `scanned${count}@x.test` });
    const before = await consumed();
    const mailed = stage.notices.length;
    await scan(
      new PageBrowser(stage.server, { ...options, address: `10.3.${count}.1` }),
      `/m/${placed.linkToken}`,
    );
    expect(await consumed()).toBe(before);
    // With cookies a few codes went out, which shows that the robot's posts are taken; without not even one.
    const codes = stage.notices.slice(mailed).filter(({ organisation }) => organisation === clinic);
    if (options.keepsCookies) expect(codes.length).toBeGreaterThan(0);
    expect(codes.length).toBeLessThanOrEqual(options.keepsCookies ? 5 : 0);

    // And the person can still open the message.
    stage.clock.advance(61 * 60_000);
    const reader = await signInBy(stage, placed);
    expect(reader.page).toContain('All is well.');
  });

  it('get nothing by HEAD', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'head@x.test' });
    const before = await consumed();
    const answer = await stage.server.inject({ method: 'HEAD' as 'GET', path: `/m/${placed.linkToken}` });
    expect([404, 405]).toContain(answer.status);
    expect(await consumed()).toBe(before);
  });

  it('may be pressed on a remembered device only by that device', async () => {
    count += 1;
    const to = `device${count}@x.test`;
    const reader = await signInBy(stage, await stage.place({ organisation: clinic, to }));
    const next = await stage.place({ organisation: clinic, to });
    // Even a robot that has the session cookie and only fetches the link opens nothing.
    await reader.get(`/m/${next.linkToken}`);
    expect(reader.page).toContain('Open message');
    expect(await acts(next.delivery)).toEqual([]);
  });
});

describe('where a form comes from', () => {
  it.each([
    ['a browser under no-referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
    ['an old browser under no-referrer', { origin: 'null' }, 303],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a frame of another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s', async (_name, headers, status) => {
    const answer = await stage.server.inject({
      method: 'POST',
      path: '/language',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: 'locale=es&back=%2Fhelp',
    });
    expect(answer.status).toBe(status);
  });
});

describe('files', () => {
  it('are served compressed, for a year, under their hash only', async () => {
    const reader = new PageBrowser(stage.server);
    await reader.get('/help');
    const css = /href="(\/assets\/[0-9a-f]+\/portal\.css)"/.exec(reader.page)?.[1] ?? '';
    const answer = await reader.get(css, { 'accept-encoding': 'gzip, br' });
    expect(answer.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/css; charset=utf-8',
    });
    expect(answer.headers['cache-control']).toContain('immutable');
    expect((await reader.get(css)).text).toContain('--sp-paper');
    expect((await reader.get(css.replace('portal.css', 'inter.woff2'))).headers['content-type']).toBe(
      'font/woff2',
    );
    expect((await reader.get(css.replace(/[0-9a-f]{16}/, '0000000000000000'))).status).toBe(404);
    expect((await reader.get(css.replace('portal.css', '..%2f..%2fpackage.json'))).status).toBe(404);
  });
});
