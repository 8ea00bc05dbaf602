import { generateSync } from 'otplib';
import type { RunningSystem } from '../../src/system/run-system.ts';
import { type WebAnswer, WebClient } from './web-client.ts';

/** Each request from an address of its own, through a proxy that is trusted: the limits per network are another test's. */
let nextAddress = 1;
export function fromSomewhere(): Record<string, string> {
  nextAddress += 1;
  return {
    'x-forwarded-for': `198.${18 + ((nextAddress >> 16) & 1)}.${(nextAddress >> 8) & 255}.${nextAddress & 255}`,
  };
}

function fail(what: string, answer: WebAnswer): never {
  throw new Error(`${what} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
}

export async function call<T>(
  client: WebClient,
  method: string,
  path: string,
  wanted: number,
  given: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<T> {
  const answer = await client.ask(method, path, {
    ...given,
    headers: { ...fromSomewhere(), ...given.headers },
  });
  if (answer.status !== wanted) fail(`${method} ${path}`, answer);
  return answer.text === '' ? ({} as T) : answer.json<T>();
}

/** A person who signs in to the console by the enrolment behind `ceremony`. */
async function enrol(client: WebClient, ceremony: string) {
  const { secret } = await call<{ secret: string }>(client, 'POST', '/v1/setup/totp/options', 200, {
    body: { ceremony },
  });
  const body = { ceremony, code: generateSync({ secret }) };
  const { session } = await call<{
    session: { csrf: string; organisation: { id: string }; identity: { id: string } };
  }>(client, 'POST', '/v1/setup/totp', 200, { body });
  return session;
}

const PASSPHRASE = 'copper lantern orchid 93 velvet';

/** The first organisation, by the set-up link; its administrator operates the installation. */
export async function setUpFirst(system: RunningSystem, apiUrl: string, canary: string) {
  const browser = new WebClient(apiUrl, { origin: apiUrl });
  const token = system.setupLink?.split('#')[1] ?? '';
  const { ceremony } = await call<{ ceremony: string }>(browser, 'POST', '/v1/setup/start', 200, {
    body: {
      token,
      organisationName: `Clinic ${canary}`,
      displayName: `Dr ${canary}`,
      address: `admin.${canary}@clinic.test`,
      passphrase: PASSPHRASE,
    },
  });
  return { browser, session: await enrol(browser, ceremony) };
}

/** The second organisation, made by the operator; its administrator takes the invitation up. */
export async function foundSecond(
  operator: WebClient,
  csrf: string,
  apiUrl: string,
  domain: string,
  canary: string,
) {
  const { invitation } = await call<{ invitation: { token: string } }>(
    operator,
    'POST',
    '/v1/organisations',
    201,
    {
      headers: { 'x-sealpost-csrf': csrf },
      body: {
        name: `Clinic ${canary}`,
        slug: `clinic-${canary}`,
        domain,
        administrator: { address: `admin.${canary}@${domain}`, displayName: `Dr ${canary}` },
      },
    },
  );
  const browser = new WebClient(apiUrl, { origin: apiUrl });
  const { ceremony } = await call<{ ceremony: string }>(browser, 'POST', '/v1/invitations/accept', 200, {
    body: { token: invitation.token, passphrase: PASSPHRASE },
  });
  return { browser, session: await enrol(browser, ceremony) };
}
