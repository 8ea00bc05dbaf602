import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { DeliveryId, IdentityId, MessageId, OrganisationId, SessionId } from '#core/ids';
import type { TextNotice } from '#core/text';
import { newId } from '#platform/runtime';
import { openTextStage } from '../../../test/support/texts.ts';

const ANNA: Address = { local: 'anna', domain: 'x.test' };
const NUMBER = '+34600000042';

let stage: Awaited<ReturnType<typeof openTextStage>>;
let clinic: OrganisationId;
let caller: Caller;

beforeAll(async () => {
  stage = await openTextStage();
});
afterAll(() => stage.close());

beforeEach(async () => {
  clinic = await stage.organisation();
  caller = {
    organisation: clinic,
    actor: { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId },
    origin: { address: null, channel: 'console' },
    permissions: new Set(['recipients:manage']),
    request: 'r',
  };
  stage.there.gateway = stage.gateway;
  stage.gateway.taken.length = 0;
  stage.gateway.perDay = 1_000;
  stage.gateway.answer = async () => ({ kind: 'taken', reference: 'SM1' });
  stage.entries.length = 0;
});

const record = (address = 'anna@x.test', mobile: string | null = NUMBER, stopped = false) =>
  stage.recipients.create(caller, address, { mobile, stopped, challenge: null, fallback: null });
const send = (notice: TextNotice = stage.code(clinic, ANNA)) =>
  stage.database.tenant([clinic], 'app', (tx) => stage.texts.send(tx, notice));
const reach = (to: Address = ANNA) =>
  stage.database.tenant([clinic], 'app', (tx) => stage.texts.reach(tx, clinic, to));
const rows = () =>
  stage.database.tenant([clinic], 'worker', (tx) =>
    tx.query<{
      state: string;
      attempts: number;
      last_code: string | null;
      number: Buffer | null;
      body: Buffer | null;
    }>({
      text: 'select state, attempts, last_code, number, body from text_message where organisation = $1 order by id',
      values: [clinic],
    }),
  );
const audited = (action: string) => stage.entries.filter((entry) => entry.action === action);

describe('who can be reached', () => {
  it('is whoever has a number on record, did not say STOP, where there is a gateway', async () => {
    expect(await reach()).toBeNull();
    expect(await send()).toBe(false);
    const made = await record();
    expect(await reach()).toEqual({ masked: '••42' });
    stage.there.gateway = null;
    expect(await reach()).toBeNull();
    stage.there.gateway = stage.gateway;
    // STOP is said of a telephone: whoever shares it is not written to either, and a deleted record does not take it back.
    await stage.recipients.replace(caller, made.id, 1, {
      ...{ mobile: NUMBER, stopped: true, challenge: null, fallback: null },
    });
    await record('ben@x.test', null);
    expect(await reach()).toBeNull();
    await stage.recipients.remove(caller, made.id, 2);
    const again = await stage.recipients.create(caller, 'Anna@x.test', {
      ...{ mobile: NUMBER, stopped: true, challenge: null, fallback: null },
    });
    expect(again.stopped).toBe(true);
    expect(await send()).toBe(false);
    expect(await rows()).toEqual([]);
  });

  it('says STOP to the gateway and is not written to any more', async () => {
    await record();
    stage.gateway.answer = async () => ({ kind: 'refused', code: 'gateway-code-21610', stopped: true });
    expect(await send()).toBe(true);
    expect(await send()).toBe(true);
    await stage.texts.run();
    expect(await reach()).toBeNull();
    expect((await rows()).every(({ state }) => state === 'failed')).toBe(true);
    expect(await stage.recipients.search(caller, 'anna@x.test')).toMatchObject({ stopped: true });
  });
});

describe('a text', () => {
  it('is handed over once with its words, and leaves neither number nor words behind', async () => {
    await record();
    const about = { message: newId() as MessageId, delivery: newId() as DeliveryId };
    const expiresAt = new Date(stage.clock.now().getTime() + 86_400_000);
    const body = { kind: 'portal-message', linkToken: 'abc', expiresAt } as const;
    expect(await send({ ...stage.code(clinic, ANNA), locale: 'es', body, about })).toBe(true);
    expect((await rows())[0]?.number?.includes('600000042')).toBe(false);
    expect(await stage.texts.run()).toBe(1);
    expect(await stage.texts.run()).toBe(0);
    expect(stage.gateway.taken).toEqual([
      {
        organisation: clinic,
        number: NUMBER,
        words: 'Tiene un mensaje seguro: https://portal.clinic.test/m/abc',
      },
    ]);
    expect(await rows()).toEqual([{ state: 'sent', attempts: 1, last_code: null, number: null, body: null }]);
    const [entry] = audited('text.sent');
    expect(entry).toMatchObject({
      details: { kind: 'portal-message', reference: 'SM1' },
      subjects: [{ kind: 'delivery', id: about.delivery }, { kind: 'text' }],
    });
    expect(entry?.sealedReference).not.toBeNull();
    const seen = await stage.database.tenant([clinic], 'app', (tx) =>
      stage.texts.ofDeliveries(tx, clinic, [about.delivery]),
    );
    expect(seen).toMatchObject([{ delivery: about.delivery, state: 'sent' }]);
    const events = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ type: string }>({
        text: 'select type from event where organisation = $1',
        values: [clinic],
      }),
    );
    expect(events).toEqual([{ type: 'delivery.text-sent' }]);
  });

  it('is lined up or not with the act that wants it', async () => {
    await record();
    const failing = stage.database.tenant([clinic], 'app', async (tx) => {
      await stage.texts.send(tx, stage.code(clinic, ANNA));
      throw new Error('the act failed');
    });
    await expect(failing).rejects.toThrow('the act failed');
    expect(await rows()).toEqual([]);
  });

  it('is tried again while the gateway certainly did not take it, and ends with the time of what it says', async () => {
    await record();
    stage.gateway.answer = async () => ({ kind: 'later', code: 'gateway-status-503' });
    await send();
    for (const seconds of [0, 5, 15, 60, 300]) {
      stage.clock.advance(seconds);
      expect(await stage.texts.run()).toBe(1);
      expect(await stage.texts.run()).toBe(0);
    }
    stage.clock.advance(300);
    expect(await stage.texts.run()).toBe(1);
    expect(stage.gateway.taken).toHaveLength(5);
    expect(await rows()).toMatchObject([{ state: 'expired', number: null, body: null }]);
    expect(audited('text.expired')).toHaveLength(1);
  });

  it('whose fate is unknown is repeated once, never twice', async () => {
    await record();
    stage.gateway.answer = async () => ({ kind: 'unknown', code: 'gateway-timeout' });
    await send();
    for (const seconds of [0, 5, 15]) {
      stage.clock.advance(seconds);
      await stage.texts.run();
    }
    expect(stage.gateway.taken).toHaveLength(2);
    expect(await rows()).toMatchObject([{ state: 'failed', last_code: 'fate-unknown' }]);
  });

  it('that was handed over before a crash is not lost, and handed over once more at most', async () => {
    await record();
    await send();
    // The process ends between the gateway's answer and the record of it: nothing of the try is written.
    const crash = () => {
      stage.gateway.answer = () => new Promise(() => undefined);
      void stage.texts.run();
    };
    const handed = async (count: number) => {
      for (let turn = 0; turn < 200 && stage.gateway.taken.length < count; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(stage.gateway.taken).toHaveLength(count);
    };
    crash();
    await handed(1);
    expect(await stage.texts.run()).toBe(0); // leased: nobody else has it meanwhile
    stage.clock.advance(61);
    crash();
    await handed(2);
    stage.clock.advance(61);
    stage.gateway.answer = async () => ({ kind: 'taken', reference: null });
    expect(await stage.texts.run()).toBe(1);
    expect(stage.gateway.taken).toHaveLength(2);
    expect(await rows()).toMatchObject([{ state: 'failed', last_code: 'fate-unknown', attempts: 3 }]);
  });

  it('of a late worker counts as sent, and is not sent again', async () => {
    await record();
    await send();
    let answer: (() => void) | undefined;
    stage.gateway.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve({ kind: 'taken', reference: null });
      });
    const late = stage.texts.run();
    while (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    stage.clock.advance(61);
    stage.gateway.answer = async () => ({ kind: 'later', code: 'gateway-status-503' });
    await stage.texts.run();
    answer();
    await late;
    expect(await rows()).toMatchObject([{ state: 'sent' }]);
    stage.clock.advance(61);
    expect(await stage.texts.run()).toBe(0);
  });

  it('to one telephone is withheld beyond six an hour, also when they are asked for at once', async () => {
    await record();
    const all = await Promise.all(Array.from({ length: 9 }, () => send()));
    expect(all.filter((sent) => sent)).toHaveLength(6);
    // Nor to somebody of the staff whose telephone it is too.
    const { to: _to, ...letter } = stage.code(clinic, ANNA);
    const toStaff = (number: string) =>
      stage.database.tenant([clinic], 'app', (tx) => stage.texts.sendTo(tx, number, letter));
    expect(await toStaff(NUMBER)).toBe(false);
    expect(audited('text.withheld')).toHaveLength(4);
    expect(audited('text.withheld')[0]).toMatchObject({
      result: 'refused',
      details: { kind: 'sign-in-code', reason: 'number-hour' },
    });
    stage.clock.advance(3_601);
    expect(await send()).toBe(true);
  });

  it('is withheld beyond the organisation’s share of a day', async () => {
    stage.gateway.perDay = 2;
    for (const [name, last] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      await record(`${name}@x.test`, `+3460000000${last}`);
    const to = (local: string) => send(stage.code(clinic, { local, domain: 'x.test' }));
    expect([await to('a'), await to('b'), await to('c')]).toEqual([true, true, false]);
    expect(audited('text.withheld')[0]?.details.reason).toBe('organisation-day');
    await stage.texts.run();
  });
});

describe('a recipient’s answer', () => {
  const answers = (answer: string, to: Address = ANNA) =>
    stage.database.tenant([clinic], 'app', (tx) => stage.recipients.answers(tx, clinic, to, answer));

  it('fits in any usual spelling, belongs to its row, and cannot be read', async () => {
    expect(await answers('1980-03-04')).toBe(false);
    const challenge = { kind: 'date-of-birth', prompt: null, answer: '1980-03-04' } as const;
    const given = { mobile: null, stopped: false, challenge, fallback: null };
    const anna = await stage.recipients.create(caller, 'anna@x.test', given);
    const ben = await stage.recipients.create(caller, 'ben@x.test', given);
    for (const text of ['04/03/1980', '3/4/80', '4 de marzo de 1980', 'March 4th, 1980'])
      expect([text, await answers(text)]).toEqual([text, true]);
    expect(await answers('1980-03-05')).toBe(false);
    const macs = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ id: string; challenge_mac: Buffer }>({
        text: 'select id, challenge_mac from recipient_record where organisation = $1 order by id',
        values: [clinic],
      }),
    );
    expect(macs[0]?.challenge_mac.equals(macs[1]?.challenge_mac ?? Buffer.alloc(0))).toBe(false);
    // Moved from one row to another, a stored answer fits nobody.
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({
        text: 'update recipient_record set challenge_mac = $3 where organisation = $1 and id = $2',
        values: [clinic, ben.id, macs.find(({ id }) => id === anna.id)?.challenge_mac ?? null],
      }),
    );
    expect(await answers('1980-03-04', { local: 'ben', domain: 'x.test' })).toBe(false);
    expect(await answers('1980-03-04')).toBe(true);
  });

  it('stays when it is left out, and the version guards the record', async () => {
    const secret = { kind: 'shared-secret', prompt: 'Your pet', answer: 'Ñandú Rex' } as const;
    const base = { mobile: null, stopped: false, fallback: null };
    const made = await stage.recipients.create(caller, 'anna@x.test', { ...base, challenge: secret });
    const kept = { ...base, challenge: { ...secret, prompt: 'Your animal', answer: null } };
    await stage.recipients.replace(caller, made.id, 1, kept);
    expect(await answers(' nandu  REX ')).toBe(true);
    await expect(stage.recipients.replace(caller, made.id, 1, kept)).rejects.toMatchObject({
      code: 'version-conflict',
    });
    await expect(stage.recipients.create(caller, 'ANNA@x.test', kept)).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(
      stage.recipients.create(caller, 'ANNA@x.test', { ...base, challenge: secret }),
    ).rejects.toMatchObject({ code: 'already-exists' });
    expect(audited('recipient.changed')[0]).toMatchObject({ details: { answerGiven: false } });
  });
});
