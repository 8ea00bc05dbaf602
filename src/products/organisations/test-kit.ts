// For the attacks on sessions only: the API as the system composes it, and without what a test leaves out.
import { z } from 'zod';
import type { IdentityId, SessionId } from '#core/ids';
import { type Access, createAccess } from '#platform/access';
import {
  type AdmissionParts,
  bytes,
  createHttpServer,
  csrfToken,
  defineRoute,
  type HttpServer,
  type InjectedAnswer,
} from '#platform/http';
import { silentLogger } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { makeProver, type Prover } from '../../../test/support/prover.ts';
import { bootstrapOrganisation, type OrganisationPorts, organisationRoutes } from './index.ts';

export const ORIGIN = 'http://localhost';
/** A route whose answer is a file. */
export const FILE = '/v1/test/file';

/** What is left out of a composition: parts of the admission, the token of sessions, or a door of the sessions. */
export interface Without {
  readonly admission?: Partial<AdmissionParts>;
  readonly freshToken?: () => string;
  readonly sessions?: (own: Access['sessions']) => Partial<Access['sessions']>;
}
export interface Place {
  readonly server: HttpServer;
  readonly access: Access;
}
export interface Victim {
  readonly id: SessionId;
  readonly cookie: string;
  readonly csrf: string;
  readonly prover: Prover;
}
export interface Sent {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly cookie?: string;
  readonly csrf?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type World = Awaited<ReturnType<typeof accessForTest>>;
export type AttackStage = Awaited<ReturnType<typeof openAttackStage>>;

function portsOf(world: World, access: Access): OrganisationPorts {
  return {
    ...{ access, database: world.ports.database, audit: world.audit, clock: world.clock, version: '0' },
    prepare: () => Promise.resolve(),
    domainRecords: () => Promise.resolve([]),
    recoveryKit: () => Promise.resolve(null),
    installationChanged: () => Promise.resolve(),
    fetchKeySet: () => Promise.resolve(null),
    addresses: () => ({ console: ORIGIN, portal: null }),
    submission: () => ({ host: 'localhost', startTlsPort: null, implicitTlsPort: null }),
    signInRule: () => ({ first: ['mailed-code'], question: 'high', wrongAnswers: 5 }),
    sandboxDomain: 'clinic.test',
  };
}

export async function openAttackStage() {
  const world = await accessForTest();
  const opened: HttpServer[] = [];
  const now = () => world.clock.now().getTime();
  const access = createAccess(world.ports);
  const made = await bootstrapOrganisation(portsOf(world, access), {
    ...{ name: 'Clinic', slug: 'clinic', domain: 'clinic.test', operator: true },
    passphrase: 'mallard orbit thimble',
    administrator: { address: 'ann@clinic.test', displayName: 'Ann' },
    apiKey: { label: 'k', permissions: ['organisation:read'] },
  });
  const { organisation, administrator: identity } = made;
  const party = { origin: ORIGIN, id: 'localhost' };
  const caller = {
    ...{ organisation, permissions: new Set<never>(), request: 'r' },
    ...{ actor: { kind: 'person', identity, session: 's' as SessionId } as const },
    origin: { address: null, channel: 'cli' } as const,
  };
  const owner = { caller, identity, session: 's' as SessionId };
  const passkey = new Authenticator();
  const { ceremony, options } = await access.account.passkeyOptions(owner, party);
  const response = passkey.register(options.challenge, ORIGIN, 'localhost');
  await access.account.addPasskey(owner, { ceremony, response, label: 'Key' }, party);

  /** The API as the system composes it, but for what is left out. */
  async function composed({ admission, freshToken, sessions }: Without = {}): Promise<Place> {
    const room = createAccess(world.ports, freshToken === undefined ? {} : { freshToken });
    const access = { ...room, sessions: { ...room.sessions, ...sessions?.(room.sessions) } };
    const file = defineRoute({
      ...{ method: 'GET', path: FILE, summary: 'A file', tags: ['test'] },
      access: { permission: 'organisation:read' },
      query: z.strictObject({ of: z.string().optional() }),
      responses: { 200: bytes('application/octet-stream') },
    }).handle(() => Promise.resolve({ status: 200, body: Buffer.from('a file') }));
    const server = await createHttpServer(
      {
        ...{ channel: 'api', routes: [...organisationRoutes(portsOf(world, access)), file] },
        ...{ clock: world.clock, logger: silentLogger },
        authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
        idempotency: { database: world.ports.database, vault: world.ports.vault },
        ...{ version: '0', publicUrl: () => undefined, trustedProxies: [], tls: undefined },
        ready: () => Promise.resolve({ ready: true, checks: {} }),
        publicRate: { burst: 1000, perSecond: 100 },
      },
      admission,
    );
    opened.push(server);
    return { server, access };
  }

  /** A person who may send. */
  async function sender({ access }: Place, local: string): Promise<IdentityId> {
    const member = { address: { local, domain: 'clinic.test' }, displayName: local, roles: ['sender'] };
    const from = { origin: { address: null, channel: 'cli' }, request: 'r' } as const;
    const added = await world.ports.database.tenant([organisation], 'app', (tx) =>
      access.members.add(tx, organisation, member, null, from),
    );
    return added.identity;
  }

  /** A session, of the administrator unless `of` says whose; bound to the key of its browser, or unbound as after a redirect. */
  async function victim(
    { access }: Place,
    bound = true,
    prover = makeProver(now),
    of = identity,
  ): Promise<Victim> {
    const browser = { key: bound ? prover.key : null, agent: undefined, posture: null };
    const from = { origin: { address: '192.0.2.1', channel: 'console', browser }, request: null } as const;
    const factors = ['passphrase', 'passkey'];
    const { token, id } = await world.ports.database.tenant([organisation], 'app', (tx) =>
      access.sessions.start(tx, { identity: of, organisation, factors, agent: undefined }, from),
    );
    return { id, cookie: token, csrf: csrfToken(token), prover };
  }

  async function close() {
    for (const server of opened) await server.close(100);
    await world.close();
  }

  return { world, now, passkey, composed, sender, victim, close };
}

export function send(
  { server }: Place,
  { method = 'GET', path, cookie, csrf, headers }: Sent,
  body?: object,
) {
  return server.inject({
    ...{ method, path },
    headers: {
      host: 'localhost',
      ...(cookie === undefined ? {} : { cookie: `sealpost=${cookie}` }),
      ...(csrf === undefined ? {} : { 'x-sealpost-csrf': csrf }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** The status, and for a refusal why. */
export function told(answer: InjectedAnswer): string {
  if (answer.status < 400) return String(answer.status);
  const { code, parameters } = z
    .object({ code: z.string(), parameters: z.object({ reason: z.string().optional() }).optional() })
    .parse(answer.json());
  return `${answer.status} ${parameters?.reason ?? code}`;
}

/** A request as the victim's browser makes it. */
export function own(of: Victim, sent: Sent): Sent {
  const headers = { ...of.prover.headers(sent.method ?? 'GET', sent.path, of.csrf), ...sent.headers };
  return { ...sent, cookie: of.cookie, csrf: of.csrf, headers };
}

export async function ticketOf(place: Place, of: Victim, target: string): Promise<string> {
  const answer = await send(place, own(of, { method: 'POST', path: '/v1/session/tickets' }), { target });
  return z.object({ ticket: z.string() }).parse(answer.json()).ticket;
}
