import type { OrganisationId } from '#core/ids';
import type { PortalSignInRule } from '#core/portal';
import type { Transaction } from '#platform/database';

/** Limits and switches of an organisation; no PHI. */
export interface OrganisationSettings {
  /** Absent: no limit. */
  readonly recipientsPerHour?: number;
  /** Absent: UNREAD_NOTICE_DAYS. 0: never. */
  readonly unreadNoticeDays?: number;
  /** Notices of the portal go as a text too, where a number is on record. */
  readonly textNotices?: boolean;
  /** Its messages in the portal are never shown beside those of other organisations. */
  readonly separateSignIn?: boolean;
  /** How recipients sign in to the portal: read by whoever owns the rule. */
  readonly portalSignIn?: unknown;
}

/** Days after which a portal copy that nobody opened is reported to its sender, unless the organisation says otherwise. */
export const UNREAD_NOTICE_DAYS = 3; // unread_portal_items (migration 0082) says the same
/** As long as a portal copy may wait is the most that makes sense. */
export const MOST_UNREAD_NOTICE_DAYS = 60;

/** What an organisation may change of itself; null leaves a value as it is. */
export interface OrganisationChange {
  readonly name: string | null;
  readonly timeZone: string | null;
  readonly locale: string | null;
  readonly unreadNoticeDays: number | null;
  readonly separateSignIn: boolean | null;
}

export interface OrganisationRow {
  readonly id: OrganisationId;
  readonly parent: OrganisationId | null;
  readonly name: string;
  readonly slug: string;
  readonly time_zone: string;
  readonly locale: string;
  readonly settings: OrganisationSettings;
  readonly created_at: Date;
}

const COLUMNS = 'id, parent, name, slug, time_zone, locale, settings, created_at';

/** False when the slug is taken by any organisation of the installation. */
export async function insertOrganisation(
  tx: Transaction,
  row: { readonly id: OrganisationId; readonly name: string; readonly slug: string },
): Promise<boolean> {
  const touched = await tx.execute({
    text: 'insert into sealpost.organisation (id, name, slug) values ($1, $2, $3) on conflict (slug) do nothing',
    values: [row.id, row.name, row.slug],
  });
  return touched === 1;
}

/** Rows of those organisations that the transaction may see. */
export async function readOrganisationRows(
  tx: Transaction,
  ids: readonly OrganisationId[],
): Promise<OrganisationRow[]> {
  return tx.query<OrganisationRow>({
    name: 'organisation.read',
    text: `select ${COLUMNS} from sealpost.organisation where id = any ($1) order by name, id`,
    values: [ids],
  });
}

/** What is to be changed; null leaves it as it is. */
export interface OrganisationChange {
  readonly name: string | null;
  readonly timeZone: string | null;
  readonly locale: string | null;
  readonly separateSignIn: boolean | null;
}

export async function updateOrganisationRow(
  tx: Transaction,
  id: OrganisationId,
  change: OrganisationChange,
): Promise<OrganisationRow | undefined> {
  return tx.maybe<OrganisationRow>({
    text: `update sealpost.organisation set name = coalesce($2, name), time_zone = coalesce($3, time_zone),
             locale = coalesce($4, locale),
             settings = settings || jsonb_strip_nulls(jsonb_build_object('unreadNoticeDays', $5::integer, 'separateSignIn', $6::boolean))
           where id = $1 returning ${COLUMNS}`,
    values: [id, change.name, change.timeZone, change.locale, change.unreadNoticeDays, change.separateSignIn],
  });
}

/** Null takes the limit away. False when the transaction does not see the organisation. */
export async function updateLimit(
  tx: Transaction,
  id: OrganisationId,
  recipientsPerHour: number | null,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.organisation
           set settings = jsonb_strip_nulls(settings || jsonb_build_object('recipientsPerHour', $2::integer)) where id = $1`,
    values: [id, recipientsPerHour],
  });
  return touched === 1;
}

/** False when the transaction does not see the organisation. */
export async function updateTextNotices(tx: Transaction, id: OrganisationId, on: boolean): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.organisation set settings = settings || jsonb_build_object('textNotices', $2::boolean) where id = $1`,
    values: [id, on],
  });
  return touched === 1;
}

/** False when the transaction does not see the organisation. */
export async function updatePortalSignIn(
  tx: Transaction,
  id: OrganisationId,
  rule: PortalSignInRule,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.organisation set settings = settings || jsonb_build_object('portalSignIn', $2::jsonb) where id = $1`,
    values: [id, JSON.stringify(rule)],
  });
  return touched === 1;
}

/** Ids of all organisations of the installation. */
export async function allOrganisationIds(tx: Transaction): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    text: 'select id from sealpost.organisation_ids() as t (id) order by id',
  });
  return rows.map((row) => row.id);
}

export interface DomainRow {
  readonly id: string;
  readonly name: string;
}

/** False when the name belongs to an organisation already. */
export async function insertDomain(
  tx: Transaction,
  organisation: OrganisationId,
  row: DomainRow,
): Promise<boolean> {
  const touched = await tx.execute({
    text: 'insert into sealpost.domain (id, organisation, name) values ($1, $2, $3) on conflict (name) do nothing',
    values: [row.id, organisation, row.name],
  });
  return touched === 1;
}

export async function readDomains(tx: Transaction, organisation: OrganisationId): Promise<DomainRow[]> {
  return tx.query<DomainRow>({
    name: 'domain.of-organisation',
    text: 'select id, name from sealpost.domain where organisation = $1 order by name',
    values: [organisation],
  });
}

/** Which organisation owns a domain; over all organisations, ids only. */
export async function locateDomain(tx: Transaction, name: string): Promise<OrganisationId | undefined> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'domain.locate',
    text: 'select organisation from sealpost.find_domain($1)',
    values: [name],
  });
  return row?.organisation;
}
