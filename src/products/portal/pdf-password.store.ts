import type { DeliveryId, MessageId, OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface PdfPasswordRow {
  readonly id: string;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly objectKey: Buffer;
  readonly sealed: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Puts a password in place; a second one of the same delivery takes the place of the first. */
export async function putPdfPassword(
  tx: Transaction,
  row: PdfPasswordRow & { readonly organisation: OrganisationId; readonly person: PortalPersonId },
): Promise<void> {
  await tx.execute({
    name: 'portal-pdf-password-put',
    text: `insert into sealpost.portal_pdf_password
             (id, organisation, person, message, delivery, object_key, sealed, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (delivery) do update set id = excluded.id, object_key = excluded.object_key,
             sealed = excluded.sealed, expires_at = excluded.expires_at
             where portal_pdf_password.organisation = excluded.organisation`,
    values: [
      row.id,
      row.organisation,
      row.person,
      row.message,
      row.delivery,
      row.objectKey,
      row.sealed,
      row.createdAt,
      row.expiresAt,
    ],
  });
}

const COLUMNS = `id, message, delivery, object_key as "objectKey", sealed, created_at as "createdAt",
  expires_at as "expiresAt"`;

/** What one person can still read, newest first. */
export function listPdfPasswords(
  tx: Transaction,
  organisation: OrganisationId,
  person: PortalPersonId,
  now: Date,
  most: number,
): Promise<PdfPasswordRow[]> {
  return tx.query({
    name: 'portal-pdf-password-list',
    text: `select ${COLUMNS} from sealpost.portal_pdf_password
           where organisation = $1 and person = $2 and sealed is not null and expires_at > $3
           order by id desc limit $4`,
    values: [organisation, person, now, most],
  });
}

/** Whether one person has any that can be read. */
export async function hasPdfPasswords(
  tx: Transaction,
  organisation: OrganisationId,
  person: PortalPersonId,
  now: Date,
): Promise<boolean> {
  const row = await tx.maybe({
    name: 'portal-pdf-password-any',
    text: `select 1 as one from sealpost.portal_pdf_password
           where organisation = $1 and person = $2 and sealed is not null and expires_at > $3 limit 1`,
    values: [organisation, person, now],
  });
  return row !== undefined;
}

/** One of this person's and of nobody else's; notes that it was shown. */
export function showPdfPassword(
  tx: Transaction,
  organisation: OrganisationId,
  person: PortalPersonId,
  id: string,
  now: Date,
): Promise<PdfPasswordRow | undefined> {
  return tx.maybe({
    name: 'portal-pdf-password-show',
    text: `update sealpost.portal_pdf_password set first_shown_at = coalesce(first_shown_at, $4)
           where organisation = $1 and person = $2 and id = $3 and sealed is not null and expires_at > $4
           returning ${COLUMNS}`,
    values: [organisation, person, id, now],
  });
}

/** Empties those of a message: password and key go. */
export async function destroyPdfPasswords(
  tx: Transaction,
  organisation: OrganisationId,
  message: MessageId,
): Promise<void> {
  await tx.execute({
    name: 'portal-pdf-password-destroy',
    text: `update sealpost.portal_pdf_password set sealed = null, object_key = ''
           where organisation = $1 and message = $2 and sealed is not null`,
    values: [organisation, message],
  });
}

/** Empties what is over, of the transaction's organisations. Returns how many. */
export function expirePdfPasswords(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'portal-pdf-password-expire',
    text: `update sealpost.portal_pdf_password set sealed = null, object_key = ''
           where organisation = any (sealpost.tenants()) and sealed is not null and expires_at <= $1`,
    values: [now],
  });
}
