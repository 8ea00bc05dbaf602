import { generateSync } from 'otplib';
import { CanarySet } from './canary-set.ts';
import type { CanarySystem } from './start-canary.ts';
import { type WebAnswer, WebClient } from './web-client.ts';

/** What one pass of the proof holds in its hands. */
export interface Drive {
  readonly system: CanarySystem;
  /** What must never be found. */
  readonly words: CanarySet;
  /** What the classification of columns says is kept clear (names of organisations, labels of keys): found on purpose. */
  readonly open: CanarySet;
  /** Secrets that the system gave out. */
  readonly secrets: string[];
  /** The administrator's browser. */
  readonly console: WebClient;
  readonly csrf: string;
  /** An API key with every permission of an organisation. */
  readonly api: WebClient;
  readonly apiKey: string;
  readonly organisation: string;
  /** Answers that were none of those expected. */
  readonly surprises: string[];
}

/** Notes an answer that the drive did not expect: a feature that was not driven proves nothing. */
export function expectStatus(
  drive: Pick<Drive, 'surprises'>,
  what: string,
  answer: WebAnswer,
  wanted: number,
): WebAnswer {
  if (answer.status !== wanted)
    drive.surprises.push(`${what}: ${answer.status} for ${wanted} ${answer.text.slice(0, 200)}`);
  return answer;
}

/** Set-up by the one-time link, sign-out, wrong and right sign-in: names, address, passphrase, all secrets. */
export async function setUp(system: CanarySystem): Promise<Drive> {
  const words = new CanarySet();
  const open = new CanarySet();
  const surprises: string[] = [];
  const token = system.setupLink?.split('#')[1] ?? '';
  const secrets = [token];
  const browser = new WebClient(system.apiUrl, { origin: system.apiUrl });
  const ask = async (path: string, body: object, wanted = 200): Promise<WebAnswer> =>
    expectStatus({ surprises }, path, await browser.ask('POST', path, { body }), wanted);

  const address = `${words.word('administrator: local part')}@clinic.test`;
  const passphrase = `${words.word('administrator: passphrase')} lantern orchid 93 velvet`;
  const begun = await ask('/v1/setup/start', {
    token,
    organisationName: open.word('organisation: name'),
    displayName: `Dr ${words.word('administrator: display name')}`,
    address,
    passphrase,
  });
  const { ceremony } = begun.json<{ ceremony: string }>();
  const { secret } = (await ask('/v1/setup/totp/options', { ceremony })).json<{ secret: string }>();
  secrets.push(ceremony, secret);
  const done = (await ask('/v1/setup/totp', { ceremony, code: generateSync({ secret }) })).json<{
    session: { csrf: string; organisation: { id: string } };
    recoveryCodes: string[];
  }>();
  secrets.push(...done.recoveryCodes, done.session.csrf, ...browser.cookies.values());

  // Signing in: nobody, wrong passphrase, wrong recovery code, and by one that is good.
  await ask(
    '/v1/sign-in',
    { address: `${words.word('sign-in: unknown local part')}@clinic.test`, passphrase },
    401,
  );
  await ask(
    '/v1/sign-in',
    { address, passphrase: `${words.word('sign-in: wrong passphrase')} and more of it` },
    401,
  );
  const second = (await ask('/v1/sign-in', { address, passphrase })).json<{ ceremony: string }>();
  await ask(
    '/v1/sign-in/recovery-code',
    { ceremony: second.ceremony, code: words.word('sign-in: wrong recovery code') },
    401,
  );
  const signedIn = (
    await ask('/v1/sign-in/recovery-code', { ceremony: second.ceremony, code: done.recoveryCodes[0] ?? '' })
  ).json<{ csrf: string }>();
  secrets.push(second.ceremony, signedIn.csrf, ...browser.cookies.values());

  if (surprises.length > 0) throw new Error(`setting up: ${surprises.join('; ')}`);
  const key = expectStatus(
    { surprises },
    'making a key',
    await browser.ask('POST', '/v1/api-keys', {
      headers: { 'x-sealpost-csrf': signedIn.csrf },
      body: {
        label: open.word('API key: label'),
        permissions: [
          'messages:send',
          'messages:read',
          'messages:read-content',
          'messages:cancel',
          'policies:read',
          'policies:write',
          'audit:read',
          'members:read',
          'members:write',
          'organisation:read',
          'organisation:write',
          'sandbox:read',
          'recipients:read',
          'recipients:manage',
        ],
      },
    }),
    201,
  ).json<{ secret: string }>();
  secrets.push(key.secret);
  return {
    system,
    words,
    open,
    secrets,
    console: browser,
    csrf: signedIn.csrf,
    api: new WebClient(system.apiUrl, { authorization: `Bearer ${key.secret}` }),
    apiKey: key.secret,
    organisation: done.session.organisation.id,
    surprises,
  };
}

interface SandboxMail {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/** The newest mail of a sandbox mailbox with such a subject; waits for it. */
export async function mailOf(
  { api }: Pick<Drive, 'api'>,
  address: string,
  subject: RegExp,
  least = 1,
  timeoutMs = 20_000,
): Promise<SandboxMail> {
  const until = Date.now() + timeoutMs;
  const box = `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages`;
  for (;;) {
    const { items } = (await api.ask('GET', box)).json<{ items: SandboxMail[] }>();
    const fitting = items.filter((one) => subject.test(one.subject));
    const [newest] = fitting;
    if (newest !== undefined && fitting.length >= least)
      return (await api.ask('GET', `${box}/${newest.id}`)).json<SandboxMail>();
    if (Date.now() > until)
      throw new Error(`no mail ${String(subject)} came to a mailbox of ${items.length}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Waits until no delivery of the message is under way. */
export async function settled(
  { api }: Pick<Drive, 'api'>,
  message: string,
  timeoutMs = 30_000,
): Promise<readonly { readonly to: string; readonly state: string; readonly id: string }[]> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const { deliveries } = (await api.ask('GET', `/v1/messages/${message}`)).json<{
      deliveries: { to: string; state: string; id: string }[];
    }>();
    if (!deliveries.some((one) => one.state === 'queued' || one.state === 'deferred')) return deliveries;
    if (Date.now() > until) return deliveries;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
