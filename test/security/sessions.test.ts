import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebClient } from '../../prove/support/web-client.ts';
import { makeProver } from '../support/prover.ts';
import { type Installation, startInstallation } from './installation.ts';

// What somebody can do who has a copy of a session's cookie, its CSRF value and whole requests as they went over the wire.

let here: Installation;

beforeAll(async () => {
  here = await startInstallation({ SEALPOST_TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(async () => {
  await here?.close();
});

/** A client with the stolen cookie; its own key, or with `own` that of the browser that signed in. */
function withCookie(own: 'thief' | 'owner'): WebClient {
  const client = new WebClient(here.apiUrl, { origin: here.apiUrl });
  for (const [name, value] of here.console.cookies) client.cookies.set(name, value);
  if (own === 'owner') client.prover = here.console.prover;
  return client;
}

/** A client that sends nothing but what it is given. */
function bare(): WebClient {
  const client = withCookie('thief');
  client.prover = null;
  return client;
}

const reasonOf = (answer: { json<T>(): T }) =>
  answer.json<{ parameters?: { reason?: string } }>().parameters?.reason;
const csrf = (): Record<string, string> => ({ 'x-sealpost-csrf': here.csrf });
const proofOf = (method: string, path: string, value = ''): Record<string, string> =>
  here.console.prover?.headers(method, path, value) ?? {};

describe('a stolen cookie', () => {
  it('is worth nothing without the key of the browser, for reading or for acting', async () => {
    expect((await withCookie('owner').ask('GET', '/v1/session')).status).toBe(200);
    for (const [client, reason] of [
      [bare(), 'proof-missing'],
      [withCookie('thief'), 'proof-signature'],
    ] as const) {
      for (const path of ['/v1/session', '/v1/messages', '/v1/audit', '/v1/members']) {
        const answer = await client.ask('GET', path);
        expect([answer.status, reasonOf(answer)], path).toEqual([401, reason]);
      }
      const body = { label: 'mine', permissions: ['messages:read'] };
      const made = await client.ask('POST', '/v1/api-keys', { headers: csrf(), body });
      expect([made.status, reasonOf(made)]).toEqual([401, reason]);
    }
  });

  it('cannot be bound to the key of the thief', async () => {
    const answer = await withCookie('thief').ask('POST', '/v1/session/key', { headers: csrf() });
    expect([answer.status, reasonOf(answer)]).toEqual([401, 'proof-signature']);
    const owner = await withCookie('owner').ask('POST', '/v1/session/key', { headers: csrf() });
    expect([owner.status, reasonOf(owner)]).toEqual([409, 'bound']);
  });

  it('is told of in the audit, once and not at every request', async () => {
    for (let n = 0; n < 20; n += 1) await bare().ask('GET', '/v1/session');
    const { items } = (await here.api.ask('GET', '/v1/audit?limit=200')).json<{
      items: { action: string }[];
    }>();
    const told = items.filter(({ action }) => action === 'session.proof-refused');
    expect(told).toHaveLength(1);
  });
});

describe('a proof that was seen', () => {
  it('works once', async () => {
    const headers = proofOf('GET', '/v1/session');
    expect((await bare().ask('GET', '/v1/session', { headers })).status).toBe(200);
    const again = await bare().ask('GET', '/v1/session', { headers });
    expect([again.status, reasonOf(again)]).toEqual([401, 'proof-replayed']);
  });

  it('works for its own method, path and session only, and in its own minute', async () => {
    const tries: [Record<string, string>, string][] = [
      [proofOf('GET', '/v1/messages'), 'proof-signature'],
      [proofOf('POST', '/v1/session'), 'proof-signature'],
      [{ ...proofOf('GET', '/v1/session', here.csrf) }, 'proof-signature'],
      [{ ...proofOf('GET', '/v1/session'), ...csrf() }, 'proof-signature'],
      [{ 'sealpost-proof': 'x' }, 'proof-malformed'],
      [makeProver().headers('GET', '/v1/session', ''), 'proof-signature'],
    ];
    for (const [headers, reason] of tries) {
      const answer = await bare().ask('GET', '/v1/session', { headers });
      expect([answer.status, reasonOf(answer)]).toEqual([401, reason]);
    }
    const [at = '', id = '', signature = ''] = (proofOf('GET', '/v1/session')['sealpost-proof'] ?? '').split(
      '.',
    );
    const forged = await bare().ask('GET', '/v1/session', {
      headers: { 'sealpost-proof': `${Number(at) + 1}.${id}.${signature}` },
    });
    expect(reasonOf(forged)).toBe('proof-signature');
    const late = await bare().ask('GET', '/v1/session', {
      headers: { 'sealpost-proof': `${Number(at) - 61_000}.${id}.${signature}` },
    });
    expect(reasonOf(late)).toBe('proof-time');
    expect(
      Math.abs(late.json<{ parameters: { serverTime: number } }>().parameters.serverTime - Date.now()),
    ).toBeLessThan(10_000);
  });
});

describe('a download', () => {
  const askTicket = (path: string) =>
    withCookie('owner').ask('POST', '/v1/session/tickets', { headers: csrf(), body: { target: path } });
  const ticketFor = async (path: string): Promise<string> => {
    const answer = await askTicket(path);
    expect(answer.status).toBe(201);
    return answer.json<{ ticket: string }>().ticket;
  };

  it('takes a ticket once, for its own address, and only with the session that asked', async () => {
    const sent = await here.api.ask('POST', '/v1/messages', {
      body: { from: 'a@clinic.test', to: ['anna@good-tls.test'], subject: 's', text: 't' },
    });
    const { deliveries } = sent.json<{ deliveries: { id: string }[] }>();
    const file = `/v1/deliveries/${deliveries[0]?.id ?? ''}/proof-file?recipient=hashed`;
    const fileStatus = async () => (await withCookie('owner').ask('GET', file)).status;
    for (let n = 0; n < 100 && (await fileStatus()) !== 200; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const open = (path: string, ticket: string, client = bare()) =>
      client.ask('GET', `${path}${path.includes('?') ? '&' : '?'}ticket=${ticket}`);

    const good = await ticketFor(file);
    const stranger = new WebClient(here.apiUrl);
    stranger.prover = null;
    expect((await open(file, good, stranger)).status).toBe(401);
    expect((await open(file, good)).status).toBe(200);
    const twice = await open(file, good);
    expect([twice.status, reasonOf(twice)]).toEqual([401, 'proof-ticket']);

    for (const other of [file.replace('hashed', 'named'), file.replace('proof-file', 'proof-report')]) {
      const answer = await open(other, await ticketFor(file));
      expect([answer.status, reasonOf(answer)], other).toEqual([401, 'proof-ticket']);
    }
    // Nothing but files has tickets, and no file's opens anything else.
    for (const none of ['/v1/messages', '/v1/sandbox/nothing', `${file.split('?')[0]}/more`])
      expect((await askTicket(none)).status, none).toBe(404);
    const answer = await open('/v1/messages', await ticketFor(file));
    expect([answer.status, reasonOf(answer)]).toEqual([401, 'proof-missing']);
  });
});

describe('a telephone for codes', () => {
  it('is proved by a text that goes the way of all texts', async () => {
    const ask = (method: 'POST' | 'PUT', path: string, body: object) =>
      here.console.ask(method, path, { headers: csrf(), body });
    const { rule } = (await here.console.ask('GET', '/v1/sign-in-policy')).json<{ rule: object }>();
    const number = '+15555550199';
    const early = await ask('POST', '/v1/account/telephone/options', { number });
    expect([early.status, reasonOf(early)]).toEqual([409, 'texted-codes-not-allowed']);
    expect((await ask('PUT', '/v1/sign-in-policy', { ...rule, textedCode: true })).status).toBe(200);
    expect((await ask('POST', '/v1/account/telephone/options', { number: '5550199' })).status).toBe(422);
    const begun = await ask('POST', '/v1/account/telephone/options', { number });
    expect(begun.status).toBe(200);
    const { ceremony } = begun.json<{ ceremony: string }>();
    const code = await waitFor(async () => {
      const { items } = (await here.api.ask('GET', '/v1/sandbox/texts')).json<{
        items: { number: string; words: string }[];
      }>();
      return /\b\d{6}\b/.exec(items.find((one) => one.number === number)?.words ?? '')?.[0];
    });
    const added = await ask('POST', '/v1/account/telephone', { ceremony, code, label: 'Mine' });
    expect(added.status).toBe(204);
    const { factors } = (await here.console.ask('GET', '/v1/account')).json<{
      factors: { kind: string; number: string | null }[];
    }>();
    expect(factors).toContainEqual(expect.objectContaining({ kind: 'texted-code', number: '••99' }));
  });

  it('does not come with certificates, for which nobody named authorities here', async () => {
    const { rule } = (await here.console.ask('GET', '/v1/sign-in-policy')).json<{ rule: object }>();
    const body = { ...rule, certificate: 'phishing-resistant' };
    const answer = await here.console.ask('PUT', '/v1/sign-in-policy', { headers: csrf(), body });
    expect([answer.status, reasonOf(answer)]).toEqual([409, 'needs-client-authorities']);
  });
});

/** Asks until there is something, five seconds at most. */
async function waitFor(look: () => Promise<string | undefined>): Promise<string> {
  for (let time = 0; time < 50; time += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('nothing came');
}

describe('signing out', () => {
  it('ends the other sessions, and this one', async () => {
    const client = withCookie('owner');
    const ended = await client.ask('DELETE', '/v1/sessions', { headers: csrf() });
    expect(ended.json()).toEqual({ ended: 0 });
    expect((await client.ask('DELETE', '/v1/session', { headers: csrf() })).status).toBe(204);
    expect((await withCookie('owner').ask('GET', '/v1/session')).status).toBe(401);
  });
});
