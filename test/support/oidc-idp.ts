// A real OpenID provider (oidc-provider) on loopback, for tests: whoever is `person` signs in there without being asked.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export interface OidcIdp {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Who sits in front of the browser now, and what the provider says of them. */
  person: { readonly sub: string; readonly claims: Readonly<Record<string, unknown>> };
  /** Asks the provider as a browser would, with the provider's own cookies; the address it sends the browser back to. */
  visit(url: string): Promise<string>;
  /** Forgets the browser's cookies at the provider. */
  forget(): void;
  /** Signs the person out there, which sends logout tokens; they come to `onLogoutToken` instead of over the network. */
  signOutEverywhere(): Promise<void>;
  onLogoutToken: (token: string) => void;
  close(): Promise<void>;
}

export async function startOidcIdp(
  redirectUris: () => readonly string[],
  more: object = {},
): Promise<OidcIdp> {
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${place.port}`;
  const client = { id: 'sealpost', secret: 'a secret of the test provider only' };
  const cookies = new Map<string, string>();
  const idp: OidcIdp = {
    ...{ issuer, client, person: { sub: 'nobody', claims: {} }, visit, close },
    ...{ forget: () => cookies.clear(), signOutEverywhere, onLogoutToken: () => undefined },
  };
  let provider: Provider | null = null;

  function made(): Provider {
    provider ??= new Provider(issuer, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: redirectUris(),
          ...more,
        },
      ],
      cookies: { keys: ['test'] },
      ttl: {
        Interaction: 600,
        Session: 600,
        Grant: 600,
        AuthorizationCode: 60,
        AccessToken: 600,
        IdToken: 600,
      },
      claims: {
        openid: ['sub', 'amr'],
        email: ['email', 'email_verified'],
        profile: ['name'],
        groups: ['groups'],
      },
      scopes: ['openid', 'email', 'profile', 'groups'],
      findAccount: (_context: unknown, accountId: string) => ({
        accountId,
        claims: () => ({ sub: accountId, ...idp.person.claims }),
      }),
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      fetch: async (_url: URL, options: { body?: URLSearchParams | string }) => {
        idp.onLogoutToken(new URLSearchParams(options.body ?? '').get('logout_token') ?? '');
        return new Response(null, { status: 200 });
      },
      interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    });
    return provider;
  }

  async function handle(
    request: import('node:http').IncomingMessage,
    response: import('node:http').ServerResponse,
  ): Promise<void> {
    const one = made();
    if (request.url?.startsWith('/interaction/') !== true) return one.callback()(request, response);
    const details = await one.interactionDetails(request, response);
    if (details.prompt.name === 'login') {
      return one.interactionFinished(request, response, {
        login: { accountId: idp.person.sub, amr: ['pwd', 'hwk'], acr: 'silver' },
      });
    }
    const grant = new one.Grant({ accountId: details.session?.accountId ?? '', clientId: client.id });
    grant.addOIDCScope('openid email profile groups');
    return one.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }

  async function signOutEverywhere(): Promise<void> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await (await fetch(`${issuer}/session/end`, { headers: { cookie } })).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await fetch(`${issuer}/session/end/confirm`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body,
    });
  }

  async function visit(url: string): Promise<string> {
    let next = url;
    for (let step = 0; step < 10; step += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        const at = pair.indexOf('=');
        if (pair.length === at + 1) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const location = answer.headers.get('location');
      if (location === null)
        throw new Error(`the provider answered ${answer.status}: ${(await answer.text()).slice(0, 400)}`);
      next = new URL(location, next).href;
      if (!next.startsWith(issuer)) return next;
    }
    throw new Error('the provider sends the browser round and round');
  }

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  }
  return idp;
}
