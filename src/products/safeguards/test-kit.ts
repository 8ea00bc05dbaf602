// For this room's tests only: the product's routes on a database and an audit log of their own.
import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { createAudit } from '#platform/audit';
import { createHttpServer } from '#platform/http';
import { newId, silentLogger } from '#platform/runtime';
import { from, openAccessStage } from '../../platform/access/test-kit.ts';
import { type Alarm, type SafeguardPorts, safeguardRoutes } from './index.ts';

/** Somebody of an organisation. */
export interface Member {
  readonly organisation: OrganisationId;
  readonly identity: IdentityId;
}

export type SafeguardStage = Awaited<ReturnType<typeof openSafeguards>>;

export async function openSafeguards() {
  const stage = await openAccessStage();
  const { world, access } = stage;
  const { database, vault } = world.ports;
  const audit = createAudit({
    ...{ database, clock: world.clock, witness: null },
    signer: () => Promise.reject(new Error('nothing is signed here')),
    verifiers: () => Promise.resolve([]),
  });
  const alarms: Alarm[] = [];
  const ports: SafeguardPorts = {
    ...{ database, vault, audit, clock: world.clock, access },
    alarm: async (_tx, alarm) => void alarms.push(alarm),
    heldRoutes: { current: [] },
    fault: (error) => {
      throw error;
    },
  };
  const server = await createHttpServer({
    channel: 'api',
    routes: safeguardRoutes(ports),
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database, vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
  });

  let made = 0;
  /** A person without a passphrase, in an organisation of their own or in `of`'s; quicker than `enrol`. */
  async function join(of: Member | null, roles: readonly string[]): Promise<Member> {
    made += 1;
    const organisation = of?.organisation ?? (newId() as OrganisationId);
    const name = `s${made}`;
    return database.tenant([organisation], 'app', async (tx) => {
      const founding = { id: organisation, name, slug: name, domain: `${name}.test` };
      if (of === null) await access.organisations.create(tx, founding);
      const member = {
        address: { local: name, domain: 'staff.test' },
        displayName: name,
        roles: roles as [],
      };
      const { identity } = await access.members.add(tx, organisation, member, null, from);
      return { organisation, identity };
    });
  }

  /** The caller that a session of this person would be, with what they hold now. */
  async function now(person: Member): Promise<Caller> {
    const held = await database.tenant([person.organisation], 'app', async (tx) => {
      const found: Permission[] = [];
      for (const permission of PERMISSIONS) {
        const holders = await access.emergency.holders(tx, person.organisation, permission);
        if (holders.includes(person.identity)) found.push(permission);
      }
      return found;
    });
    return {
      organisation: person.organisation,
      actor: { kind: 'person', identity: person.identity, session: newId() as SessionId },
      origin: from.origin,
      permissions: new Set(held),
      request: 'r',
    };
  }

  /** Actions in the log of an organisation, oldest first. */
  async function actions(person: Member): Promise<string[]> {
    const page = await database.tenant([person.organisation], 'app', (tx) =>
      audit.list(tx, person.organisation, { limit: 200 }),
    );
    return (page?.lines ?? []).map(({ entry }) => entry?.action ?? '').reverse();
  }

  return { ...stage, ports, audit, alarms, server, join, now, actions };
}
