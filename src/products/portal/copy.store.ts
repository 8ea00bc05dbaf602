import type { BlobId, MessageId, OrganisationId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';

export interface CopyRow {
  readonly id: string;
  readonly objectKey: Buffer;
  readonly summary: Buffer | null;
  readonly content: Buffer | null;
  readonly blob: BlobId | null;
  readonly size: number;
  readonly expiresAt: Date;
  readonly destroyedAt: Date | null;
}

export interface NewCopy {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly message: MessageId;
  readonly objectKey: Buffer;
  readonly summary: Buffer;
  readonly content: Buffer | null;
  readonly blob: BlobId | null;
  readonly size: number;
  readonly expiresAt: Date;
  readonly level: SensitivityClass;
}

/** Whether a copy of this message stands and is not destroyed. */
export async function copyStands(tx: Transaction, message: MessageId): Promise<boolean> {
  const row = await tx.maybe({
    name: 'portal-copy-stands',
    text: 'select 1 as one from sealpost.portal_copy where message = $1 and destroyed_at is null',
    values: [message],
  });
  return row !== undefined;
}

/** True when the row was made; false when the message has a copy already. */
export async function insertCopy(tx: Transaction, copy: NewCopy): Promise<boolean> {
  const made = await tx.execute({
    name: 'portal-copy-insert',
    text: `insert into sealpost.portal_copy
             (id, organisation, message, object_key, summary, content, blob, size, expires_at, class)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (message) do nothing`,
    values: [
      copy.id,
      copy.organisation,
      copy.message,
      copy.objectKey,
      copy.summary,
      copy.content,
      copy.blob,
      copy.size,
      copy.expiresAt,
      copy.level,
    ],
  });
  return made === 1;
}

/** The copy with its sealed content. */
export function loadCopy(tx: Transaction, message: MessageId): Promise<CopyRow | undefined> {
  return tx.maybe({
    name: 'portal-copy-load',
    text: `select id, object_key as "objectKey", summary, content, blob, size, expires_at as "expiresAt",
             destroyed_at as "destroyedAt"
           from sealpost.portal_copy where message = $1`,
    values: [message],
  });
}

/** Empties the row: content, summary and wrapped key go, the fact that there was a copy stays. Returns its blob, if any. */
export function destroyCopy(
  tx: Transaction,
  message: MessageId,
  at: Date,
): Promise<{ blob: BlobId | null } | undefined> {
  return tx.maybe({
    name: 'portal-copy-destroy',
    text: `with old as (
             select id, blob from sealpost.portal_copy where message = $1 and destroyed_at is null for update
           )
           update sealpost.portal_copy c
           set content = null, summary = null, blob = null, object_key = '', destroyed_at = $2
           from old where c.id = old.id returning old.blob`,
    values: [message, at],
  });
}
