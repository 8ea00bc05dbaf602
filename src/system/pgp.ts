import { auditReferenceBinding } from '#core/audit-reference';
import type { EventId, OrganisationId } from '#core/ids';
import { locateDomain } from '#platform/access';
import type { Transaction } from '#platform/database';
import {
  createLookUp,
  createOwnKeys,
  createRecipientKeys,
  type KeyAct,
  type OwnKeyAct,
  type OwnKeys,
  type OwnPgpKey,
  type PublishedKey,
  type RecipientKeys,
} from '#platform/keyring';
import { addressIndexForm } from '#platform/mail';
import { insertEvents } from '#platform/record';
import { newId } from '#platform/runtime';
import type { Directory } from './directory.ts';
import type { Foundation } from './foundation.ts';
import type { World } from './world.ts';

/** OpenPGP as the rooms use it: recipients' keys, our own, and what we publish. */
export interface Pgp {
  readonly keys: RecipientKeys;
  readonly ownKeys: OwnKeys;
  /** The organisation's key, made at its first use; null where it has no domain. */
  ownKey(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  /** The keys that stand for a domain in its Web Key Directory; none for a domain that is nobody's. */
  published(domain: string): Promise<readonly PublishedKey[]>;
}

export interface PgpNeeds {
  readonly foundation: Foundation;
  readonly world: World;
  readonly directory: Directory;
}

export function openPgp({ foundation, world, directory }: PgpNeeds): Pgp {
  const { database, vault, clock, config } = foundation;
  const ownKeys = createOwnKeys({
    database,
    vault,
    clock,
    domain: async (organisation) => (await directory.facts(organisation)).domains[0] ?? null,
    record: (tx, act) => recordOwnAct(foundation, tx, act),
  });
  return {
    ownKeys,
    ownKey: (organisation) => ownKeys.current(organisation),
    keys: createRecipientKeys({
      database,
      vault,
      clock,
      record: (tx, act) => recordAct(foundation, tx, act),
      lookUp: createLookUp({ fetch: world.fetch, keyServers: config.keyServers, clock }),
      addressIndex: (organisation, address) =>
        vault.blindIndex(organisation, 'pgp-address/1', addressIndexForm(address)),
    }),
    async published(domain) {
      const organisation = await database.system('app', (tx) => locateDomain(tx, domain));
      return organisation === undefined ? [] : ownKeys.published(organisation);
    },
  };
}

/** Acts that change what a delivery may do; consumers of events learn of these. */
const EVENTS: Readonly<Record<string, 'recipient-key.changed' | 'recipient-key.change-held'>> = {
  pinned: 'recipient-key.changed',
  trusted: 'recipient-key.changed',
  renewed: 'recipient-key.changed',
  confirmed: 'recipient-key.changed',
  rejected: 'recipient-key.changed',
  revoked: 'recipient-key.changed',
  removed: 'recipient-key.changed',
  'change-held': 'recipient-key.change-held',
  superseded: 'recipient-key.changed',
};

/** Audit entry and event of an act on a key, in the act's transaction; the address only sealed. */
async function recordAct(foundation: Foundation, tx: Transaction, act: KeyAct): Promise<void> {
  const { vault, audit, clock } = foundation;
  const { organisation, actor, origin, request } = act.acting;
  const subjects = act.key === null ? [] : [{ kind: 'recipient-key', id: act.key.id } as const];
  const type = EVENTS[act.act];
  if (type !== undefined) {
    await insertEvents(tx, [
      {
        id: newId(clock) as EventId,
        organisation,
        type,
        subjects,
        actor,
        cause: request,
        occurredAt: clock.now(),
        payload: null,
      },
    ]);
  }
  await audit.append(tx, {
    organisation,
    action: `recipient-key.${act.act}`,
    actor,
    origin,
    result: 'done',
    subjects,
    details: act.details,
    sealedReference:
      act.key === null
        ? null
        : await vault.sealValue(
            'record',
            auditReferenceBinding(organisation, subjects),
            JSON.stringify({ recipients: [act.key.address] }),
          ),
    request,
  });
}

/** Audit entry and event of an act on a key of the organisation, in the act's transaction. */
async function recordOwnAct(
  { audit, clock }: Foundation,
  tx: Transaction,
  { acting, act, id, details }: OwnKeyAct,
): Promise<void> {
  const { organisation, actor, origin, request } = acting;
  const subjects = [{ kind: 'organisation-key', id } as const];
  if (act !== 'revocation-exported') {
    await insertEvents(tx, [
      {
        id: newId(clock) as EventId,
        organisation,
        type: act === 'extension-failed' ? 'organisation-key.extension-failed' : 'organisation-key.changed',
        subjects,
        actor,
        cause: request,
        occurredAt: clock.now(),
        payload: null,
      },
    ]);
  }
  await audit.append(tx, {
    organisation,
    action: `organisation-key.${act}`,
    actor,
    origin,
    result: act === 'extension-failed' ? 'failed' : 'done',
    subjects,
    details,
    sealedReference: null,
    request,
  });
}
