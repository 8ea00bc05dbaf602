import { auditReferenceBinding } from '#core/audit-reference';
import type { EventId, OrganisationId } from '#core/ids';
import { locateDomain } from '#platform/access';
import type { Transaction } from '#platform/database';
import {
  createLookUp,
  createOwnKeys,
  createRecipientKeys,
  type KeyAct,
  type OwnPgpKey,
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
  /** The organisation's key, made at its first use; null where it has no domain. */
  ownKey(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  /** The key that stands for a domain in its Web Key Directory. */
  published(domain: string): Promise<OwnPgpKey | null>;
}

export interface PgpNeeds {
  readonly foundation: Foundation;
  readonly world: World;
  readonly directory: Directory;
}

export function openPgp({ foundation, world, directory }: PgpNeeds): Pgp {
  const { database, vault, clock, config } = foundation;
  const ownKey = createOwnKeys({
    database,
    vault,
    clock,
    domain: async (organisation) => (await directory.facts(organisation)).domains[0] ?? null,
  });
  return {
    ownKey,
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
      return organisation === undefined ? null : ownKey(organisation);
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
        : await vault.sealValue('record', auditReferenceBinding(organisation, subjects), act.key.address),
    request,
  });
}
