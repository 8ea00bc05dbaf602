import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Administrator, type ApiKey, Browser, enrol, makeKey, withKey } from './api.ts';
import type { Instance } from './instance.ts';
import { SmtpTalk } from './smtp-talk.ts';

/** Somebody with everything that a person can hold here: a session, and a key that is an SMTP credential too. */
export interface Holder {
  readonly id: string;
  readonly address: string;
  readonly browser: Browser;
  readonly key: ApiKey;
}

/** Invites a person who administers, and takes the invitation up. */
export async function invite(admin: Administrator, consoleUrl: string, name: string): Promise<Holder> {
  const address = `${name}@clinic.test`;
  const { id, invitation } = await admin.browser.caller.ask<{ id: string; invitation: { token: string } }>(
    'POST',
    '/v1/members',
    { address, displayName: name, roles: ['administrator'] },
  );
  const browser = new Browser(consoleUrl);
  const { ceremony } = await browser.caller.ask<{ ceremony: string }>('POST', '/v1/invitations/accept', {
    token: invitation.token,
    passphrase: 'copper lantern orchid 93 velvet',
  });
  const signedIn = await enrol(browser, ceremony);
  return { id, address, browser, key: await makeKey(signedIn) };
}

/** An access token of a new service account, fetched from the token endpoint. */
export async function fetchToken(
  admin: Administrator,
  consoleUrl: string,
): Promise<{ account: string; token: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const { caller } = admin.browser;
  const permissions = ['organisation:read'];
  const account = await caller.ask<{ id: string }>('POST', '/v1/service-accounts', {
    ...{ name: `engine ${randomUUID()}`, owner: admin.session.identity.id, permissions },
  });
  const client = await caller.ask<{ prefix: string }>('POST', '/v1/oauth-clients', {
    ...{ label: 'engine', permissions, serviceAccount: account.id },
    keys: {
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES384', use: 'sig' }] },
    },
  });
  const metadata = await fetch(new URL('/.well-known/oauth-authorization-server', consoleUrl));
  const { token_endpoint } = (await metadata.json()) as { token_endpoint: string };
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: client.prefix, sub: client.prefix, aud: token_endpoint, jti: randomUUID() };
  const signed = new SignJWT({ ...claims, exp: seconds + 200 }).setProtectedHeader({
    alg: 'ES384',
    kid: 'one',
  });
  const answer = await fetch(new URL('/oauth/token', consoleUrl), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signed.sign(privateKey),
    }),
  });
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}: ${await answer.text()}`);
  const { access_token } = (await answer.json()) as { access_token: string };
  return { account: account.id, token: access_token };
}

/** Something that is open to its holder, and for how long it stays so. */
interface Watch {
  /** The first time it has been found shut, by the clock of `performance.now`. */
  readonly shutAt: Promise<number>;
}

const EVERY_MS = 100;
const LONGEST_MS = 30_000;

/** Asks again and again until it is shut; throws when it never was open, or is still open after half a minute. */
export async function watch(isOpen: () => Promise<boolean>): Promise<Watch> {
  if (!(await isOpen())) throw new Error('it is shut from the beginning');
  const wait = async (): Promise<number> => {
    const until = performance.now() + LONGEST_MS;
    while (await isOpen()) {
      if (performance.now() > until) throw new Error(`it is open after ${LONGEST_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return performance.now();
  };
  const shutAt = wait();
  shutAt.catch(() => undefined); // whoever waits for it hears of it
  return { shutAt };
}

/** What a person and a token open in another process: each watched while it is in use. */
export async function watchElsewhere(
  { consoleUrl, submissions }: Instance,
  { browser, key }: Holder,
  message: string,
) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const withSession = (path: string) =>
    fetch(new URL(path, consoleUrl), { headers: { cookie, ...browser.prover.headers('GET', path, '') } });
  const api = withKey(consoleUrl, key.secret);
  const stream = await withSession(`/v1/messages/${message}/events`);
  if (!stream.ok || stream.body === null) throw new Error(`the stream answered ${stream.status}`);
  const ended = (async () => {
    for await (const _chunk of stream.body ?? []);
    return performance.now();
  })();
  ended.catch(() => undefined);
  return {
    session: await watch(async () => {
      // This one reads the membership anew; it is refused as soon as that has ended.
      openOrRefused((await withSession('/v1/session')).status);
      return openOrRefused((await withSession('/v1/organisation')).status);
    }),
    'API key': await watch(async () => openOrRefused((await api.call('GET', '/v1/organisation')).status)),
    'SMTP credential': await watch(() => smtpOpens(submissions, key)),
    'event stream': { shutAt: ended },
  } satisfies Record<string, Watch>;
}

export const watchToken = (consoleUrl: string, token: string): Promise<Watch> => {
  const api = withKey(consoleUrl, token);
  return watch(async () => openOrRefused((await api.call('GET', '/v1/organisation')).status));
};

/** A fault or a limit is no refusal. */
function openOrRefused(status: number): boolean {
  if (status !== 200 && status !== 401) throw new Error(`answered ${status}`);
  return status === 200;
}

async function smtpOpens(port: number, key: ApiKey): Promise<boolean> {
  const talk = await SmtpTalk.open(port, 'tls');
  try {
    await talk.say('EHLO desk');
    return (await talk.signIn(key.prefix, key.secret)).code === 235;
  } finally {
    talk.end();
  }
}
