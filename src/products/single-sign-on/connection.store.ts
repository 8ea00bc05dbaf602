import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Rules } from './rules.ts';

export interface ConnectionRow {
  readonly id: string;
  readonly kind: 'oidc' | 'saml';
  readonly name: string;
  readonly live: boolean;
  readonly settings: Buffer;
  readonly rules: Rules;
  readonly ceiling: string[];
  readonly created_by: Actor;
  readonly created_at: Date;
  readonly changed_at: Date;
}

const COLUMNS = 'id, kind, name, live, settings, rules, ceiling, created_by, created_at, changed_at';

export async function listConnections(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<ConnectionRow[]> {
  return tx.query<ConnectionRow>({
    name: 'sso-connection.list',
    text: `select ${COLUMNS} from sealpost.sso_connection
           where organisation = $1 and removed_at is null order by id`,
    values: [organisation],
  });
}

export async function readConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ConnectionRow | undefined> {
  return tx.maybe<ConnectionRow>({
    name: 'sso-connection.read',
    text: `select ${COLUMNS} from sealpost.sso_connection
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, id],
  });
}

/** The same, held as it is until the transaction ends: whoever changes or removes it comes after what is begun by it. */
export async function holdConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ConnectionRow | undefined> {
  return tx.maybe<ConnectionRow>({
    name: 'sso-connection.hold',
    text: `select ${COLUMNS} from sealpost.sso_connection
           where organisation = $1 and id = $2 and removed_at is null for share`,
    values: [organisation, id],
  });
}

export async function insertConnection(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<ConnectionRow, 'changed_at'>,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.sso_connection
             (id, organisation, kind, name, live, settings, rules, ceiling, created_by, created_at, changed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
    values: [
      row.id,
      organisation,
      row.kind,
      row.name,
      row.live,
      row.settings,
      JSON.stringify(row.rules),
      row.ceiling,
      JSON.stringify(row.created_by),
      row.created_at,
    ],
  });
}

export async function updateConnection(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<ConnectionRow, 'id' | 'name' | 'live' | 'settings' | 'rules' | 'ceiling' | 'changed_at'>,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.sso_connection
           set name = $3, live = $4, settings = $5, rules = $6, ceiling = $7, changed_at = $8
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [
      organisation,
      row.id,
      row.name,
      row.live,
      row.settings,
      JSON.stringify(row.rules),
      row.ceiling,
      row.changed_at,
    ],
  });
  return touched === 1;
}

export async function removeConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.sso_connection set removed_at = $3, live = false
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, id, at],
  });
  return touched === 1;
}

/** Whose a connection is; over all organisations, ids only. */
export async function findConnection(tx: Transaction, id: string): Promise<OrganisationId | null> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'sso-connection.find',
    text: 'select organisation from sealpost.find_sso_connection($1)',
    values: [id],
  });
  return row?.organisation ?? null;
}

/** By which connection the people of a domain come, where it is on; over all organisations, ids only. */
export async function findByDomain(
  tx: Transaction,
  domain: string,
): Promise<{ readonly organisation: OrganisationId; readonly connection: string } | null> {
  const row = await tx.maybe<{ organisation: OrganisationId; connection: string }>({
    name: 'sso-domain.find',
    text: 'select organisation, connection from sealpost.find_sso_domain($1)',
    values: [domain],
  });
  return row ?? null;
}

export async function findBySlug(tx: Transaction, slug: string): Promise<OrganisationId | null> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'sso-organisation.find',
    text: 'select organisation from sealpost.find_sso_organisation($1)',
    values: [slug],
  });
  return row?.organisation ?? null;
}
