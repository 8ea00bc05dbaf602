// Attacks on a session that stands. Each is tried on the system as it is, and then on one that is composed without the defence in
// question: there it must succeed, or the test would prove nothing. Nothing but a test can leave a part out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SessionId } from '#core/ids';
import { type Access, proofFits } from '#platform/access';
import type { AdmissionParts, InjectedAnswer } from '#platform/http';
import { randomToken } from '#platform/runtime';
import { makeProver, type Prover } from '../../../test/support/prover.ts';
import {
  type AttackStage,
  FILE,
  ORIGIN,
  openAttackStage,
  own,
  type Place,
  type Sent,
  send,
  ticketOf,
  told,
  type Without,
} from './test-kit.ts';

const EVIL = 'https://console.clinic.test.evil.test';

let stage: AttackStage;
beforeAll(async () => {
  stage = await openAttackStage();
});
afterAll(() => stage.close());

const now = () => stage.now();
const advance = (seconds: number) => stage.world.clock.advance(seconds);
const composed = (without?: Without) => stage.composed(without);
const victim = (place: Place, bound?: boolean, prover?: Prover) => stage.victim(place, bound, prover);

const KEY = { label: 'mine', permissions: ['organisation:read'] };
const READ = { path: '/v1/members' };
const ACT = { method: 'POST', path: '/v1/api-keys' } as const;
const fromPage = (origin: string) => ({
  origin,
  'sec-fetch-site': origin === EVIL ? 'cross-site' : 'same-origin',
});

/** Tickets without one of their rules. */
const ticketsWithout =
  (rule: 'once' | 'target' | 'session' | 'time') =>
  ({ tickets }: Access['sessions']): Partial<Access['sessions']> => {
    const kept = new Map<string, { target: string; session: SessionId; until: number }>();
    return {
      tickets: {
        async issue(holder, target) {
          const made = await tickets.issue(holder, target);
          kept.set(made.ticket, { target, session: holder.session.id, until: made.expiresAt.getTime() });
          return made;
        },
        use({ session }, ticket, target) {
          const one = kept.get(ticket);
          if (rule !== 'once') kept.delete(ticket);
          const good =
            one !== undefined &&
            (rule === 'target' || one.target === target) &&
            (rule === 'session' || one.session === session.id) &&
            (rule === 'time' || one.until > now());
          return Promise.resolve(good);
        },
      },
    };
  };

const UNPROVEN: Partial<AdmissionParts> = {
  identifySession: () => Promise.resolve({ fault: null, key: null }),
};
/** A signature counts for other requests than its own as well: for those that differ in this. */
const fitsAlso = (
  other: (subject: Parameters<typeof proofFits>[1]) => Partial<Parameters<typeof proofFits>[1]>,
): Partial<AdmissionParts> => ({
  proofFits: (key, subject, proof) =>
    proofFits(key, subject, proof) || proofFits(key, { ...subject, ...other(subject) }, proof),
});
let elsewhere = '';

interface Attack {
  readonly name: string;
  readonly without: Without;
  readonly refused: string;
  readonly succeeds: string;
  run(place: Place): Promise<InjectedAnswer>;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'theft: a copied cookie alone',
    without: { admission: UNPROVEN },
    ...{ refused: '401 proof-missing', succeeds: '200' },
    run: async (place) => send(place, { ...READ, cookie: (await victim(place)).cookie }),
  },
  {
    name: "theft: a copied cookie, its CSRF value and proofs by the thief's own key",
    without: { admission: { proofFits: () => true } },
    ...{ refused: '401 proof-signature', succeeds: '201' },
    run: async (place) => send(place, own({ ...(await victim(place)), prover: makeProver(now) }, ACT), KEY),
  },
  {
    name: 'theft: the cookie of a sign-in by redirect, before the browser has bound it',
    without: { admission: UNPROVEN },
    ...{ refused: '401 proof-unbound', succeeds: '200' },
    run: async (place) =>
      send(place, own({ ...(await victim(place, false)), prover: makeProver(now) }, READ)),
  },
  {
    name: 'theft: a workstation left open, after the minutes that a factor counts',
    without: { sessions: () => ({ use: () => Promise.resolve() }) },
    ...{ refused: '401 step-up-required', succeeds: '201' },
    async run(place) {
      const of = await victim(place);
      advance(11 * 60);
      return send(place, own(of, ACT), KEY);
    },
  },
  {
    name: 'replay: a request that was seen, once more',
    without: { admission: { proofMemory: { knows: () => false, keep: () => true } } },
    ...{ refused: '401 proof-replayed', succeeds: '201' },
    async run(place) {
      const seen = own(await victim(place), ACT);
      expect((await send(place, seen, KEY)).status).toBe(201);
      return send(place, seen, KEY);
    },
  },
  {
    name: 'replay: a request that was caught and kept for later',
    without: { admission: { proofInTime: () => true } },
    ...{ refused: '401 proof-time', succeeds: '201' },
    async run(place) {
      const caught = own(await victim(place), ACT);
      advance(61);
      return send(place, caught, KEY);
    },
  },
  {
    name: 'replay: the proof of one path for another',
    without: { admission: fitsAlso(() => ({ path: '/v1/session' })) },
    ...{ refused: '401 proof-signature', succeeds: '200' },
    run: async (place) => send(place, { ...own(await victim(place), { path: '/v1/session' }), ...READ }),
  },
  {
    name: 'replay: the proof of reading for an act',
    without: { admission: fitsAlso(() => ({ method: 'GET' })) },
    ...{ refused: '401 proof-signature', succeeds: '201' },
    run: async (place) => send(place, { ...own(await victim(place), { path: ACT.path }), ...ACT }, KEY),
  },
  {
    name: "replay: the proof of one session for another one of the same browser's",
    without: { admission: fitsAlso(() => ({ binding: elsewhere })) },
    ...{ refused: '401 proof-signature', succeeds: '200' },
    async run(place) {
      const first = await victim(place);
      elsewhere = first.csrf;
      const { cookie } = await victim(place, true, first.prover);
      const { headers } = own(first, READ);
      return send(place, { ...READ, cookie, ...(headers && { headers }) });
    },
  },
  {
    name: 'CSRF: a page of another origin that has got hold of everything else',
    without: { admission: { sameOrigin: () => true } },
    ...{ refused: '403 cross-origin', succeeds: '201' },
    run: async (place) => send(place, own(await victim(place), { ...ACT, headers: fromPage(EVIL) }), KEY),
  },
  {
    name: 'CSRF: a request that the browser proves, without the CSRF value',
    without: { admission: { csrfMatches: () => true } },
    ...{ refused: '403 csrf', succeeds: '201' },
    async run(place) {
      const { cookie, prover } = await victim(place);
      return send(place, { ...ACT, cookie, headers: prover.headers('POST', ACT.path, '') }, KEY);
    },
  },
  {
    name: "CSRF: with the CSRF value of the attacker's own session",
    without: { admission: { csrfMatches: () => true } },
    ...{ refused: '403 csrf', succeeds: '201' },
    async run(place) {
      const { csrf } = await victim(place);
      return send(place, own({ ...(await victim(place)), csrf }, ACT), KEY);
    },
  },
  {
    name: 'tickets: one that was used, again',
    without: { sessions: ticketsWithout('once') },
    ...{ refused: '401 proof-ticket', succeeds: '200' },
    async run(place) {
      const of = await victim(place);
      const sent = { path: `${FILE}?ticket=${await ticketOf(place, of, FILE)}`, cookie: of.cookie };
      expect((await send(place, sent)).text).toBe('a file');
      return send(place, sent);
    },
  },
  {
    name: 'tickets: one file’s for another',
    without: { sessions: ticketsWithout('target') },
    ...{ refused: '401 proof-ticket', succeeds: '200' },
    async run(place) {
      const of = await victim(place);
      const ticket = await ticketOf(place, of, FILE);
      return send(place, { path: `${FILE}?of=another&ticket=${ticket}`, cookie: of.cookie });
    },
  },
  {
    name: 'tickets: one that was stolen from another session',
    without: { sessions: ticketsWithout('session') },
    ...{ refused: '401 proof-ticket', succeeds: '200' },
    async run(place) {
      const ticket = await ticketOf(place, await victim(place), FILE);
      return send(place, { path: `${FILE}?ticket=${ticket}`, cookie: (await victim(place)).cookie });
    },
  },
  {
    name: 'tickets: one found in a history, after its 45 seconds',
    without: { sessions: ticketsWithout('time') },
    ...{ refused: '401 proof-ticket', succeeds: '200' },
    async run(place) {
      const of = await victim(place);
      const ticket = await ticketOf(place, of, FILE);
      advance(46);
      return send(place, { path: `${FILE}?ticket=${ticket}`, cookie: of.cookie });
    },
  },
  {
    name: 'tickets: one for what is no file',
    without: { admission: { opensByItself: () => true } },
    ...{ refused: '404 not-found', succeeds: '200' },
    async run(place) {
      const of = await victim(place);
      const asked = await send(place, own(of, { method: 'POST', path: '/v1/session/tickets' }), {
        target: READ.path,
      });
      if (asked.status >= 300) return asked;
      const ticket = await ticketOf(place, of, READ.path);
      return send(place, { path: `${READ.path}?ticket=${ticket}`, cookie: of.cookie });
    },
  },
];

describe('attacks on a session', () => {
  let whole: Place;
  beforeAll(async () => {
    whole = await composed();
  });

  it('of the table begin from one that works', async () => {
    const of = await victim(whole);
    expect(told(await send(whole, own(of, READ)))).toBe('200');
    expect(told(await send(whole, own(of, { ...ACT, headers: fromPage(ORIGIN) }), KEY))).toBe('201');
    const ticket = await ticketOf(whole, of, FILE);
    expect(told(await send(whole, { path: `${FILE}?ticket=${ticket}`, cookie: of.cookie }))).toBe('200');
  });

  it.each(ATTACKS)('$name', async ({ without, refused, succeeds, run }) => {
    expect(told(await run(whole))).toBe(refused);
    expect(told(await run(await composed(without)))).toBe(succeeds);
  });

  it('CSRF: a form on another page, sent with the cookie alone, meets three walls, each of which is enough', async () => {
    const walls = [
      { sameOrigin: () => true },
      { csrfMatches: () => true },
      UNPROVEN,
    ] as const satisfies readonly Partial<AdmissionParts>[];
    const run = async (admission: Partial<AdmissionParts>) => {
      const place = await composed({ admission });
      const { cookie } = await victim(place);
      return told(await send(place, { ...ACT, cookie, headers: fromPage(EVIL) }, KEY));
    };
    const [origin, csrf, proof] = walls;
    expect(await run({ ...csrf, ...proof })).toBe('403 cross-origin');
    expect(await run({ ...origin, ...proof })).toBe('403 csrf');
    expect(await run({ ...origin, ...csrf })).toBe('401 proof-missing');
    expect(await run({ ...origin, ...csrf, ...proof })).toBe('201');
  });
});

describe('fixation', () => {
  const cookieSet = (answer: InjectedAnswer): string =>
    /sealpost=([^;]*)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '';

  async function answerOf(place: Place, path: string, sent: Omit<Sent, 'path'>) {
    const begun = await send(place, { ...sent, method: 'POST', path: `${path}/options` }, {});
    const { ceremony, options } = z
      .object({ ceremony: z.string(), options: z.object({ challenge: z.string() }) })
      .parse(begun.json());
    return { ceremony, response: stage.passkey.answer(options.challenge, ORIGIN, 'localhost') };
  }

  it('a cookie that was planted before the sign-in is not what the sign-in makes', async () => {
    const path = '/v1/sign-in/passkey-alone';
    const run = async (place: Place, planted: string) => {
      const victims = makeProver(now);
      const sent = { cookie: planted, headers: fromPage(ORIGIN) };
      const answer = await answerOf(place, path, sent);
      const headers = { ...sent.headers, ...victims.headers('POST', path, '') };
      const done = await send(place, { ...sent, headers, method: 'POST', path }, answer);
      expect(told(done)).toBe('200');
      return {
        same: cookieSet(done) === planted,
        attacker: told(await send(place, { ...READ, cookie: planted })),
      };
    };
    const [one, two, three, four] = Array.from({ length: 4 }, () => randomToken());
    if (one === undefined || two === undefined || three === undefined || four === undefined)
      throw new Error('no tokens');
    const closed = { same: false, attacker: '401 not-authenticated' };
    expect(await run(await composed(), one)).toEqual(closed);
    // Each of the two walls holds without the other one.
    expect(await run(await composed({ admission: UNPROVEN }), two)).toEqual(closed);
    const adopts = await composed({ freshToken: () => three });
    expect(await run(adopts, three)).toEqual({ same: true, attacker: '401 proof-missing' });
    const open = await composed({ freshToken: () => four, admission: UNPROVEN });
    expect(await run(open, four)).toEqual({ same: true, attacker: '200' });
  });

  it('a cookie that was copied before a factor was proven anew does not gain by it', async () => {
    const path = '/v1/session/step-up/passkey';
    const run = async (place: Place) => {
      const of = await victim(place);
      const copied = { ...ACT, cookie: of.cookie, csrf: of.csrf };
      advance(11 * 60);
      const before = told(await send(place, copied, KEY));
      const sent = { cookie: of.cookie, csrf: of.csrf };
      const answer = await answerOf(place, path, sent);
      expect(told(await send(place, { ...sent, method: 'POST', path }, answer))).toBe('200');
      return [before, told(await send(place, copied, KEY))];
    };
    // The proof of requests is another test's: here the thief has it.
    const stale = '401 step-up-required';
    expect(await run(await composed({ admission: UNPROVEN }))).toEqual([stale, '401 not-authenticated']);
    const [kept] = [randomToken()];
    expect(await run(await composed({ admission: UNPROVEN, freshToken: () => kept }))).toEqual([
      stale,
      '201',
    ]);
  });
});

describe('two processes', () => {
  it('refuse who was removed: the one at once, the other on the page that reads the membership too', async () => {
    const [here, elsewhere] = [await composed(), await composed()];
    const who = await stage.sender(here, 'leaver');
    const of = await stage.victim(here, true, undefined, who);
    for (const place of [here, elsewhere])
      expect(told(await send(place, own(of, { path: '/v1/session' })))).toBe('200');
    const path = `/v1/members/${who}`;
    expect(told(await send(here, own(await victim(here), { method: 'DELETE', path })))).toBe('204');
    // What is remembered there would last for two seconds more; once it ended in a fault.
    for (const place of [here, elsewhere])
      expect(told(await send(place, own(of, { path: '/v1/session' })))).toBe('401 not-authenticated');
  });
});
