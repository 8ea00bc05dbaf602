import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface WaiverRow {
  readonly id: string;
  readonly address: Buffer;
  readonly shown_text: Buffer;
  readonly language: string;
  readonly recorded_by: Actor;
  readonly recorded_at: Date;
  readonly expires_at: Date;
  readonly ended_as: 'withdrawn' | 'replaced' | null;
  readonly ended_by: Actor | null;
  readonly ended_at: Date | null;
}

export interface NewWaiver extends Omit<WaiverRow, 'ended_as' | 'ended_by' | 'ended_at'> {
  readonly organisation: OrganisationId;
  readonly address_index: Buffer;
}

/** How a waiver came to its end, and by whom. */
export interface WaiverEnd {
  readonly as: 'withdrawn' | 'replaced';
  readonly by: Actor;
  readonly at: Date;
}

const COLUMNS =
  'id, address, shown_text, language, recorded_by, recorded_at, expires_at, ended_as, ended_by, ended_at';

/** Id of the address' waiver that is in force at this moment. */
export async function validWaiver(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
  at: Date,
): Promise<string | null> {
  const row = await tx.maybe<{ readonly id: string }>({
    name: 'waivers.valid',
    text: `select id from sealpost.waiver
      where organisation = $1 and address_index = $2 and ended_at is null and recorded_at <= $3 and expires_at > $3`,
    values: [organisation, addressIndex, at],
  });
  return row?.id ?? null;
}

/** Ends the open record of an address, if there is one; returns its id. */
export async function endOpenOf(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
  end: WaiverEnd,
): Promise<string | null> {
  const row = await tx.maybe<{ readonly id: string }>({
    name: 'waivers.end-open',
    text: `update sealpost.waiver set ended_as = $3, ended_by = $4, ended_at = $5
      where organisation = $1 and address_index = $2 and ended_at is null returning id`,
    values: [organisation, addressIndex, end.as, JSON.stringify(end.by), end.at],
  });
  return row?.id ?? null;
}

/** False where somebody else recorded one for the address in the meantime. */
export async function insertWaiver(tx: Transaction, row: NewWaiver): Promise<boolean> {
  const added = await tx.execute({
    name: 'waivers.insert',
    text: `insert into sealpost.waiver
        (id, organisation, address_index, address, shown_text, language, recorded_by, recorded_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    values: [
      row.id,
      row.organisation,
      row.address_index,
      row.address,
      row.shown_text,
      row.language,
      JSON.stringify(row.recorded_by),
      row.recorded_at,
      row.expires_at,
    ],
  });
  return added === 1;
}

/** Ends one record; undefined where there is none that is open. */
export async function endWaiver(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  end: WaiverEnd,
): Promise<WaiverRow | undefined> {
  return tx.maybe<WaiverRow>({
    name: 'waivers.end',
    text: `update sealpost.waiver set ended_as = $3, ended_by = $4, ended_at = $5
      where organisation = $1 and id = $2 and ended_at is null returning ${COLUMNS}`,
    values: [organisation, id, end.as, JSON.stringify(end.by), end.at],
  });
}

export async function waiverById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<WaiverRow | undefined> {
  return tx.maybe<WaiverRow>({
    name: 'waivers.by-id',
    text: `select ${COLUMNS} from sealpost.waiver where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** Every record of an organisation, ended ones too. */
export async function allWaivers(tx: Transaction, organisation: OrganisationId): Promise<WaiverRow[]> {
  return tx.query<WaiverRow>({
    name: 'waivers.all',
    text: `select ${COLUMNS} from sealpost.waiver where organisation = $1`,
    values: [organisation],
  });
}

/** A page, newest first. */
export async function listWaivers(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<WaiverRow[]> {
  return tx.query<WaiverRow>({
    name: 'waivers.list',
    text: `select ${COLUMNS} from sealpost.waiver
      where organisation = $1 and id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
      order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}
