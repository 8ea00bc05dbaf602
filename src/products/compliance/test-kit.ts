// For this room's tests only: its routes on a database of their own, with a real vault and a real log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { createAudit, createFileWitness } from '#platform/audit';
import { createBlobs, databaseBlobReferences } from '#platform/blobs';
import type { Route } from '#platform/http';
import { newId, silentLogger, systemClock } from '#platform/runtime';
import { createRootKey, createVault } from '#platform/vault';
import { freshSigner } from '../../../prove/support/audit-log.ts';
import { freshDatabase } from '../../../test/support/database.ts';
import type { AuditRoutePorts } from './ports.ts';

export type ComplianceStage = Awaited<ReturnType<typeof openComplianceStage>>;

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export async function openComplianceStage(
  known: { readonly people?: Record<string, string>; readonly incident?: string } = {},
) {
  const fresh = await freshDatabase({ poolSize: 6 });
  const home = mkdtempSync(join(tmpdir(), 'sealpost-compliance-'));
  const place = { keys: join(home, 'keys'), data: join(home, 'data') };
  const rootKey = createRootKey({ provider: 'file', path: join(home, 'root.key') }, place, systemClock);
  const vault = await createVault({ keysDirectory: place.keys, rootKey, clock: systemClock });
  const organisation = newId() as OrganisationId;
  const signers = new Map<OrganisationId, ReturnType<typeof freshSigner>>();
  const signer = (id: OrganisationId) => {
    const one = signers.get(id) ?? freshSigner(id);
    signers.set(id, one);
    return Promise.resolve(one);
  };
  const { database } = fresh;
  const audit = createAudit({
    ...{ database, clock: systemClock, signer },
    verifiers: async (id) => [await signer(id)],
    witness: createFileWitness(join(home, 'witness')),
  });
  const blobs = createBlobs({
    directory: join(home, 'blobs'),
    ...{ reserveBytes: 0, clock: systemClock, logger: silentLogger },
    referenced: databaseBlobReferences(database),
  });
  const identity = newId() as IdentityId;
  const caller: Caller = {
    organisation,
    actor: { kind: 'person', identity, session: newId() as SessionId },
    origin: { address: '192.0.2.9', channel: 'console' },
    permissions: new Set(PERMISSIONS),
    request: 'req',
  };
  const ports: AuditRoutePorts = {
    ...{ audit, database, vault, clock: systemClock, version: '0.0.0', blobs },
    labelActor: (_caller, actor) => Promise.resolve({ kind: actor.kind, id: 'x', label: 'Somebody' }),
    findPeople: (_caller, text) =>
      Promise.resolve(
        Object.entries(known.people ?? {}).flatMap(([id, name]) => (name.includes(text) ? [id] : [])),
      ),
    isMember: () => Promise.resolve(true),
    labelPerson: () => Promise.resolve({ label: 'Somebody' }),
    incidentStands: (_caller, incident) => Promise.resolve(incident === known.incident),
    timeZone: () => Promise.resolve('UTC'),
    recipientAddress: () => Promise.resolve(null),
  };
  return {
    ...{ fresh, home, vault, audit, database, organisation, identity, caller, ports, signer },
    /** Somebody else of the same organisation, holding only what is named. */
    another: (permissions: readonly Permission[]): Caller => ({
      ...caller,
      actor: { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId },
      permissions: new Set(permissions),
    }),
    entry: (changes: Partial<AuditEntry> = {}): AuditEntry => ({
      ...{ organisation, action: 'message.viewed', actor: caller.actor, origin: caller.origin },
      ...{ result: 'done', subjects: [], details: {}, sealedReference: null, request: null },
      ...changes,
    }),
    write: (...entries: readonly AuditEntry[]) =>
      database.tenant([organisation], 'app', (tx) => audit.appendMany(tx, entries)),
    async settle(): Promise<void> {
      await audit.sequence(organisation);
      await audit.index(organisation);
    },
    /** The newest entries of an action. */
    async logged(action: string) {
      const page = await database.tenant([organisation], 'app', (tx) =>
        audit.list(tx, organisation, { limit: 50, action }),
      );
      return page?.lines.flatMap(({ entry }) => (entry === null ? [] : [entry])) ?? [];
    },
    /** Calls a route as the server would after it let the caller in. */
    async call(route: Route, asked: Asked = {}, as: Caller = caller) {
      const answer = await route.invoke({
        ...{ params: asked.params ?? {}, query: asked.query ?? {}, headers: {}, body: asked.body },
        ...{ caller: as, session: null },
        common: {
          ...{
            origin: as.origin,
            request: as.request,
            pageOrigin: '',
            mayOpen: () => Promise.resolve(),
            userAgent: undefined,
            clientCertificate: null,
          },
          cookies: { get: () => undefined, set: () => undefined, clear: () => undefined },
          idempotency: { commit: () => Promise.resolve() },
          signal: new AbortController().signal,
          acceptLanguage: undefined,
        },
      });
      return answer;
    },
    async close(): Promise<void> {
      vault.close();
      await fresh.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The route of that method and path. */
export function routeOf(routes: readonly Route[], name: string): Route {
  const found = routes.find(({ method, path }) => `${method} ${path}` === name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
}
