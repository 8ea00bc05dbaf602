import { generateSync } from 'otplib';
import { until } from './instance.ts';
import { makeProver } from './prover.ts';

/** An answer of the API with its body read. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly body: Body;
}

/** A caller of the API: a program with a key, or a person's browser with cookie and CSRF value. */
export interface Caller {
  readonly baseUrl: string;
  call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Body>>;
  /** As `call`, and fails the test unless the answer is 2xx. */
  ask<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Body>;
  /** The octets of an answer. */
  octets(path: string): Promise<Buffer>;
}

type Headers = Readonly<Record<string, string>>;
type Credentials = (method: string, path: string, headers: Headers) => Record<string, string>;

function caller(baseUrl: string, credentials: Credentials, seen?: (answer: Response) => void): Caller {
  const send = async (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ) => {
    const answer = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...credentials(method, path, headers),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    seen?.(answer);
    return answer;
  };
  return {
    baseUrl,
    async call(method, path, body, headers = {}) {
      const answer = await send(method, path, body, headers);
      const text = await answer.text();
      const json = answer.headers.get('content-type')?.includes('json') === true;
      return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
    },
    async ask(method, path, body, headers = {}) {
      const answer = await send(method, path, body, headers);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async octets(path) {
      const answer = await send('GET', path, undefined, {});
      if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

export function withKey(baseUrl: string, secret: string): Caller {
  return caller(baseUrl, () => ({ authorization: `Bearer ${secret}` }));
}

/** A browser that keeps the session cookie and a key, and sends what the console sends. */
export class Browser {
  readonly caller: Caller;
  csrf = '';
  readonly cookies = new Map<string, string>();
  readonly prover = makeProver();

  constructor(baseUrl: string) {
    const origin = new URL(baseUrl).origin;
    this.caller = caller(
      baseUrl,
      (method, path, given) => ({
        'sec-fetch-site': 'same-origin',
        ...(this.csrf === '' ? {} : { 'x-sealpost-csrf': this.csrf }),
        ...this.prover.headers(method, path, given['x-sealpost-csrf'] ?? this.csrf),
        ...(method === 'GET' ? {} : { origin }),
        ...(this.cookies.size === 0
          ? {}
          : { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
      }),
      (answer) => this.#keep(answer),
    );
  }

  #keep(answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(name.length + 1);
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

export interface SessionAnswer {
  readonly identity: { readonly id: string; readonly displayName: string; readonly address: string };
  readonly organisation: { readonly id: string; readonly name: string };
  readonly permissions: readonly string[];
  readonly mode: 'sandbox' | 'live';
  readonly csrf: string;
}

export interface Administrator {
  readonly browser: Browser;
  readonly session: SessionAnswer;
  readonly recoveryCodes: readonly string[];
  /** Of the authenticator app. */
  readonly totpSecret: string;
  /** The code that completed the enrolment. */
  readonly code: string;
}

export const ADMINISTRATOR = {
  organisationName: 'Hillside Kidney Centre',
  displayName: 'Morgan Fairweather',
  address: 'morgan.fairweather@clinic.test',
  passphrase: 'seven tall herons over the marsh',
} as const;

const TOTP_STEP_SECONDS = 30;

/** The code of an authenticator app, now or so many steps later: one step is taken ahead of time, and each code once. */
export const totp = (secret: string, stepsLater = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + stepsLater * TOTP_STEP_SECONDS });

/** What the console does with the set-up link, up to being signed in. */
export async function setUp(consoleUrl: string, token: string, more: object = {}): Promise<Administrator> {
  const browser = new Browser(consoleUrl);
  const begun = await browser.caller.ask<{ ceremony: string }>('POST', '/v1/setup/start', {
    token,
    ...ADMINISTRATOR,
    ...more,
  });
  return enrol(browser, begun.ceremony);
}

/** The second half of set-up and of an invitation: an authenticator app, proven. */
export async function enrol(browser: Browser, ceremony: string): Promise<Administrator> {
  const { secret } = await browser.caller.ask<{ secret: string }>('POST', '/v1/setup/totp/options', {
    ceremony,
  });
  const code = totp(secret);
  const done = await browser.caller.ask<{ session: SessionAnswer; recoveryCodes: string[] }>(
    'POST',
    '/v1/setup/totp',
    { ceremony, code },
  );
  browser.csrf = done.session.csrf;
  return { browser, session: done.session, recoveryCodes: done.recoveryCodes, totpSecret: secret, code };
}

export interface ApiKey {
  readonly secret: string;
  /** Also the SMTP user. */
  readonly prefix: string;
  readonly caller: Caller;
}

/** A key with everything that its maker may do (or with the given permissions). */
export async function makeKey(
  { browser, session }: Pick<Administrator, 'browser' | 'session'>,
  permissions: readonly string[] = session.permissions,
): Promise<ApiKey> {
  const made = await browser.caller.ask<{ secret: string; key: { prefix: string } }>('POST', '/v1/api-keys', {
    label: 'Laboratory system',
    permissions,
  });
  return {
    secret: made.secret,
    prefix: made.key.prefix,
    caller: withKey(browser.caller.baseUrl, made.secret),
  };
}

export interface AttemptAnswer {
  readonly result: string;
  readonly code: string | null;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  readonly authenticatedBy: string;
  readonly certificate: { readonly fingerprint: string } | null;
  readonly reply: { readonly code: number; readonly enhanced: string | null } | null;
}

export interface DeliveryAnswer {
  readonly id: string;
  readonly to: string;
  readonly state: string;
  readonly method: string | null;
  readonly attempts: readonly AttemptAnswer[];
  readonly decision: {
    readonly method: string;
    readonly reasons: readonly { readonly code: string }[];
  } | null;
  readonly lastCode: string | null;
  readonly hasProof: boolean;
  readonly nextAttemptAt: string | null;
  readonly portal: {
    readonly firstReadAt: string | null;
    readonly acts: readonly { readonly act: string }[];
  } | null;
}

export interface MessageAnswer {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly state: string;
  readonly class: string;
  readonly size: number;
  readonly dueAt: string;
  readonly policyVersion: number;
  readonly inReplyTo: string | null;
  readonly deliveries: readonly DeliveryAnswer[];
  readonly replies: readonly { readonly id: string; readonly from: string; readonly subject: string }[];
}

export interface AcceptedAnswer {
  readonly id: string;
  readonly deliveries: readonly { readonly id: string; readonly to: string }[];
}

export const readMessage = (api: Caller, id: string): Promise<MessageAnswer> =>
  api.ask('GET', `/v1/messages/${id}`);

/** Follows a message until no copy is on its way any more. */
export async function untilFinal(api: Caller, id: string, timeoutMs = 60_000): Promise<MessageAnswer> {
  let message = await readMessage(api, id);
  await until(
    async () => {
      message = await readMessage(api, id);
      return message.deliveries.every(({ state }) => state !== 'queued' && state !== 'deferred');
    },
    timeoutMs,
    `a final state of every copy (${message.deliveries.length})`,
  );
  return message;
}

export interface MailSummary {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly size: number;
  readonly tlsVersion: string | null;
}

export interface Mail extends MailSummary {
  readonly text: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly size: number }[];
}

const box = (address: string) => `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages`;

export async function mailbox(api: Caller, address: string): Promise<readonly MailSummary[]> {
  return (await api.ask<{ items: MailSummary[] }>('GET', box(address))).items;
}

/** The newest mail of a sandbox mailbox that fits, when it has arrived. */
export async function waitForMail(
  api: Caller,
  address: string,
  fits: (mail: MailSummary) => boolean,
  timeoutMs = 30_000,
): Promise<Mail> {
  let found: MailSummary | undefined;
  await until(
    async () => {
      found = (await mailbox(api, address)).find(fits);
      return found !== undefined;
    },
    timeoutMs,
    `mail for ${address}`,
  );
  return api.ask('GET', `${box(address)}/${found?.id ?? ''}`);
}
