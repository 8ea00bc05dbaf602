import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A domain whose people come by a connection of single sign-on. */
export interface SignOnDomain {
  readonly domain: string;
  /** By no other way, but for those in `exempt`. */
  readonly enforced: boolean;
  readonly exempt: readonly IdentityId[];
}

/** Domains for which it is enforced, by connections that are on. */
export async function readEnforced(tx: Transaction, organisation: OrganisationId): Promise<SignOnDomain[]> {
  return tx.query<SignOnDomain>({
    name: 'sso-domain.enforced',
    text: `select s.domain, s.enforced, s.exempt from sealpost.sso_domain s
           join sealpost.sso_connection c on c.id = s.connection and c.live and c.removed_at is null
           where s.organisation = $1 and s.enforced`,
    values: [organisation],
  });
}

export async function readSignOnDomains(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
): Promise<SignOnDomain[]> {
  return tx.query<SignOnDomain>({
    name: 'sso-domain.of-connection',
    text: `select domain, enforced, exempt from sealpost.sso_domain
           where organisation = $1 and connection = $2 order by domain`,
    values: [organisation, connection],
  });
}

/** Of these, the domains that the connection may not have: not the organisation's own, or another connection's. */
export async function domainsTaken(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
  domains: readonly string[],
): Promise<string[]> {
  const rows = await tx.query<{ domain: string }>({
    text: `select w.domain from unnest($3::text[]) as w (domain)
           where not exists (select from sealpost.domain d where d.organisation = $1 and d.name = w.domain)
              or exists (select from sealpost.sso_domain s
                         where s.organisation = $1 and s.domain = w.domain and s.connection <> $2)`,
    values: [organisation, connection, domains],
  });
  return rows.map(({ domain }) => domain);
}

/** Replaces the domains of a connection. */
export async function putSignOnDomains(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
  wanted: {
    readonly domains: readonly string[];
    readonly enforced: boolean;
    readonly exempt: readonly string[];
  },
): Promise<void> {
  await tx.execute({
    text: 'delete from sealpost.sso_domain where organisation = $1 and connection = $2',
    values: [organisation, connection],
  });
  if (wanted.domains.length === 0) return;
  await tx.execute({
    text: `insert into sealpost.sso_domain (organisation, domain, connection, enforced, exempt)
           select $1::uuid, w.domain, $2::uuid, $4::boolean, $5::uuid[] from unnest($3::text[]) as w (domain)`,
    values: [organisation, connection, wanted.domains, wanted.enforced, wanted.exempt],
  });
}
