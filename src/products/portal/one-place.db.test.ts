import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { signInRuleOf } from '#products/portal';
import { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

let stage: PortalStage;
let clinic: OrganisationId;
let hospital: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
  hospital = await stage.organisation('General Hospital');
});
afterAll(() => stage.close());

const rows = (reader: PageBrowser): number => reader.page.match(/<tr class="/g)?.length ?? 0;

/** Actions recorded about an item, in this organisation's log alone. */
async function recorded(organisation: OrganisationId, item: string): Promise<string[]> {
  const found = await stage.database.tenant([organisation], 'app', (tx) =>
    tx.query<{ leaf: Buffer }>({
      text: 'select leaf from sealpost.audit_entry where organisation = $1 order by id',
      values: [organisation],
    }),
  );
  const entries = found.map(({ leaf }) => leaf.toString('utf8')).filter((entry) => entry.includes(item));
  return entries.map((entry) => /"action":"([^"]+)"/.exec(entry)?.[1] ?? '');
}

/** The code of the newest text, as it is typed. */
const lastText = () => {
  const body = stage.texts.at(-1)?.body;
  return { code: body?.kind === 'sign-in-code' ? body.code : '' };
};

describe('messages of several organisations', () => {
  it('stand in one list after one sign-in, and each is opened under the name of its own organisation', async () => {
    const to = 'both@x.test';
    const first = await stage.place({
      organisation: clinic,
      to,
      subject: 'From the clinic',
      text: 'needle one',
    });
    const second = await stage.place({
      organisation: hospital,
      to,
      subject: 'From the hospital',
      text: 'needle two',
    });
    const reader = await signInBy(stage, first);
    expect(reader.page).toContain('<span class="mark" aria-hidden="true"></span>Riverside Clinic');
    await reader.get('/messages');
    expect(rows(reader)).toBe(2);
    expect(reader.page).toContain('<span class="mark" aria-hidden="true"></span>Secure messages');
    await reader.get(`/messages/${second.item}`);
    expect(reader.page).toContain('needle two');
    expect(reader.page).toContain('<span class="mark" aria-hidden="true"></span>General Hospital');
    expect(stage.read).toContain(second.delivery);
    expect(await recorded(hospital, second.item)).toEqual(['portal.opened']);
    expect(await recorded(clinic, second.item)).toEqual([]);

    await reader.get(`/messages?from=${hospital}`);
    expect(rows(reader)).toBe(1);
    expect(reader.page).toContain(second.item);
    const stranger = await stage.organisation('Nobody’s');
    await reader.get(`/messages?from=${stranger}`);
    expect(rows(reader)).toBe(0);

    await reader.get('/search');
    await reader.press('/search', { words: 'needle' });
    expect(reader.page).toContain('Found: 2');
    expect(reader.page).toContain('General Hospital');

    // An answer goes out from the organisation that wrote.
    await reader.get(`/messages/${second.item}/reply`);
    expect(reader.page).toContain('General Hospital');
  });

  it('open by what was proved to their own organisation: of a proof elsewhere only the mailbox counts', async () => {
    const to = 'guarded@x.test';
    stage.telephones.set(to, '5550177');
    const place = (organisation: OrganisationId, text: string) =>
      stage.place({ organisation, to, text, class: 'high' });
    const here = await place(clinic, 'clinic words');
    const there = await place(hospital, 'hospital words');
    const reader = await signInBy(stage, here);
    const prove = async (item: string) => {
      await reader.get(`/messages/${item}`);
      expect(reader.path).toBe(`/messages/${item}/prove`);
      await reader.press(`/messages/${item}/prove`, {}, 'text');
      await reader.press('/code', lastText());
    };
    await prove(here.item);
    expect(reader.page).toContain('clinic words');
    await prove(there.item);
    expect(reader.page).toContain('hospital words');
    expect(stage.texts.at(-1)?.organisation).toBe(hospital);
    // The session has gone over to the hospital; the clinic's telephone was proved to the clinic.
    await reader.get(`/messages/${here.item}`);
    expect(reader.path).toBe(`/messages/${here.item}/prove`);
  });

  it('are reached by the mailbox alone: not by what another organisation has put on record', async () => {
    const to = 'on.record@x.test';
    const theirs = await stage.place({ organisation: hospital, to, subject: 'hospital subject' });
    const shut = async (reader: PageBrowser): Promise<void> => {
      await reader.get('/messages');
      expect(reader.path).toBe('/messages');
      expect(reader.page).not.toMatch(/hospital subject|General Hospital/);
      for (const path of [`/messages/${theirs.item}`, `/messages/${theirs.item}/prove`])
        expect((await reader.get(path)).status).toBe(404);
      expect(stage.read).not.toContain(theirs.delivery);
    };
    // A telephone, and a rule that texts a code to whoever types the address.
    const other = await stage.organisation('Another Practice');
    const here = await stage.place({ organisation: other, to });
    stage.telephones.set(to, '5550666');
    const texted = { first: ['texted-code', 'device'], question: 'never', wrongAnswers: 3 } as const;
    for (const one of [other, hospital]) stage.rules.set(one, texted);
    const byText = new PageBrowser(stage.server, { address: '10.7.1.1' });
    await byText.get('/sign-in');
    await byText.press('/sign-in', { address: to });
    await byText.press('/code', { ...lastText(), remember: 'yes' });
    stage.rules.delete(hospital);
    await shut(byText);
    // The device that was remembered by it serves there alone.
    byText.cookies.delete('__Host-sealpost-portal');
    await byText.get(`/m/${theirs.linkToken}`);
    expect(byText.page).not.toContain('Open message');
    await byText.get(`/m/${here.linkToken}`);
    await byText.press(/^\/m\//, {}, 'open');
    expect(byText.path).toBe(`/messages/${here.item}`);
    await shut(byText);
    // A further address, to which codes for that message go as well.
    stage.rules.delete(other);
    stage.codesAlsoTo = async () => ({ local: 'not.the.patient', domain: 'x.test' });
    const byOther = await signInBy(stage, here);
    stage.codesAlsoTo = async () => null;
    expect(byOther.path).toBe(`/messages/${here.item}`);
    await shut(byOther);
    // Who proves the mailbox on top sees all of it again.
    const own = await signInBy(stage, theirs);
    await own.get('/messages');
    expect(own.page).toMatch(
      /hospital subject[\s\S]*Another Practice|Another Practice[\s\S]*hospital subject/,
    );
  });

  it('keep the form for an address open, though the newest to know it takes no mailed codes', async () => {
    const to = 'form@x.test';
    await stage.place({ organisation: clinic, to });
    stage.clock.advance(1000);
    const telephoneOnly = await stage.organisation('Telephone Practice');
    stage.rules.set(telephoneOnly, { ...signInRuleOf(undefined), first: ['texted-code'] });
    await stage.place({ organisation: telephoneOnly, to });
    stage.telephones.set(to, '+15555550100');
    const [mails, texts] = [stage.notices.length, stage.texts.length];
    const form = new PageBrowser(stage.server);
    await form.get('/sign-in');
    await form.press('/sign-in', { address: to });
    expect(stage.texts).toHaveLength(texts);
    expect(stage.notices.slice(mails)).toMatchObject([
      { organisation: clinic, body: { kind: 'sign-in-code' } },
    ]);
  });

  it('are each one’s own: two people known to the same two organisations see nothing of one another', async () => {
    const mine = { clinic: 'own.one@x.test', hospital: 'own.one@x.test' };
    const a = await stage.place({ organisation: clinic, to: mine.clinic, text: 'words-of-one' });
    await stage.place({ organisation: hospital, to: mine.hospital, text: 'words-of-one' });
    const b = await stage.place({ organisation: clinic, to: 'own.two@x.test', text: 'words-of-two' });
    const c = await stage.place({ organisation: hospital, to: 'own.two@x.test', text: 'words-of-two' });
    const two = await signInBy(stage, b);
    await two.get(`/messages/${c.item}`);
    const one = await signInBy(stage, a);
    await one.get('/messages');
    expect(rows(one)).toBe(2);
    for (const { item } of [b, c]) {
      expect(one.page).not.toContain(item);
      for (const path of ['', '/body', '/reply', '/print', '/attachments/0'])
        expect((await one.get(`/messages/${item}${path}`)).status, path).toBe(404);
    }
    await one.get('/search');
    await one.press('/search', { words: 'words-of' });
    expect(one.page).not.toContain('words-of-two');
    expect(stage.read.filter((delivery) => delivery === c.delivery)).toHaveLength(1);
    expect(await recorded(hospital, c.item)).toEqual(['portal.opened']);
  });

  it('are lost at once where an organisation does not know the address any more', async () => {
    const to = 'removed@x.test';
    const first = await stage.place({ organisation: clinic, to });
    const second = await stage.place({ organisation: hospital, to });
    const reader = await signInBy(stage, first);
    await reader.get('/messages');
    expect(rows(reader)).toBe(2);
    await stage.database.tenant([hospital], 'app', (tx) =>
      tx.execute({
        text: 'update sealpost.portal_person set lookup_index = null where id = $1',
        values: [second.person],
      }),
    );
    await reader.get('/messages');
    expect(rows(reader)).toBe(1);
    expect((await reader.get(`/messages/${second.item}`)).status).toBe(404);
    expect(stage.read).not.toContain(second.delivery);
  });

  it('stay apart where an organisation asks for a sign-in of its own', async () => {
    const to = 'apart@x.test';
    const alone = await stage.organisation('Recovery Centre');
    stage.separate.add(alone);
    const first = await stage.place({ organisation: clinic, to, text: 'clinic words' });
    const second = await stage.place({ organisation: alone, to, text: 'centre words' });
    const reader = await signInBy(stage, first);
    await reader.get('/messages');
    expect(rows(reader)).toBe(1);
    expect((await reader.get(`/messages/${second.item}`)).status).toBe(404);
    // Its link asks for a code, although the address is the same and somebody is signed in.
    await reader.get(`/m/${second.linkToken}`);
    await reader.press(/^\/m\//, { act: 'open' });
    expect(reader.path).toBe('/code');

    await reader.get('/messages');
    const codes = stage.notices.length;
    await reader.press('/organisation');
    expect(reader.path).toBe('/code');
    const notice = stage.notices.at(-1);
    expect(stage.notices).toHaveLength(codes + 1);
    expect(notice?.organisation).toBe(alone);
    await reader.press('/code', { code: notice?.body.kind === 'sign-in-code' ? notice.body.code : '' });
    await reader.get('/messages');
    expect(reader.page).toContain('Recovery Centre');
    expect(reader.page).toContain(second.item);
    expect(reader.page).not.toContain(first.item);
    expect((await reader.get(`/messages/${first.item}`)).status).toBe(404);
  });
});

describe('printing', () => {
  it('is a page without anything around it, and on record', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'print@x.test', text: 'on paper' });
    const reader = await signInBy(stage, placed);
    await reader.get(`/messages/${placed.item}/print`);
    expect(reader.page).toContain('on paper');
    expect(await recorded(clinic, placed.item)).toEqual(['portal.opened', 'portal.printed']);
    const before = await stage.place({ organisation: clinic, to: 'print@x.test', text: 'not opened' });
    expect((await reader.get(`/messages/${before.item}/print`)).status).toBe(404);
  });
});
