import type { DeliveryId, OrganisationId } from '#core/ids';
import type { AcceptedPart } from '#core/protection';
import type { Transaction } from '#platform/database';
import type { PasswordChannel } from './settings.ts';

export interface SendingRow {
  readonly channel: PasswordChannel;
  readonly passwordId: string;
  readonly password: Buffer;
  readonly plan: readonly (readonly number[])[] | null;
  readonly done: readonly (Omit<AcceptedPart, 'at'> & { readonly at: string })[];
}

export function findSending(
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
): Promise<SendingRow | undefined> {
  return tx.maybe({
    name: 'pdf-sending.find',
    text: `select channel, password_id as "passwordId", password, plan, done from sealpost.pdf_sending
      where organisation = $1 and delivery = $2`,
    values: [organisation, delivery],
  });
}

export interface NewSending {
  readonly organisation: OrganisationId;
  readonly delivery: DeliveryId;
  readonly channel: PasswordChannel;
  readonly passwordId: string;
  readonly password: Buffer;
  readonly plan: readonly (readonly number[])[] | null;
  readonly keepUntil: Date;
}

/** Begins a sending; one that stands keeps its channel and password, and takes the plan while no part was accepted. False: it did not. */
export async function keepSending(tx: Transaction, row: NewSending): Promise<boolean> {
  const kept = await tx.execute({
    name: 'pdf-sending.keep',
    text: `insert into sealpost.pdf_sending (delivery, organisation, channel, password_id, password, plan, keep_until)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (delivery) do update set plan = excluded.plan
        where pdf_sending.organisation = excluded.organisation and pdf_sending.done = '[]'::jsonb`,
    values: [
      row.delivery,
      row.organisation,
      row.channel,
      row.passwordId,
      row.password,
      row.plan === null ? null : JSON.stringify(row.plan),
      row.keepUntil,
    ],
  });
  return kept === 1;
}

/** Adds the next part; false where it is not the next. */
export async function addPart(
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
  part: AcceptedPart,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'pdf-sending.add-part',
    text: `update sealpost.pdf_sending set done = done || $3::jsonb
      where organisation = $1 and delivery = $2 and jsonb_array_length(done) = $4`,
    values: [organisation, delivery, JSON.stringify([part]), part.part - 1],
  });
  return added === 1;
}

export async function endSending(
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
): Promise<void> {
  await tx.execute({
    name: 'pdf-sending.end',
    text: 'delete from sealpost.pdf_sending where organisation = $1 and delivery = $2',
    values: [organisation, delivery],
  });
}

/** Removes what was given up, of the transaction's organisations. Returns how many rows went. */
export function sweepSendings(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'pdf-sending.sweep',
    text: 'delete from sealpost.pdf_sending where organisation = any (sealpost.tenants()) and keep_until < $1',
    values: [now],
  });
}
