import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Factor } from './factors.ts';

/** What signing in with a passkey proves. */
export type PasskeyWorth = Extract<Factor, 'passkey' | 'passkey-after-mail' | 'passkey-after-text'>;

export interface PasskeyRow {
  readonly id: string;
  readonly person: PortalPersonId;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly addedAfter: PasskeyWorth;
  /** The person's own mailbox was proved where it was added, or since. */
  readonly ownMailbox: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

const COLUMNS = `id, person, credential_id as "credentialId", public_key as "publicKey", counter,
  added_after as "addedAfter", own_mailbox as "ownMailbox", created_at as "createdAt", last_used_at as "lastUsedAt"`;

/** False when the credential is known already. */
export async function insertPasskey(
  tx: Transaction,
  row: Omit<PasskeyRow, 'lastUsedAt'> & {
    readonly organisation: OrganisationId;
    readonly lookupIndex: Buffer | null;
    readonly transports: readonly string[];
  },
): Promise<boolean> {
  const made = await tx.execute({
    name: 'portal-passkey-insert',
    text: `insert into sealpost.portal_passkey (id, organisation, person, lookup_index, credential_id, public_key, counter,
             transports, added_after, created_at, last_used_at, own_mailbox)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) on conflict (credential_id) do nothing`,
    values: [
      row.id,
      row.organisation,
      row.person,
      row.lookupIndex,
      row.credentialId,
      row.publicKey,
      row.counter,
      row.transports,
      row.addedAfter,
      row.createdAt,
      row.ownMailbox,
    ],
  });
  return made === 1;
}

/** Ids only, over all organisations. Works in a system transaction. */
export function findPasskey(
  tx: Transaction,
  credentialId: Buffer,
): Promise<{ organisation: OrganisationId; passkey: string } | undefined> {
  return tx.maybe({
    name: 'portal-passkey-find',
    text: 'select organisation, passkey from sealpost.find_portal_passkey($1)',
    values: [credentialId],
  });
}

export function loadPasskey(tx: Transaction, id: string): Promise<PasskeyRow | undefined> {
  return tx.maybe({
    name: 'portal-passkey-load',
    text: `select ${COLUMNS} from sealpost.portal_passkey where id = $1 and ended_at is null`,
    values: [id],
  });
}

/** A person's passkeys, oldest first, at most 50. */
export function listPasskeys(tx: Transaction, person: PortalPersonId): Promise<PasskeyRow[]> {
  return tx.query({
    name: 'portal-passkeys',
    text: `select ${COLUMNS} from sealpost.portal_passkey where person = $1 and ended_at is null order by id limit 50`,
    values: [person],
  });
}

/** Writes the use down; false when the counter did not grow (a copied key, or the same answer twice), or it was removed. */
export async function markPasskeyUsed(
  tx: Transaction,
  id: string,
  counter: number,
  at: Date,
): Promise<boolean> {
  const changed = await tx.execute({
    name: 'portal-passkey-used',
    text: `update sealpost.portal_passkey set counter = $2, last_used_at = $3
           where id = $1 and ended_at is null and (counter < $2 or (counter = 0 and $2 = 0))`,
    values: [id, counter, at],
  });
  return changed === 1;
}

/** From now on it stands for both its factors. */
export async function strengthenPasskey(tx: Transaction, id: string, ownMailbox: boolean): Promise<void> {
  await tx.execute({
    name: 'portal-passkey-strengthen',
    text: `update sealpost.portal_passkey set added_after = 'passkey', own_mailbox = own_mailbox or $2
           where id = $1 and ended_at is null`,
    values: [id, ownMailbox],
  });
}

/** Removes one passkey of this person's; false when there is none such. */
export async function endPasskey(
  tx: Transaction,
  id: string,
  person: PortalPersonId,
  at: Date,
): Promise<boolean> {
  const changed = await tx.execute({
    name: 'portal-passkey-end',
    text: `update sealpost.portal_passkey set ended_at = $3 where id = $1 and person = $2 and ended_at is null`,
    values: [id, person, at],
  });
  return changed === 1;
}
