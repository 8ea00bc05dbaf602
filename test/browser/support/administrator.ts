import { generateSync } from 'otplib';
import type { APIRequestContext, Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { makeProver, type Prover } from '../../support/prover.ts';
import { openContext, type Watched } from './browser.ts';
import type { Installation } from './installation.ts';
import { shareKey } from './share-key.ts';
import { until } from './until.ts';

export const ADMINISTRATOR = {
  name: 'Maria Okafor',
  address: 'maria@clinic.test',
  passphrase: 'seven otters under glass',
} as const;
export const ORGANISATION = 'Riverside Clinic';

/** The five recipients of the main job and the state in which each must end. */
export const ENDS = {
  'anna@good-tls.test': 'delivered',
  'ben@no-tls.test': 'portal-waiting',
  'carla@wrong-cert.test': 'portal-waiting',
  'dan@slow.test': 'delivered',
  'nobody@good-tls.test': 'bounced',
} as const;

const TOTP_STEP_MS = 30_000;

/** The six digits of an authenticator app, now or so many steps of 30 s later (each code is taken once). */
export function appCode(secret: string, stepsLater = 0): string {
  const epoch = Math.floor((Date.now() + stepsLater * TOTP_STEP_MS) / 1000);
  return generateSync({ secret: secret.replaceAll(/\s/g, ''), epoch });
}

const detail = z.object({
  id: z.string(),
  deliveries: z.array(z.object({ id: z.string(), to: z.string(), state: z.string() })),
});
const mail = z.object({ id: z.string(), subject: z.string(), text: z.string(), receivedAt: z.string() });
type Mail = z.infer<typeof mail>;

/** The API as the console of a signed-in person uses it: session cookie and CSRF header. */
export interface Api {
  readonly organisation: string;
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  /** Sends to these addresses and returns the message's id once every copy has left the queue. */
  send(message: { to: readonly string[]; subject: string; text?: string; class?: string }): Promise<string>;
  /** Submits a whole mail of the caller's own making. */
  sendRaw(from: string, to: string, lines: readonly string[]): Promise<string>;
  /** Waits for a mail in a sandbox mailbox, the newest that fits. */
  mailTo(address: string, fits: (mail: Mail) => boolean): Promise<Mail>;
  deliveryStates(message: string): Promise<Readonly<Record<string, string>>>;
}

export interface Administrator extends Watched {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  readonly api: Api;
}

/** Sets the installation up over the API, as the console's pages would, and returns a signed-in browser context. */
export async function setUp(browser: Browser, installation: Installation): Promise<Administrator> {
  const watched = await openContext(browser, [installation.consoleUrl, installation.portalUrl]);
  const { request } = watched.context;
  const prover = makeProver();
  await shareKey(watched.context, installation.consoleUrl, prover);
  const post = poster(request, installation.consoleUrl, prover);
  const ceremony = z.object({ ceremony: z.string() }).parse(
    await post('/v1/setup/start', {
      token: installation.setupLink.split('#')[1],
      organisationName: ORGANISATION,
      displayName: ADMINISTRATOR.name,
      address: ADMINISTRATOR.address,
      passphrase: ADMINISTRATOR.passphrase,
    }),
  );
  const { secret } = z.object({ secret: z.string() }).parse(await post('/v1/setup/totp/options', ceremony));
  const { recoveryCodes } = z
    .object({ recoveryCodes: z.array(z.string()) })
    .parse(await post('/v1/setup/totp', { ...ceremony, code: appCode(secret) }));
  return { ...watched, secret, recoveryCodes, api: await apiOf(request, installation.consoleUrl, prover) };
}

export type Post = (path: string, body?: unknown) => Promise<unknown>;

function poster(request: APIRequestContext, origin: string, prover: Prover, csrf = ''): Post {
  return async (path, body) => {
    const answer = await request.post(origin + path, {
      headers: { origin, ...signed(prover, 'POST', path, csrf) },
      ...(body === undefined ? {} : { data: body }),
    });
    if (!answer.ok()) throw new Error(`POST ${path}: ${answer.status()} ${await answer.text()}`);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  };
}

function signed(prover: Prover, method: string, path: string, csrf: string): Record<string, string> {
  return { ...(csrf === '' ? {} : { 'x-sealpost-csrf': csrf }), ...prover.headers(method, path, csrf) };
}

async function apiOf(request: APIRequestContext, origin: string, prover: Prover): Promise<Api> {
  const get = async (path: string): Promise<unknown> => {
    const answer = await request.get(origin + path, { headers: prover.headers('GET', path, '') });
    if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()}`);
    return answer.json();
  };
  const session = z
    .object({ csrf: z.string(), organisation: z.object({ id: z.string() }) })
    .parse(await get('/v1/session'));
  const { csrf } = session;
  const post = poster(request, origin, prover, csrf);
  const settled = async (accepted: unknown): Promise<string> => {
    const { id } = z.object({ id: z.string() }).parse(accepted);
    await until(`the ends of message ${id}`, async () => {
      const { deliveries } = detail.parse(await get(`/v1/messages/${id}`));
      return deliveries.every((one) => one.state !== 'queued' && one.state !== 'deferred');
    });
    return id;
  };
  return {
    organisation: session.organisation.id,
    get,
    post,
    send: async (message) =>
      settled(
        await post('/v1/messages', { from: 'reception@clinic.test', text: 'All is well.', ...message }),
      ),
    async sendRaw(from, to, lines) {
      const answer = await request.post(`${origin}/v1/messages/raw`, {
        headers: {
          origin,
          ...signed(prover, 'POST', '/v1/messages/raw', csrf),
          'content-type': 'message/rfc822',
          'x-sealpost-from': from,
          'x-sealpost-to': to,
        },
        data: Buffer.from(`${lines.join('\r\n')}\r\n`),
      });
      if (!answer.ok()) throw new Error(`raw: ${answer.status()} ${await answer.text()}`);
      return settled(await answer.json());
    },
    mailTo: (address, fits) =>
      until(`a mail to ${address}`, async () => {
        const box = `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages`;
        const known = z.object({ items: z.array(z.object({ address: z.string() })) });
        const { items: boxes } = known.parse(await get('/v1/sandbox/mailboxes'));
        if (!boxes.some((one) => one.address === address)) return null;
        const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(await get(box));
        for (const { id } of items) {
          const found = mail.parse(await get(`${box}/${id}`));
          if (fits(found)) return found;
        }
        return null;
      }),
    async deliveryStates(message) {
      const { deliveries } = detail.parse(await get(`/v1/messages/${message}`));
      return Object.fromEntries(deliveries.map((one) => [one.to, one.state]));
    },
  };
}

/** Types address, passphrase and the app's next code on the sign-in page: the present one served the set-up. */
export async function signIn(page: Page, secret: string, stepsLater = 1): Promise<void> {
  await page.getByLabel('Mail address', { exact: true }).fill(ADMINISTRATOR.address);
  await page.getByLabel('Passphrase').fill(ADMINISTRATOR.passphrase);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Six-digit code').fill(appCode(secret, stepsLater));
  await page.getByRole('button', { name: 'Sign in' }).click();
}
