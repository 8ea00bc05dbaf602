import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailOf } from '../../prove/support/canary-drive.ts';
import { codeIn, linkPathIn, signInByLink } from '../../prove/support/portal-visit.ts';
import { fromSomewhere } from '../../prove/support/tenant-doors.ts';
import { WebClient } from '../../prove/support/web-client.ts';
import { type Installation, startInstallation } from './installation.ts';

let here: Installation;
beforeAll(async () => {
  // Each visitor comes from an address of their own, through a proxy that is trusted.
  here = await startInstallation({ SEALPOST_TRUSTED_PROXIES: '127.0.0.1', SEALPOST_ROLES: 'api,worker' });
});
afterAll(() => here.close());

const visitor = (headers: Record<string, string> = {}) =>
  new WebClient(here.portalUrl, { ...fromSomewhere(), ...headers });
const mail = (address: string) => (subject: RegExp, least: number) => mailOf(here, address, subject, least);

interface Sent {
  readonly id: string;
  readonly reader: string;
  readonly link: string;
}

/** A message that waits in the portal. */
async function waiting(name: string): Promise<Sent> {
  const reader = `${name}@no-tls.test`;
  const body = {
    to: [reader],
    subject: 'Results',
    text: 'The quick brown results.',
    html: '<p>Results</p><script>alert(1)</script><img src="https://tracker.example/x.png">',
  };
  const { id } = (await here.api.ask('POST', '/v1/messages', { body })).json<{ id: string }>();
  return { id, reader, link: linkPathIn((await mail(reader)(/secure message/i, 1)).text) };
}

async function stateOf({ id }: Sent): Promise<string | undefined> {
  const { deliveries } = (await here.api.ask('GET', `/v1/messages/${id}`)).json<{
    deliveries: { state: string }[];
  }>();
  return deliveries[0]?.state;
}

const mailsTo = async (address: string): Promise<number> =>
  (await here.api.ask('GET', `/v1/sandbox/mailboxes/${address}/messages`)).json<{ items: unknown[] }>().items
    .length;

/** The page without what is new in each: tokens of forms, the link itself, two letters of an address (true or invented). */
const bare = (page: string): string =>
  page
    .replace(/name="(?:token|link)" value="[^"]*"/g, '')
    .replace(/[a-z]•••@[a-z]•••/g, '')
    .replace(/value="[^"]*@[^"]*"/g, '');

describe('who asks for a code', () => {
  it('learns neither from the answer nor from its time whether an address is known', async () => {
    const { reader } = await waiting('enumerated');
    const ask = async (address: string) => {
      const browser = visitor();
      await browser.open('/sign-in');
      const form = browser.form('/sign-in');
      const body = new URLSearchParams({ ...form.fields, address });
      const began = performance.now();
      const answer = await browser.ask('POST', '/sign-in', { body });
      const took = performance.now() - began;
      const page = await browser.open('/code');
      const cookies = browser.setCookies.map((line) => line.replace(/=[^;]*/, (value) => `=${value.length}`));
      return {
        took,
        seen: { status: answer.status, to: answer.headers.location, cookies, page: bare(page.text) },
      };
    };
    const [known, unknown] = [[] as number[], [] as number[]];
    for (let round = 0; round < 5; round += 1) {
      const one = await ask(reader);
      const other = await ask(`stranger${round}@no-tls.test`);
      expect(other.seen).toEqual(one.seen);
      known.push(one.took);
      unknown.push(other.took);
    }
    const median = (times: number[]): number => [...times].sort((a, b) => a - b)[2] ?? 0;
    expect(Math.abs(median(known) - median(unknown))).toBeLessThan(Math.max(60, median(known) * 0.5));
  });

  it('sees the same page behind a link that exists and one that does not', async () => {
    const { link } = await waiting('linked');
    const real = await visitor().open(link);
    const none = await visitor().open(`/m/${'x'.repeat(link.length - 3)}`);
    expect(none.status).toBe(real.status);
    expect(bare(none.text).replaceAll(/\/m\/[\w-]+/g, '/m/')).toBe(
      bare(real.text).replaceAll(/\/m\/[\w-]+/g, '/m/'),
    );
    expect(real.text).not.toMatch(/mirabelle|linked|Results/);
  });
});

describe('a code', () => {
  it('is guessed five times at most, and then even the right one opens nothing', async () => {
    const { link, reader } = await waiting('guessed');
    const browser = visitor();
    await browser.open(link);
    await browser.press(/^\/m\//, {}, 'code');
    const right = codeIn((await mail(reader)(/sign-in code/i, 1)).text);
    const wrong = right === '000000' ? '111111' : '000000';
    // From as many addresses as they like.
    const guess = async (code: string) => {
      await browser.open('/code');
      if (!browser.page.includes('action="/code"')) return null;
      const body = new URLSearchParams({ ...browser.form('/code').fields, code });
      return browser.ask('POST', '/code', { body, headers: fromSomewhere() });
    };
    for (let count = 0; count < 5; count += 1) await guess(wrong);
    const late = await guess(right);
    expect(late?.headers.location ?? '').not.toMatch(/^\/messages/);
    expect((await browser.open('/messages')).text).not.toContain('Results');
    // Another code for this link must be waited for.
    const next = visitor();
    await next.open(link);
    expect((await next.press(/^\/m\//, {}, 'code')).status).toBe(429);
  });

  it('belongs to the browser that asked for it, and is good once', async () => {
    const { link, reader } = await waiting('once');
    const browser = visitor();
    await browser.open(link);
    await browser.press(/^\/m\//, {}, 'code');
    const code = codeIn((await mail(reader)(/sign-in code/i, 1)).text);
    const thief = visitor();
    await thief.open('/sign-in');
    await thief.press('/sign-in', { address: 'thief@no-tls.test' });
    const stolen = await thief.press('/code', { code });
    expect(stolen.text).not.toContain('Results');
    const challenge = new Map(browser.cookies);
    await browser.press('/code', { code });
    expect(browser.path).toMatch(/^\/messages\//);
    const replay = visitor();
    for (const [name, value] of challenge) replay.cookies.set(name, value);
    await replay.open('/code');
    const answer = await replay.press('/code', { code });
    expect(answer.text).not.toContain('Results');
    expect(replay.path).not.toMatch(/^\/messages/);
  });
});

describe('a mail scanner', () => {
  it('consumes nothing by fetching, and sends nothing by posting what it finds', async () => {
    const sent = await waiting('scanned');
    const before = await mailsTo(sent.reader);
    const robot = visitor({ 'user-agent': 'LinkScanner/1.0' });
    for (const method of ['GET', 'HEAD', 'GET', 'GET', 'OPTIONS']) await robot.ask(method, sent.link);
    const forgetful = visitor({ 'user-agent': 'LinkScanner/1.0' });
    await forgetful.open(sent.link);
    const form = forgetful.form(/^\/m\//);
    forgetful.cookies.clear();
    for (const { name, value } of form.buttons)
      await forgetful.ask('POST', form.action, {
        body: new URLSearchParams({ ...form.fields, [name]: value }),
      });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await stateOf(sent)).toBe('portal-waiting');
    expect(await mailsTo(sent.reader)).toBe(before);
    // The person still gets in.
    const person = await signInByLink(here.portalUrl, mail(sent.reader), { headers: fromSomewhere() });
    expect(person.page).toContain('Results');
    expect(await stateOf(sent)).toBe('portal-read');
  });
});

describe('a remembered device', () => {
  it('opens by a press where it was remembered, and asks again where its cookie was carried to', async () => {
    const { link, reader } = await waiting('remembered');
    const browser = await signInByLink(here.portalUrl, mail(reader), {
      remember: true,
      headers: fromSomewhere(),
    });
    const device = [...browser.cookies].filter(([name]) => name.includes('device'));
    expect(device).toHaveLength(1);
    const visit = async (headers: Record<string, string>) => {
      const other = visitor(headers);
      for (const [name, value] of device) other.cookies.set(name, value);
      await other.open(link);
      const mayOpen = other.form(/^\/m\//).buttons.some(({ value }) => value === 'open');
      await other.press(/^\/m\//, { act: 'open' });
      return { mayOpen, opened: other.page.includes('quick brown') || other.path.startsWith('/messages/') };
    };
    expect(await visit({})).toEqual({ mayOpen: true, opened: true });
    const stolen = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36' };
    expect(await visit(stolen)).toEqual({ mayOpen: false, opened: false });
    const onPhone = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Safari/605.1' };
    expect(await visit(onPhone)).toEqual({ mayOpen: false, opened: false });
  });
});

describe('pages and cookies', () => {
  it('lead nowhere else', async () => {
    for (const back of [
      '//evil.test',
      'https://evil.test',
      '/\\evil.test',
      '/\t/evil.test',
      'javascript:alert(1)',
      '\\\\evil.test',
      '/%2f/evil.test',
      'evil.test',
      '/\n/evil.test',
      '/@evil.test',
    ]) {
      const answer = await visitor().ask('POST', '/language', {
        body: new URLSearchParams({ locale: 'es', back }),
      });
      const to = answer.headers.location ?? '/';
      const resolved = new URL(to, here.portalUrl);
      expect(resolved.origin, back).toBe(here.portalUrl);
    }
    const host = await visitor({ host: 'evil.test' }).ask('GET', '/messages');
    expect(host.headers.location).toBe('/sign-in');
  });

  it('keep a session that nobody chose, in cookies that scripts do not see', async () => {
    const { link, reader } = await waiting('fixed');
    const planted = 'p'.repeat(43);
    const own = visitor();
    own.cookies.set('sealpost-portal', planted);
    await own.open(link);
    await own.press(/^\/m\//, {}, 'code');
    await own.press('/code', { code: codeIn((await mail(reader)(/sign-in code/i, 1)).text) });
    expect(own.path).toMatch(/^\/messages\//);
    expect(own.cookies.get('sealpost-portal')).not.toBe(planted);
    const thief = visitor();
    thief.cookies.set('sealpost-portal', planted);
    expect((await thief.ask('GET', '/messages')).headers.location).toBe('/sign-in');
    for (const line of own.setCookies) expect(line).toMatch(/; HttpOnly/i);
    for (const line of own.setCookies.filter((one) => !/Max-Age=0|1970/.test(one)))
      expect(line).toMatch(/; SameSite=(Lax|Strict)/i);
  });

  it('show foreign HTML in a frame that may do nothing', async () => {
    const { reader } = await waiting('framed');
    const browser = await signInByLink(here.portalUrl, mail(reader), { headers: fromSomewhere() });
    const frame = /<iframe[^>]*>/.exec(browser.page)?.[0] ?? '';
    expect(frame).toMatch(/ sandbox="/);
    expect(frame).not.toMatch(/allow-(scripts|same-origin|forms|top-navigation|modals|downloads)/);
    const body = await browser.ask('GET', `${browser.path}/body`);
    const policy = String(body.headers['content-security-policy']);
    expect(policy).toMatch(/sandbox/);
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).not.toMatch(/allow-scripts|script-src|https?:/);
    // What was sent stands there as it was; nothing of it is fetched or run.
    expect(policy).not.toMatch(/img-src[^;]*(\*|'self')/);
  });

  it('end a session for all its tabs when signed out', async () => {
    const { reader } = await waiting('leaving');
    const browser = await signInByLink(here.portalUrl, mail(reader), { headers: fromSomewhere() });
    const kept = new Map(browser.cookies);
    await browser.open('/sign-out');
    await browser.press('/sign-out', {});
    const tab = visitor();
    for (const [name, value] of kept) tab.cookies.set(name, value);
    expect((await tab.ask('GET', '/messages')).headers.location).toBe('/sign-in');
  });
});
