import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';

let stage: PortalStage;
let clinic: OrganisationId;
let person = 0;
let network = 0;

/** A person nobody has used before: limits are counted per person. */
const someone = (): string => {
  person += 1;
  return `reader${person}@no-tls.test`;
};
/** A browser in a network of its own: codes are counted per network. */
const browser = (): PageBrowser => {
  network += 1;
  return new PageBrowser(stage.server, { address: `10.1.${network}.9` });
};

const lastCode = (): string => {
  const body = stage.notices.at(-1)?.body;
  if (body?.kind !== 'sign-in-code') throw new Error('no code was mailed');
  return body.code;
};
const wrongCode = (): string => String((Number(lastCode()) + 1) % 1_000_000).padStart(6, '0');

async function askByLink(reader: PageBrowser, token: string): Promise<void> {
  await reader.get(`/m/${token}`);
  await reader.press(/^\/m\//, {}, 'code');
}

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.notices.length = 0;
});

describe('signing in with the link', () => {
  it('mails a code to the recipient on a press, and opens the message with it', async () => {
    const to = someone();
    const { linkToken, item } = await stage.place({ organisation: clinic, to });
    const reader = browser();
    const first = await reader.get(`/m/${linkToken}`);
    expect(first.status).toBe(200);
    expect(reader.page).not.toContain('Riverside');
    expect(stage.notices).toHaveLength(0);
    await reader.press(/^\/m\//, {}, 'code');
    expect(reader.path).toBe('/code');
    expect(stage.notices).toHaveLength(1);
    expect(stage.notices[0]).toMatchObject({
      organisation: clinic,
      locale: 'en',
      to: { local: to.split('@')[0], domain: 'no-tls.test' },
    });
    expect(lastCode()).toMatch(/^\d{6}$/);
    await reader.press('/code', { code: `${lastCode().slice(0, 3)} ${lastCode().slice(3)}` });
    expect(reader.path).toBe(`/messages/${item}`);
    expect(reader.page).toContain('Riverside Clinic');
    expect(reader.page).toContain('All is well.');
    expect(reader.cookies.has('__Host-sealpost-device')).toBe(false);
  });

  it('keeps of link, code, session and device only hashes, and no clear address', async () => {
    const to = someone();
    const { linkToken } = await stage.place({ organisation: clinic, to, subject: 'subject-canary' });
    const reader = browser();
    await askByLink(reader, linkToken);
    const code = lastCode();
    await reader.press('/code', { code, remember: 'yes' });
    const secrets = [
      linkToken,
      code,
      to,
      'subject-canary',
      reader.cookies.get('__Host-sealpost-portal'),
      reader.cookies.get('__Host-sealpost-device'),
    ];
    const dump = await stage.database.tenant([clinic], 'app', async (tx) => {
      const tables = ['person', 'copy', 'item', 'code', 'device', 'session', 'access', 'reply'];
      const texts = await Promise.all(
        tables.map((name) =>
          tx.query<{ row: string }>({
            text: `select portal_${name}::text as row from sealpost.portal_${name}`,
          }),
        ),
      );
      return texts
        .flat()
        .map(({ row }) => row)
        .join('\n');
    });
    for (const secret of secrets) {
      expect(secret).toBeDefined();
      // The code's six digits may stand in a hash by chance: look for them as a value of their own.
      expect(dump).not.toMatch(secret === code ? new RegExp(`[,(]${code}[,)]`) : String(secret));
      expect(dump).not.toContain(Buffer.from(String(secret)).toString('hex'));
    }
  });

  it('gives five tries, counts them down, then closes the code and pauses the entry, longer each time', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const pauses: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const reader = browser();
      await askByLink(reader, linkToken);
      for (let left = 4; left >= 1; left -= 1) {
        const answer = await reader.press('/code', { code: wrongCode() });
        expect(answer.status).toBe(422);
        expect(reader.page).toContain(`Tries left: ${left}.`);
      }
      const right = lastCode();
      const over = await reader.press('/code', { code: wrongCode() });
      expect(over.status).toBe(429);
      const said = /in about (one minute|\d+ minutes)\./.exec(reader.page)?.[1];
      const minutes = said === 'one minute' ? 1 : Number.parseInt(said ?? '', 10);
      pauses.push(minutes);

      // Neither the right code in another window of the same browser, nor a new code, before the pause is over.
      const late = browser();
      for (const [name, value] of reader.cookies) late.cookies.set(name, value);
      await askByLink(late, linkToken);
      expect(late.page).toContain('Please wait a little');
      expect(right).toHaveLength(6);
      stage.clock.advance(minutes * 60_000 + 1000);
    }
    expect(pauses).toEqual([1, 5]);
  });

  it('does not take the right code after five wrong ones', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const reader = browser();
    await askByLink(reader, linkToken);
    const challenge = reader.cookies.get('__Host-sealpost-code') ?? '';
    for (let i = 0; i < 4; i += 1) await reader.press('/code', { code: wrongCode() });
    const formPage = reader.page;
    await reader.press('/code', { code: wrongCode() });
    reader.cookies.set('__Host-sealpost-code', challenge);
    reader.page = formPage;
    await reader.get('/code');
    const answer = await reader.press('/code', { code: lastCode() });
    expect(answer.status).toBe(429);
    expect(reader.cookies.has('__Host-sealpost-portal')).toBe(false);
  });

  it('counts parallel tries one by one', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const reader = browser();
    await askByLink(reader, linkToken);
    const tokens: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      await reader.get('/code');
      tokens.push(/action="\/code"[\s\S]*?name="token" value="([^"]+)"/.exec(reader.page)?.[1] ?? '');
    }
    const answers = await Promise.all(
      tokens.map((token) => reader.post('/code', { token, code: wrongCode() })),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(8);
  });

  it('ends a code after ten minutes and after its use', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const old = browser();
    await askByLink(old, linkToken);
    stage.clock.advance(10 * 60_000 + 1000);
    expect((await old.press('/code', { code: lastCode() })).status).toBe(422);

    const reader = browser();
    await askByLink(reader, linkToken);
    const challenge = reader.cookies.get('__Host-sealpost-code') ?? '';
    await reader.press('/code', { code: lastCode() });
    const second = browser();
    second.cookies.set('__Host-sealpost-code', challenge);
    await second.get('/code');
    expect((await second.press('/code', { code: lastCode() })).status).toBe(422);
  });

  it('is good only in the browser that asked', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const asker = browser();
    await askByLink(asker, linkToken);
    const code = lastCode();
    const thief = browser();
    await askByLink(thief, 'A'.repeat(43));
    expect((await thief.press('/code', { code })).status).toBe(422);
    expect(thief.cookies.has('__Host-sealpost-portal')).toBe(false);
  });

  it('replaces a code on request', async () => {
    const { linkToken, item } = await stage.place({ organisation: clinic, to: someone() });
    const reader = browser();
    await askByLink(reader, linkToken);
    const first = lastCode();
    await reader.press('/code/again');
    expect(stage.notices).toHaveLength(2);
    if (first !== lastCode()) expect((await reader.press('/code', { code: first })).status).toBe(422);
    await reader.press('/code', { code: lastCode() });
    expect(reader.path).toBe(`/messages/${item}`);
  });
});

describe('limits without telling', () => {
  it('answers a known and an unknown link alike, in every step and at every limit', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const run = async (token: string): Promise<string[]> => {
      const seen: string[] = [];
      const note = (reader: PageBrowser, status: number): void => {
        const page = reader.page
          .replaceAll(token, 'TOKEN')
          // Two letters of an address, true ones or invented.
          .replace(/[a-z]•••@[a-z]•••/g, 'MASKED')
          .replace(/name="token" value="[^"]*"/g, (found) => `token of ${found.length}`);
        const lengths = [...reader.cookies].map(([name, value]) => `${name}:${value.length}`).sort();
        seen.push(`${status} ${reader.path.replace(token, 'TOKEN')} ${lengths.join(' ')}\n${page}`);
      };
      const reader = browser();
      note(reader, (await reader.get(`/m/${token}`)).status);
      note(reader, (await reader.press(/^\/m\//, {}, 'code')).status);
      for (const code of ['12', '000000', '000000', '000000', '000000', '000000', '000000']) {
        if (!reader.page.includes('action="/code"')) break;
        note(reader, (await reader.press('/code', { code })).status);
      }
      note(reader, (await reader.get(`/m/${token}`)).status);
      note(reader, (await reader.press(/^\/m\//, {}, 'code')).status);
      stage.clock.advance(61_000);
      for (let i = 0; i < 6; i += 1) {
        await reader.get(`/m/${token}`);
        note(reader, (await reader.press(/^\/m\//, {}, 'code')).status);
      }
      return seen;
    };
    expect(await run('B'.repeat(43))).toEqual(await run(linkToken));
  });

  it('answers a known and an unknown address alike, and mails only the known one', async () => {
    const to = someone();
    await stage.place({ organisation: clinic, to });
    const run = async (address: string): Promise<[number, string, string]> => {
      const reader = browser();
      await reader.get('/sign-in');
      const { status } = await reader.press('/sign-in', { address });
      return [status, reader.path, reader.page.replace(/value="[^"]*"/g, '')];
    };
    const unknown = await run('stranger@no-tls.test');
    expect(stage.notices).toHaveLength(0);
    expect(await run(to.toUpperCase())).toEqual(unknown);
    expect(stage.notices).toHaveLength(1);
    expect((await run('not an address'))[0]).toBe(422);
  });

  it('takes as long for nobody as for somebody', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const asked: number[] = [];
    for (const token of [linkToken, 'C'.repeat(43)]) {
      const reader = browser();
      await reader.get(`/m/${token}`);
      const before = stage.pauses.length;
      await reader.press(/^\/m\//, {}, 'code');
      asked.push(stage.pauses.length - before);
    }
    // Both waited for the rest of the same time.
    expect(asked).toEqual([1, 1]);
  });

  it('mails one person at most ten codes an hour, over all links, and says nothing of it', async () => {
    const to = someone();
    for (let link = 0; link < 4; link += 1) {
      const { linkToken } = await stage.place({ organisation: clinic, to });
      for (let i = 0; i < 4; i += 1) {
        const reader = browser();
        await askByLink(reader, linkToken);
        expect(reader.path).toBe('/code');
      }
    }
    expect(stage.notices).toHaveLength(10);
  });

  it('lets one network ask for sixty codes an hour', async () => {
    let refused = 0;
    for (let i = 0; i < 62; i += 1) {
      const reader = new PageBrowser(stage.server, { address: `192.0.2.${(i % 250) + 1}` });
      await reader.get('/sign-in');
      const { status } = await reader.press('/sign-in', { address: `nobody${i}@x.test` });
      if (status === 429) refused += 1;
    }
    expect(refused).toBe(2);
  });
});

describe('remembered devices', () => {
  const remember = async (reader: PageBrowser, to: string): Promise<void> => {
    const { linkToken } = await stage.place({ organisation: clinic, to });
    await askByLink(reader, linkToken);
    await reader.press('/code', { code: lastCode(), remember: 'yes' });
    expect(reader.cookies.has('__Host-sealpost-device')).toBe(true);
    reader.cookies.delete('__Host-sealpost-portal');
  };

  it('open the next link with one press, for ninety days', async () => {
    const to = someone();
    const reader = browser();
    await remember(reader, to);
    const next = await stage.place({ organisation: clinic, to });
    stage.notices.length = 0;
    await reader.get(`/m/${next.linkToken}`);
    expect(reader.page).toContain('Open message');
    expect(stage.read).not.toContain(next.delivery);
    await reader.press(/^\/m\//, {}, 'open');
    expect(reader.path).toBe(`/messages/${next.item}`);
    expect(stage.notices).toHaveLength(0);
    expect(stage.read).toContain(next.delivery);

    reader.cookies.delete('__Host-sealpost-portal');
    stage.clock.advance(91 * 86_400_000);
    const late = await stage.place({ organisation: clinic, to });
    await reader.get(`/m/${late.linkToken}`);
    expect(reader.page).not.toContain('Open message');
  });

  it('ask for a code in another browser, or on another system in another network', async () => {
    const to = someone();
    const reader = browser();
    await remember(reader, to);
    const next = await stage.place({ organisation: clinic, to });
    const elsewhere = async (userAgent: string, address: string): Promise<boolean> => {
      const other = new PageBrowser(stage.server, { userAgent, address });
      for (const [name, value] of reader.cookies) other.cookies.set(name, value);
      await other.get(`/m/${next.linkToken}`);
      const offered = other.page.includes('Open message');
      const pressed = await other.press(/^\/m\//, { act: 'open' });
      expect(other.path === `/messages/${next.item}` && pressed.status === 200).toBe(offered);
      return offered;
    };
    const home = `10.1.${network}.200`;
    const linux = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/199.0';
    const windows = 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0';
    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36';
    expect(await elsewhere(linux, home)).toBe(true);
    expect(await elsewhere(linux, '198.51.100.3')).toBe(true);
    expect(await elsewhere(chrome, home)).toBe(false);
    expect(await elsewhere(windows, '198.51.100.3')).toBe(false);
  });

  it('belong to one person: another one gets the code page', async () => {
    const reader = browser();
    await remember(reader, someone());
    const other = await stage.place({ organisation: clinic, to: someone() });
    await reader.get(`/m/${other.linkToken}`);
    expect(reader.page).not.toContain('Open message');
    await reader.press(/^\/m\//, { act: 'open' });
    expect(reader.path).toBe('/code');
  });

  it('serve the same address in another organisation, after a press', async () => {
    const to = someone();
    const reader = browser();
    await remember(reader, to);
    const hospital = await stage.organisation('General Hospital');
    const next = await stage.place({ organisation: hospital, to });
    await reader.get(`/m/${next.linkToken}`);
    await reader.press(/^\/m\//, {}, 'open');
    expect(reader.page).toContain('General Hospital');
    await reader.get('/messages');
    expect(reader.page).toContain('Riverside Clinic');
    expect(reader.page).toContain(next.item);
  });

  it('are forgotten on wish', async () => {
    const to = someone();
    const reader = browser();
    const { linkToken } = await stage.place({ organisation: clinic, to });
    await askByLink(reader, linkToken);
    await reader.press('/code', { code: lastCode(), remember: 'yes' });
    const device = reader.cookies.get('__Host-sealpost-device') ?? '';
    await reader.get('/sign-out');
    await reader.press('/sign-out', {}, 'forget');
    expect(reader.path).toBe('/signed-out');
    expect(reader.cookies.has('__Host-sealpost-device')).toBe(false);
    reader.cookies.set('__Host-sealpost-device', device);
    await reader.get(`/m/${linkToken}`);
    expect(reader.page).not.toContain('Open message');
  });
});

describe('sessions', () => {
  it('end by signing out, after 30 idle minutes, and after eight hours', async () => {
    const signedIn = async (): Promise<PageBrowser> => {
      const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
      const reader = browser();
      await askByLink(reader, linkToken);
      await reader.press('/code', { code: lastCode() });
      return reader;
    };
    const out = await signedIn();
    const token = out.cookies.get('__Host-sealpost-portal') ?? '';
    await out.get('/sign-out');
    await out.press('/sign-out', {}, 'keep');
    out.cookies.set('__Host-sealpost-portal', token);
    await out.get('/messages');
    expect(out.path).toBe('/sign-in');

    const idle = await signedIn();
    stage.clock.advance(31 * 60_000);
    await idle.get('/messages');
    expect(idle.path).toBe('/sign-in');

    const long = await signedIn();
    for (let i = 0; i < 23; i += 1) {
      stage.clock.advance(20 * 60_000);
      await long.get('/messages');
      expect(long.path).toBe('/messages');
    }
    stage.clock.advance(21 * 60_000);
    await long.get('/messages');
    expect(long.path).toBe('/sign-in');
  });

  it('follow the language that was chosen', async () => {
    const { linkToken } = await stage.place({ organisation: clinic, to: someone() });
    const reader = browser();
    await reader.get(`/m/${linkToken}`, { 'accept-language': 'es-MX,es;q=0.9' });
    expect(reader.page).toContain('<html lang="es">');
    await reader.get('/sign-in');
    await reader.press('/language', { locale: 'es' });
    await askByLink(reader, linkToken);
    expect(stage.notices.at(-1)?.locale).toBe('es');
    await reader.press('/code', { code: lastCode() });
    await reader.get('/help');
    await reader.press('/language', { locale: 'es' });
    expect(reader.path).toBe('/help');
    const { locale } = await stage.place({ organisation: clinic, to: `reader${person}@no-tls.test` });
    expect(locale).toBe('es');
  });
});
