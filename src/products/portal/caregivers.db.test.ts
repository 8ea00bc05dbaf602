import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { newId } from '#platform/runtime';
import { formsOf, type PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy, tokenOf } from '../../../test/support/portal-reader.ts';
import type { NewGrant } from './caregivers.ts';
import type { MyWaiver, WishPorts } from './wishes.ts';

let stage: PortalStage;
let clinic: OrganisationId;
let caller: Caller;
let count = 0;

beforeAll(async () => {
  stage = await openPortalStage(wishes());
  clinic = await stage.organisation('Riverside Clinic');
  caller = {
    organisation: clinic,
    actor: { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId },
    origin: { address: null, channel: 'console' },
    permissions: new Set(['policies:write']),
    request: 'test',
  };
});
afterAll(() => stage.close());

/** What the portal asked of other rooms, in the order of asking, and what they would know then. */
const done: string[] = [];
const waivers = new Map<string, MyWaiver>();
const stops: string[] = [];
let waiversOn = true;

function wishes(): WishPorts {
  const texts = { reach: async () => ({ masked: '••• ••42' }) };
  return {
    texts,
    textConsent: async () => ({ masked: '••42', stopped: stops.length % 2 === 1 }),
    async stopTexts(caller, { local }, stopped) {
      stops.push(`${caller.actor.kind} ${local.split('.')[0]} ${stopped}`);
      return true;
    },
    waiversOn: async () => waiversOn,
    waiver: async (_organisation, address) => waivers.get(address.local) ?? null,
    async giveWaiver({ actor, permissions }, { address, text, language, expiresAt }) {
      done.push(`given ${actor.kind} ${permissions.size} ${language}`);
      const at = { recordedAt: stage.clock.now(), expiresAt };
      waivers.set(address.local, { id: newId(), text, language, ...at });
    },
    async withdrawWaiver() {
      done.push('withdrawn');
      waivers.clear();
    },
    keys: async () => [
      { id: MINE, kind: 'pgp', fingerprint: 'AA11', state: 'used', mine: true, addedAt: stage.clock.now() },
      {
        id: THEIRS,
        kind: 'smime',
        fingerprint: 'BB22',
        state: 'used',
        mine: false,
        addedAt: stage.clock.now(),
      },
    ],
    async handInKey(_caller, address, text) {
      done.push(`key for ${address.domain}: ${text}`);
      return text === 'good' ? 'taken' : 'other-address';
    },
    async withdrawKey(_caller, _address, id) {
      done.push(`key away ${id}`);
      return true;
    },
  };
}
const MINE = newId();
const THEIRS = newId();

/** A patient and a caregiver whom nobody else uses. */
function pair(): { patient: string; caregiver: string } {
  count += 1;
  return { patient: `patient${count}@x.test`, caregiver: `carer${count}@y.test` };
}

const given = (who: { patient: string; caregiver: string }, more: Partial<NewGrant> = {}): NewGrant => ({
  patientAddress: who.patient,
  caregiverAddress: who.caregiver,
  relation: 'family',
  label: 'Aunt Rosa',
  reason: 'asked for at the visit',
  streams: ['transactional', 'business', 'marketing'],
  highestClass: 'light',
  mayReply: false,
  showsAddress: false,
  notices: true,
  startsAt: null,
  expiresAt: null,
  ...more,
});

/** The caregiver, signed in by a message of their own. */
async function asCaregiver(address: string): Promise<PageBrowser> {
  const own = await stage.place({ organisation: clinic, to: address, subject: 'My own', class: 'light' });
  return signInBy(stage, own);
}

describe('a caregiver', () => {
  it('sees the patient’s messages under the label, opens them on record, and the sender’s receipt says so', async () => {
    const who = pair();
    await stage.portal.caregivers.grant(caller, given(who));
    const placed = await stage.place({
      organisation: clinic,
      to: who.patient,
      subject: 'For the patient',
      text: 'patient words',
      class: 'light',
    });
    const notices = stage.notices.filter(({ body }) => body.kind === 'portal-caregiver');
    expect(notices.at(-1)?.to).toEqual({ local: who.caregiver.split('@')[0], domain: 'y.test' });
    expect(JSON.stringify(notices.at(-1))).not.toContain('Rosa');

    const carer = await asCaregiver(who.caregiver);
    await carer.get('/messages');
    expect(carer.page).toContain('For Aunt Rosa');
    expect(carer.page).not.toContain(who.patient);
    await carer.get(`/messages/${placed.item}`);
    expect(carer.page).toContain('patient words');
    expect(carer.page).toContain('For Aunt Rosa');
    expect(carer.page).not.toContain(`/messages/${placed.item}/reply`);
    expect((await carer.get(`/messages/${placed.item}/reply`)).status).toBe(404);
    const at = stage.read.indexOf(placed.delivery);
    expect(stage.readBy[at]).toBe('caregiver');
    const log = await stage.database.tenant([clinic], 'app', (tx) =>
      stage.portal.accessLog(tx, clinic, placed.delivery),
    );
    expect(log.map(({ act, by }) => [act, by])).toEqual([['opened', 'caregiver']]);

    // It is new for the patient all the same; nothing of it is shown before they open it.
    const patient = await signInBy(stage, placed);
    expect(patient.page).toContain('patient words');
    await patient.get('/messages');
    expect(patient.page).not.toContain('For Aunt Rosa');
  });

  it('sees no high class unless the grant says so, no other stream, and nobody else’s', async () => {
    const who = pair();
    const { row } = await stage.portal.caregivers.grant(caller, given(who));
    const to = who.patient;
    const high = await stage.place({
      organisation: clinic,
      to,
      subject: 'High',
      text: 'high words',
      class: 'high',
    });
    const other = await stage.place({
      organisation: clinic,
      to: pair().patient,
      subject: 'Another’s',
      class: 'ordinary',
    });
    const carer = await asCaregiver(who.caregiver);
    await carer.get('/messages');
    expect(carer.page).not.toContain(high.item);
    for (const { item } of [high, other]) expect((await carer.get(`/messages/${item}`)).status).toBe(404);
    await stage.portal.caregivers.withdraw(caller, row.id);
    await stage.portal.caregivers.grant(caller, given(who, { highestClass: 'high' }));
    // Two proofs, and both the caregiver's own: what is on record of the patient does not serve.
    stage.telephones.set(who.patient, '5550111');
    stage.births.set(who.caregiver, '1970-01-01');
    const told = stage.unproved.length;
    await carer.get(`/messages/${high.item}`);
    expect(carer.page).toContain('no telephone number of yours on record');
    expect(stage.unproved).toHaveLength(told);
    stage.telephones.set(who.caregiver, '5550122');
    await carer.get(`/messages/${high.item}`);
    await carer.press(`/messages/${high.item}/prove`, {}, 'text');
    const text = stage.texts.at(-1);
    expect(text?.to.local).toBe(who.caregiver.split('@')[0]);
    await carer.press('/code', { code: text?.body.kind === 'sign-in-code' ? text.body.code : '' });
    expect(carer.page).toContain('high words');
    await stage.portal.caregivers.grant(caller, given(who, { highestClass: 'high', streams: ['marketing'] }));
    expect((await carer.get(`/messages/${high.item}`)).status).toBe(404);
  });

  it('is shown no words beside a message that they have not opened themselves, and the patient’s replies never', async () => {
    const who = pair();
    await stage.portal.caregivers.grant(caller, given(who, { mayReply: true, showsAddress: true }));
    const to = who.patient;
    const first = await stage.place({ organisation: clinic, to, text: 'first-words', class: 'light' });
    const second = await stage.place({
      organisation: clinic,
      to,
      inReplyTo: first.message,
      text: 'second-words',
      class: 'light',
    });
    const patient = await signInBy(stage, first);
    const path = `/messages/${first.item}/reply`;
    await patient.get(path);
    await patient.pressMultipart(path, { token: tokenOf(patient, path), text: 'patient-answer' }, []);
    const carer = await asCaregiver(who.caregiver);
    await carer.get('/search');
    await carer.press('/search', { words: 'first-words' });
    expect(carer.page).toContain('Nothing was found');
    await carer.get(`/messages/${second.item}`);
    expect(carer.page).toContain(`For Aunt Rosa &lt;${who.patient}&gt;`);
    expect(carer.page).toContain('second-words');
    expect(carer.page).not.toContain('first-words');
    expect(carer.page).not.toContain('patient-answer');
    expect((await carer.get(`/messages/${first.item}/body`)).status).toBe(404);
    expect(carer.page).not.toContain('first-words');

    const answer = `/messages/${second.item}/reply`;
    await carer.get(answer);
    await carer.pressMultipart(answer, { token: tokenOf(carer, answer), text: 'carer-answer' }, []);
    const sent = stage.replies.at(-1)?.content.bytes?.toString() ?? '';
    expect(sent).toContain(`${who.caregiver} (caregiver) via portal`);
    expect(sent).not.toContain(who.patient);
    await patient.get(`/messages/${second.item}`);
    expect(patient.page).toContain('carer-answer');
    expect(patient.page).toContain('A caregiver');
  });

  it('loses everything at the grant’s end, and with a withdrawal at once', async () => {
    const who = pair();
    const { row } = await stage.portal.caregivers.grant(
      caller,
      given(who, { expiresAt: new Date(stage.clock.now().getTime() + 60_000) }),
    );
    const placed = await stage.place({ organisation: clinic, to: who.patient, class: 'light' });
    const carer = await asCaregiver(who.caregiver);
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(200);
    stage.clock.advance(61_000);
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(404);
    await stage.portal.caregivers.grant(caller, given(who));
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(200);
    const [newest] = await stage.portal.caregivers.list(caller, null, 1);
    expect(newest?.state).toBe('valid');
    await stage.portal.caregivers.withdraw(caller, newest?.row.id ?? '');
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(404);
    await expect(stage.portal.caregivers.withdraw(caller, row.id)).rejects.toThrow('wrong-state');
  });
});

describe('a grant', () => {
  it('is refused for oneself, for too long, and for what is no address', async () => {
    const who = pair();
    const day = 86_400_000;
    const until = (days: number) => new Date(stage.clock.now().getTime() + days * day);
    const wrong: Partial<NewGrant>[] = [
      { caregiverAddress: who.patient },
      { expiresAt: until(400) },
      { expiresAt: until(-1) },
      { patientAddress: 'nobody' },
      { relation: 'parent', expiresAt: until(19 * 366) },
    ];
    for (const more of wrong)
      await expect(stage.portal.caregivers.grant(caller, given(who, more))).rejects.toBeInstanceOf(Refusal);
    const parent = given(who, { relation: 'parent', expiresAt: until(10 * 365) });
    expect((await stage.portal.caregivers.grant(caller, parent)).state).toBe('valid');
  });

  it('keeps label, reason and addresses sealed', async () => {
    const who = pair();
    const { row } = await stage.portal.caregivers.grant(caller, given(who, { label: 'Canary label' }));
    const stored = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.one<{ whole: string }>({
        text: 'select (g.*)::text as whole from sealpost.portal_caregiver g where id = $1',
        values: [row.id],
      }),
    );
    expect(stored.whole).not.toContain(Buffer.from('Canary').toString('hex'));
    expect(stored.whole).not.toContain('Canary');
  });
});

describe('the patient', () => {
  it('sees who has access and what was done, and takes it back with one press', async () => {
    const who = pair();
    await stage.portal.caregivers.grant(caller, given(who));
    const placed = await stage.place({
      organisation: clinic,
      to: who.patient,
      subject: 'Mine',
      class: 'light',
    });
    const carer = await asCaregiver(who.caregiver);
    await carer.get(`/messages/${placed.item}`);
    const patient = await signInBy(stage, placed);
    await patient.get('/access');
    expect(patient.page).toContain(who.caregiver);
    expect(patient.page).toContain(`Caregiver ${who.caregiver}`);
    expect(patient.page.match(/Opened: Mine/g)).toHaveLength(2);
    expect(patient.page).not.toContain('My own');
    // The caregiver has no such list of the patient's, and cannot end what others were granted.
    await carer.get('/access');
    expect(carer.page).toContain('Nobody but you');
    const grant =
      formsOf(patient.page).find(({ action }) => action === '/access/withdraw')?.buttons[0]?.value ?? '';
    const stranger = await asCaregiver(pair().caregiver);
    await stranger.get('/access');
    await stranger.post('/access/withdraw', { grant, token: 'x' });
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(200);

    await patient.press('/access/withdraw');
    expect(patient.page).toContain('Nobody but you');
    expect((await carer.get(`/messages/${placed.item}`)).status).toBe(404);
    const [newest] = await stage.portal.caregivers.list(caller, null, 1);
    expect(newest?.state).toBe('withdrawn');
    expect(newest?.row.endedBy?.kind).toBe('recipient');
  });
});

describe('preferences', () => {
  const lastCode = (): string => {
    const body = stage.notices.at(-1)?.body;
    return body?.kind === 'sign-in-code' ? body.code : '';
  };
  const reader = async (): Promise<PageBrowser> => {
    const placed = await stage.place({ organisation: clinic, to: pair().patient });
    const one = await signInBy(stage, placed);
    await one.get('/preferences');
    return one;
  };

  it('give a waiver only with a code that was asked for then, and take it back with one press', async () => {
    const one = await reader();
    expect(one.page).toContain('••• ••42');
    const before = done.length;
    const codes = stage.notices.length;
    const asking = formsOf(one.page).find(({ fields }) => fields.act === 'waiver');
    const about = asking?.buttons[0]?.value ?? '';
    await one.post('/preferences/confirm', { act: 'waiver', about, code: lastCode(), token: 'x' });
    expect(done).toHaveLength(before);
    await one.submit('/preferences/ask', { token: asking?.fields.token ?? '', act: 'waiver', about });
    expect(stage.notices).toHaveLength(codes + 1);
    expect(one.page).toContain('Plain email is not protected on its way.');
    await one.press('/preferences/confirm', { code: lastCode() === '000000' ? '111111' : '000000' });
    expect(one.page).toContain('That code is not right');
    expect(done).toHaveLength(before);
    await one.press('/preferences/confirm', { code: lastCode() });
    expect(done.at(-1)).toBe('given recipient 0 en');
    expect(one.path).toBe('/preferences');
    expect(one.page).toContain('You asked for plain email on');
    await one.press('/preferences/waiver/withdraw', {}, about);
    expect(done.at(-1)).toBe('withdrawn');
    expect(one.page).toContain('Read about the risk');
  });

  it('stop texts with one press, and have them sent again with another', async () => {
    const one = await reader();
    expect(one.page).toContain('You let this office send texts to ••42');
    await one.press('/preferences/texts');
    expect(one.path).toBe('/preferences');
    expect(one.page).toContain('You have stopped texts to ••42');
    await one.press('/preferences/texts');
    expect(one.page).toContain('You let this office send texts');
    expect(stops).toEqual([
      expect.stringMatching(/^recipient .* true$/),
      expect.stringMatching(/^recipient .* false$/),
    ]);
    await one.post('/preferences/texts', { act: 'stop', organisation: clinic, token: 'x' });
    expect(stops).toHaveLength(2);
  });

  it('offer no waiver where the organisation heeds none', async () => {
    waiversOn = false;
    const one = await reader();
    waiversOn = true;
    expect(one.page).not.toContain('Read about the risk');
  });

  it('take keys in, and away only what their owner handed in, with a code', async () => {
    const one = await reader();
    await one.press('/preferences/keys', { key: 'good' });
    expect(done.at(-1)).toBe('key for x.test: good');
    expect(one.page).toContain('Your key was taken.');
    await one.press('/preferences/keys', { key: 'bad' });
    expect(one.page).toContain('for another address');
    await one.get('/preferences');
    const token = formsOf(one.page).find(({ fields }) => fields.act === 'withdraw-key')?.fields.token ?? '';
    await one.submit('/preferences/ask', { token, act: 'withdraw-key', about: THEIRS });
    expect(one.page).toContain('does not exist');
    await one.get('/preferences');
    const again = formsOf(one.page).find(({ fields }) => fields.act === 'withdraw-key')?.fields.token ?? '';
    await one.submit('/preferences/ask', { token: again, act: 'withdraw-key', about: MINE });
    await one.press('/preferences/confirm', { code: lastCode() });
    expect(done.at(-1)).toBe(`key away ${MINE}`);
  });
});
