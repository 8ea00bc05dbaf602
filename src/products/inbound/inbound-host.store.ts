import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** The mail server that an organisation named for one of its domains. */
export interface InboundHostRow {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

const COLUMNS = 'domain, host, port, changed_by, changed_at';

export async function inboundHosts(tx: Transaction, organisation: OrganisationId): Promise<InboundHostRow[]> {
  return tx.query<InboundHostRow>({
    name: 'inbound.hosts',
    text: `select ${COLUMNS} from sealpost.inbound_host where organisation = $1 order by domain`,
    values: [organisation],
  });
}

export async function inboundHost(
  tx: Transaction,
  organisation: OrganisationId,
  domain: string,
): Promise<InboundHostRow | undefined> {
  return tx.maybe<InboundHostRow>({
    name: 'inbound.host',
    text: `select ${COLUMNS} from sealpost.inbound_host where organisation = $1 and domain = $2`,
    values: [organisation, domain],
  });
}

/** Names a host for a domain that is the organisation's; false for any other domain. */
export async function putInboundHost(
  tx: Transaction,
  organisation: OrganisationId,
  row: InboundHostRow,
): Promise<boolean> {
  const put = await tx.execute({
    name: 'inbound.put-host',
    text: `insert into sealpost.inbound_host (organisation, domain, host, port, changed_by, changed_at)
      select d.organisation, d.name, $3, $4, $5, $6 from sealpost.domain d where d.organisation = $1 and d.name = $2
      on conflict (organisation, domain)
      do update set host = excluded.host, port = excluded.port, changed_by = excluded.changed_by,
        changed_at = excluded.changed_at`,
    values: [organisation, row.domain, row.host, row.port, JSON.stringify(row.changed_by), row.changed_at],
  });
  return put === 1;
}

export async function deleteInboundHost(
  tx: Transaction,
  organisation: OrganisationId,
  domain: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'inbound.delete-host',
    text: 'delete from sealpost.inbound_host where organisation = $1 and domain = $2',
    values: [organisation, domain],
  });
  return gone === 1;
}

/** Whose mail a domain's is, where it is taken at all; over all organisations, ids only. */
export async function findInbound(tx: Transaction, domain: string): Promise<OrganisationId | null> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'inbound.find',
    text: 'select organisation from sealpost.find_inbound($1)',
    values: [domain],
  });
  return row?.organisation ?? null;
}
