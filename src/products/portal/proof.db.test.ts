import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Permission } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { formsOf, PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type Placed, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

const ORIGIN = { origin: 'http://localhost:8026', id: 'localhost' };
const BORN = 'March 27, 1958';
let stage: PortalStage;
let clinic: OrganisationId;
let people = 0;

const someone = (): string => {
  people += 1;
  return `patient${people}@no-tls.test`;
};
const browser = (): PageBrowser => new PageBrowser(stage.server, { address: `10.7.${++people % 250}.9` });
const codeOf = (body: { kind: string; code?: string } | undefined): string => body?.code ?? '';
const mailed = (): string => codeOf(stage.notices.findLast(({ body }) => body.kind === 'sign-in-code')?.body);
const texted = (): string => codeOf(stage.texts.at(-1)?.body);

async function high(to: string, organisation = clinic): Promise<Placed> {
  return stage.place({ organisation, to, class: 'high', subject: 'guarded-subject', text: 'guarded-text' });
}
const audited = (action: string) =>
  stage.database.tenant([clinic], 'app', async (tx) => {
    const text = `select count(*)::integer as n from sealpost.audit_entry
                  where convert_from(leaf, 'utf8')::jsonb ->> 'action' = $1`;
    return (await tx.one<{ n: number }>({ text, values: [action] })).n;
  });
async function answer(reader: PageBrowser, placed: Placed, text: string) {
  await reader.get(`/messages/${placed.item}/prove`);
  return reader.press(`/messages/${placed.item}/prove`, { answer: text }, 'answer');
}
/** Signs with the challenge on the page shown, and sends the form as its script does. */
async function pressPasskey(reader: PageBrowser, device: Authenticator, act: '/passkey' | '/passkeys') {
  const challenge = formsOf(reader.page).find(({ action }) => action === act)?.fields.token ?? '';
  if (act === '/passkey') {
    const { id, response } = device.answer(challenge, ORIGIN.origin, ORIGIN.id);
    const { clientDataJSON, authenticatorData, signature } = response;
    return reader.press(act, { id, clientDataJSON, authenticatorData, signature });
  }
  const { id, response } = device.register(challenge, ORIGIN.origin, ORIGIN.id);
  const { clientDataJSON, attestationObject } = response;
  return reader.press(act, { id, clientDataJSON, attestationObject, transports: 'internal' });
}
async function addPasskey(reader: PageBrowser): Promise<Authenticator> {
  const device = new Authenticator();
  await reader.get('/ways');
  await pressPasskey(reader, device, '/passkeys');
  expect(reader.path).toBe('/ways?done=added');
  return device;
}
async function byPasskey(device: Authenticator, placed: Placed): Promise<PageBrowser> {
  const reader = browser();
  await reader.get(`/m/${placed.linkToken}`);
  await pressPasskey(reader, device, '/passkey');
  return reader;
}

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.notices.length = 0;
  stage.texts.length = 0;
});

describe('the high class', () => {
  it('opens after a code and the question, and nothing of it is shown before', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await high(to);
    await stage.place({ organisation: clinic, to, subject: 'Ordinary letter' });
    const reader = await signInBy(stage, placed);
    expect(reader.path).toBe(`/messages/${placed.item}/prove`);
    expect(reader.page).toContain('Your date of birth');
    for (const path of ['', '/body', '/reply', '/attachments/0', '/attachments/0/preview']) {
      await reader.get(`/messages/${placed.item}${path}`);
      expect(reader.path).toBe(`/messages/${placed.item}/prove`);
      expect(reader.page).not.toContain('guarded-');
    }
    await reader.get('/messages');
    expect(reader.page).toContain('Ordinary letter');
    expect(reader.page).toContain('Opens after one more step');
    expect(reader.page).not.toContain('guarded-');
    await reader.get('/search');
    await reader.press('/search', { words: 'guarded' });
    expect(reader.page).toContain('Nothing was found');
    expect(stage.read).not.toContain(placed.delivery);

    await answer(reader, placed, BORN);
    expect(reader.path).toBe(`/messages/${placed.item}`);
    expect(reader.page).toContain('guarded-text');
    expect(stage.read).toContain(placed.delivery);
    await reader.get('/search');
    await reader.press('/search', { words: 'guarded' });
    expect(reader.page).toContain('guarded-subject');
  });

  it('keeps its words out of a conversation that is open', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await high(to);
    const full = await signInBy(stage, placed);
    await answer(full, placed, BORN);
    expect(full.page).toContain('guarded-text');
    await full.get(`/messages/${placed.item}/reply`);
    const form = formsOf(full.page).find(({ action }) => action.endsWith('/reply'));
    await full.pressMultipart(
      form?.action ?? '',
      { token: form?.fields.token ?? '', text: 'reply-canary' },
      [],
    );
    const next = await stage.place({ organisation: clinic, to, subject: 'Next', inReplyTo: placed.message });
    const reader = await signInBy(stage, next);
    expect(reader.page).toContain('All is well.');
    expect(reader.page).not.toMatch(/guarded-|reply-canary/);
    await reader.get('/access');
    expect(reader.page).not.toMatch(/guarded-|reply-canary/);
    await full.get('/access');
    expect(full.page).toContain('guarded-subject');
    await full.get(`/messages/${next.item}`);
    expect(full.page).toMatch(/guarded-text[\s\S]*reply-canary/);
  });

  it('opens by both codes, and the second goes to the telephone', async () => {
    const to = someone();
    stage.telephones.set(to, '5550112');
    const placed = await high(to);
    const reader = await signInBy(stage, placed);
    expect(reader.page).toContain('Text the code to •••• 12');
    await reader.press(`/messages/${placed.item}/prove`, {}, 'text');
    expect(reader.path).toBe('/code');
    expect(reader.page).toContain('•••• 12');
    await reader.press('/code', { code: texted() });
    expect(reader.page).toContain('guarded-text');
  });

  it('does not open on a remembered device before both', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const light = await stage.place({ organisation: clinic, to });
    const reader = browser();
    await reader.get(`/m/${light.linkToken}`);
    await reader.press(/^\/m\//, {}, 'code');
    await reader.press('/code', { code: mailed(), remember: 'yes' });
    reader.cookies.delete('__Host-sealpost-portal');
    const placed = await high(to);
    await reader.get(`/m/${placed.linkToken}`);
    await reader.press(/^\/m\//, {}, 'open');
    expect(reader.path).toBe(`/messages/${placed.item}/prove`);
    expect(reader.page).not.toContain('Your date of birth');
    const refused = await answer(reader, placed, BORN);
    expect(refused.text).not.toContain('guarded-text');
    await reader.get(`/messages/${placed.item}/prove`);
    await reader.press(`/messages/${placed.item}/prove`, {}, 'mail');
    await reader.press('/code', { code: mailed() });
    expect(reader.path).toBe(`/messages/${placed.item}/prove`);
    await answer(reader, placed, BORN);
    expect(reader.page).toContain('guarded-text');
  });

  it('stays closed where nothing second is on record, says so, and tells the sender once', async () => {
    const placed = await high(someone());
    const before = await audited('portal.unprovable');
    const reader = await signInBy(stage, placed);
    for (let visit = 0; visit < 2; visit += 1) {
      const page = await reader.get(`/messages/${placed.item}`);
      expect(page.status).toBe(403);
      expect(reader.page).toContain('This message cannot be opened yet');
      expect(reader.page).toContain('call the office');
    }
    expect(stage.unproved.filter(({ delivery }) => delivery === placed.delivery)).toEqual([
      { delivery: placed.delivery, reason: 'unprovable' },
    ]);
    expect(await audited('portal.unprovable')).toBe(before + 1);
    expect(stage.read).not.toContain(placed.delivery);
  });
});

describe('the question', () => {
  it('is counted down, then ends access to that message alone; the sender is told, and staff unlock it', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await high(to);
    const other = await high(to);
    const reader = await signInBy(stage, placed);
    for (let left = 4; left >= 1; left -= 1) {
      expect((await answer(reader, placed, 'January 1, 1990')).status).toBe(422);
      expect(reader.page).toContain(`Tries left: ${left}.`);
      expect(reader.page).not.toContain('1990');
    }
    await answer(reader, placed, 'January 1, 1990');
    expect(reader.page).toContain('This message is locked');
    // Not for the right answer either, nor in another session, nor for a session that has proved enough.
    await reader.get(`/messages/${other.item}/prove`);
    await answer(reader, other, BORN);
    expect(reader.page).toContain('guarded-text');
    expect((await reader.get(`/messages/${placed.item}`)).status).toBe(403);
    expect(reader.page).toContain('This message is locked');
    expect(stage.unproved.filter(({ delivery }) => delivery === placed.delivery)).toEqual([
      { delivery: placed.delivery, reason: 'locked' },
    ]);

    const staff = {
      organisation: clinic,
      actor: { kind: 'system', component: 'test' },
      origin: { address: null, channel: 'console' },
      permissions: new Set<Permission>(['messages:cancel']),
      request: 'r',
    } as const;
    const foreign = await stage.organisation('Elsewhere');
    const { message, delivery } = placed;
    expect(await stage.portal.unlock({ ...staff, organisation: foreign }, message, delivery)).toBe(false);
    expect(await stage.portal.unlock(staff, message, delivery)).toBe(true);
    expect(await stage.portal.unlock(staff, message, delivery)).toBe(false);
    await reader.get(`/messages/${placed.item}`);
    expect(reader.page).toContain('guarded-text');
    expect(await audited('portal.unlocked')).toBe(1);
  });

  it('gives parallel answers no try for nothing', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await high(to);
    const reader = await signInBy(stage, placed);
    const path = `/messages/${placed.item}/prove`;
    const tokens: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      await reader.get(path);
      tokens.push(formsOf(reader.page).find(({ action }) => action === path)?.fields.token ?? '');
    }
    const wrong = (token: string) => reader.post(path, { token, act: 'answer', answer: 'no' });
    const answers = await Promise.all(tokens.map(wrong));
    expect(answers.filter(({ status }) => status === 422).length).toBeLessThan(5);
    const kept = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.one({
        text: `select wrong_answers as tried, locked_at is not null as locked from sealpost.portal_item where id = $1`,
        values: [placed.item],
      }),
    );
    expect(kept).toEqual({ tried: 5, locked: true });
    expect((await reader.get(path)).text).toContain('This message is locked');
    expect(stage.unproved.filter(({ delivery }) => delivery === placed.delivery)).toHaveLength(1);
  });

  it('has one limit of a day over all messages and sessions, which right answers do not use up', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const items = [await high(to), await high(to), await high(to)] as const;
    for (const placed of items.slice(0, 2)) {
      const reader = await signInBy(stage, placed);
      for (let tries = 0; tries < 5; tries += 1) await answer(reader, placed, 'wrong');
    }
    const reader = await signInBy(stage, items[2]);
    expect((await answer(reader, items[2], BORN)).status).toBe(429);
    stage.clock.advance(24 * 3_600_000 + 1000);
    const later = await signInBy(stage, items[2]);
    await answer(later, items[2], BORN);
    expect(later.page).toContain('guarded-text');
  });

  it('is asked for every message where the organisation says so, and a passkey does not spare it', async () => {
    const strict = await stage.organisation('Strict Clinic');
    stage.rules.set(strict, { first: ['mailed-code', 'passkey'], question: 'always', wrongAnswers: 3 });
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await stage.place({ organisation: strict, to, subject: 'plain-subject' });
    const reader = await signInBy(stage, placed);
    await reader.get('/messages');
    expect(reader.page).not.toContain('plain-subject');
    await answer(reader, placed, BORN);
    expect(reader.page).toContain('All is well.');
    const device = await addPasskey(reader);
    const again = await byPasskey(device, placed);
    expect(again.path).toBe(`/messages/${placed.item}/prove`);
    await answer(again, placed, BORN);
    expect(again.page).toContain('All is well.');
  });
});

describe('texted codes', () => {
  it('are offered behind the link alone, and let in by themselves for the lower classes', async () => {
    const to = someone();
    stage.telephones.set(to, '5550112');
    const placed = await stage.place({ organisation: clinic, to });
    const reader = browser();
    await reader.get('/sign-in');
    expect(reader.page).not.toContain('••••');
    await reader.press('/sign-in', { address: to });
    expect(reader.page).not.toContain('••••');
    expect(stage.texts).toHaveLength(0);
    await reader.get(`/m/${placed.linkToken}`);
    expect(reader.page).toContain('Text the code to •••• 12');
    await reader.press(/^\/m\//, {}, 'text');
    expect(stage.notices).toHaveLength(1);
    expect(stage.texts).toHaveLength(1);
    await reader.press('/code', { code: texted() });
    expect(reader.page).toContain('All is well.');
  });

  it('stop at five an hour for one person, and cost nothing where no number is on record', async () => {
    const to = someone();
    const placed = await stage.place({ organisation: clinic, to });
    const robot = browser();
    await robot.get(`/m/${placed.linkToken}`);
    await robot.press(/^\/m\//, { act: 'text' });
    expect(robot.path).toBe('/code');
    expect([...stage.texts, ...stage.notices]).toEqual([]);
    stage.telephones.set(to, '5550199');
    for (let link = 0; link < 2; link += 1) {
      const { linkToken } = await stage.place({ organisation: clinic, to });
      for (let asked = 0; asked < 4; asked += 1) {
        const reader = browser();
        await reader.get(`/m/${linkToken}`);
        await reader.press(/^\/m\//, {}, 'text');
        expect(reader.path).toBe('/code');
      }
    }
    expect(stage.texts).toHaveLength(5);
  });

  it('go to who types an address at an organisation that takes no mailed codes', async () => {
    const texting = await stage.organisation('Texting Clinic');
    stage.rules.set(texting, { first: ['texted-code'], question: 'high', wrongAnswers: 5 });
    const to = someone();
    stage.telephones.set(to, '5550133');
    await stage.place({ organisation: texting, to });
    const reader = browser();
    await reader.get('/sign-in');
    await reader.press('/sign-in', { address: to });
    expect(stage.notices).toHaveLength(0);
    await reader.press('/code', { code: texted() });
    expect(reader.path).toBe('/messages');
    expect(reader.page).toContain('Your results');
  });
});

describe('passkeys', () => {
  it('added after one proof stand for one, and for two once the session has proved a second', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const light = await stage.place({ organisation: clinic, to });
    const first = await signInBy(stage, light);
    expect(first.page).toContain('Sign in faster next time');
    const device = await addPasskey(first);
    expect(stage.notices.at(-1)?.body.kind).toBe('passkey-added');
    expect((await byPasskey(device, light)).path).toBe(`/messages/${light.item}`);
    const placed = await high(to);
    // Whoever reads the mailbox can add a passkey: it must not be worth more than the mailbox.
    const again = await byPasskey(device, placed);
    expect(again.path).toBe(`/messages/${placed.item}/prove`);
    await answer(again, placed, BORN);
    expect(again.page).toContain('guarded-text');
    const fast = await byPasskey(device, placed);
    expect(fast.path).toBe(`/messages/${placed.item}`);
    expect(fast.page).toContain('guarded-text');
    expect(fast.page).not.toContain('Sign in faster next time');
  });

  it('prove a second time on the page of the message, on top of a code', async () => {
    const to = someone();
    stage.telephones.set(to, '5550144');
    const placed = await high(to);
    const reader = await signInBy(stage, placed);
    await reader.press(`/messages/${placed.item}/prove`, {}, 'text');
    await reader.press('/code', { code: texted() });
    const device = await addPasskey(reader);
    stage.telephones.delete(to);
    const later = await signInBy(stage, placed);
    expect(later.path).toBe(`/messages/${placed.item}/prove`);
    await pressPasskey(later, device, '/passkey');
    expect(later.path).toBe(`/messages/${placed.item}`);
    expect(later.page).toContain('guarded-text');
  });

  it('are refused unverified, copied, replayed, from another page, removed, or when not taken', async () => {
    const to = someone();
    const placed = await stage.place({ organisation: clinic, to });
    const owner = await signInBy(stage, placed);
    const device = await addPasskey(owner);
    const refused = async (act: (reader: PageBrowser) => Promise<unknown>): Promise<void> => {
      const reader = browser();
      await reader.get(`/m/${placed.linkToken}`);
      await act(reader);
      expect(reader.page).toContain('That passkey did not work');
      expect(reader.cookies.has('__Host-sealpost-portal')).toBe(false);
    };
    device.verifies = false;
    await refused((reader) => pressPasskey(reader, device, '/passkey'));
    device.verifies = true;
    device.counter = -1;
    expect((await byPasskey(device, placed)).path).toBe(`/messages/${placed.item}`);
    device.counter = 3;
    expect((await byPasskey(device, placed)).path).toBe(`/messages/${placed.item}`);
    device.counter = 2;
    await refused((reader) => pressPasskey(reader, device, '/passkey'));
    device.counter = 20;
    await refused((reader) => pressPasskey(reader, new Authenticator(), '/passkey'));
    // An answer over the challenge of another browser.
    const thief = browser();
    await thief.get(`/m/${placed.linkToken}`);
    const theirs = formsOf(thief.page).find(({ action }) => action === '/passkey')?.fields.token ?? '';
    const { id, response } = device.answer(theirs, ORIGIN.origin, ORIGIN.id);
    const { clientDataJSON, authenticatorData, signature } = response;
    const answered = { id, clientDataJSON, authenticatorData, signature };
    await refused((reader) => reader.press('/passkey', { ...answered, token: theirs }));
    await refused((reader) => reader.press('/passkey', answered));
    // Good once.
    expect((await thief.press('/passkey', answered)).status).toBe(200);
    thief.cookies.delete('__Host-sealpost-portal');
    expect((await thief.post('/passkey', { ...answered, token: theirs, link: '', item: '' })).status).toBe(
      422,
    );

    await owner.get('/ways');
    expect(owner.page).toContain('Passkey 1');
    await owner.press('/ways', { act: 'remove-passkey', id: idOf(owner, 'remove-passkey') });
    expect(owner.path).toBe('/ways?done=removed');
    await refused((reader) => pressPasskey(reader, device, '/passkey'));
  });

  it('of one person are nobody else’s to remove, and none is added on a remembered device', async () => {
    const victim = await signInBy(stage, await stage.place({ organisation: clinic, to: someone() }));
    await addPasskey(victim);
    await victim.get('/ways');
    const theirs = idOf(victim, 'remove-passkey');
    const to = someone();
    const mine = await stage.place({ organisation: clinic, to });
    const other = browser();
    await other.get(`/m/${mine.linkToken}`);
    await other.press(/^\/m\//, {}, 'code');
    await other.press('/code', { code: mailed(), remember: 'yes' });
    await other.get('/ways');
    await other.press('/ways', { act: 'remove-passkey', id: theirs });
    expect(other.path).toBe('/ways');
    await victim.get('/ways');
    expect(victim.page).toContain(theirs);
    other.cookies.delete('__Host-sealpost-portal');
    await other.get(`/m/${mine.linkToken}`);
    await other.press(/^\/m\//, {}, 'open');
    expect(other.page).toContain('All is well.');
    await other.get('/ways');
    expect(other.page).toContain('sign in with a code first');
    expect(formsOf(other.page).some(({ action }) => action === '/passkeys')).toBe(false);
  });
});

const idOf = (reader: PageBrowser, act: string): string =>
  formsOf(reader.page).find(({ fields }) => fields.act === act)?.buttons[0]?.value ?? '';

describe('sessions and devices', () => {
  it('of the release before go on for the lower classes, and prove nothing more', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const light = await stage.place({ organisation: clinic, to });
    const placed = await high(to);
    const reader = await signInBy(stage, light);
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({ text: 'update sealpost.portal_session set factors = null where factors is not null' }),
    );
    await reader.get(`/messages/${light.item}`);
    expect(reader.page).toContain('All is well.');
    await reader.get(`/messages/${placed.item}`);
    expect(reader.path).toBe(`/messages/${placed.item}/prove`);
    expect(reader.page).not.toContain('Your date of birth');
  });

  it('end everywhere at once', async () => {
    const to = someone();
    const placed = await stage.place({ organisation: clinic, to });
    const lost = browser();
    await lost.get(`/m/${placed.linkToken}`);
    await lost.press(/^\/m\//, {}, 'code');
    await lost.press('/code', { code: mailed(), remember: 'yes' });
    const reader = await signInBy(stage, placed);
    await reader.get('/ways');
    expect(reader.page).toContain('Device 1');
    await reader.press('/ways', { act: 'everywhere' });
    expect(reader.path).toBe('/signed-out');
    await lost.get('/messages');
    expect(lost.path).toBe('/sign-in');
    await lost.get(`/m/${placed.linkToken}`);
    expect(lost.page).not.toContain('Open message');
  });

  it('keep their end when more is proved, and the token before is good no more', async () => {
    const to = someone();
    stage.births.set(to, BORN);
    const placed = await high(to);
    const reader = await signInBy(stage, placed);
    const before = reader.cookies.get('__Host-sealpost-portal') ?? '';
    stage.clock.advance(25 * 60_000);
    await answer(reader, placed, BORN);
    expect(reader.cookies.get('__Host-sealpost-portal')).not.toBe(before);
    const old = browser();
    old.cookies.set('__Host-sealpost-portal', before);
    await old.get('/messages');
    expect(old.path).toBe('/sign-in');
    const ends = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ long: boolean }>({
        text: `select expires_at - created_at > interval '7 hours 40 minutes' as long
               from sealpost.portal_session where ended_at is null order by id desc limit 1`,
      }),
    );
    expect(ends).toEqual([{ long: false }]);
  });
});

describe('another address', () => {
  it('is explained to who is signed in as one, with no more of it than two letters', async () => {
    const reader = await signInBy(stage, await stage.place({ organisation: clinic, to: 'kim@own.test' }));
    const { linkToken } = await stage.place({ organisation: clinic, to: 'quentin@work.test' });
    await reader.get(`/m/${linkToken}`);
    expect(reader.page).toContain('This message was sent to another address');
    expect(reader.page).toContain('q•••@w•••');
    expect(reader.page).not.toMatch(/quentin|work\.test/);
    await reader.get(`/m/${'Z'.repeat(43)}`);
    expect(reader.page).not.toContain('This message was sent to another address');
    expect(reader.page).toMatch(/to [a-z]•••@[a-z]•••,/);
  });
});
