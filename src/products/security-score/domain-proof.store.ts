import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type ProofOutcome = 'proved' | 'not-found' | 'dns-failed';

export interface DomainProofRow {
  readonly domain: string;
  readonly token: string;
  /** Since when; null while it is not, or no longer, proved. */
  readonly proved_at: Date | null;
  readonly checked_at: Date | null;
  readonly outcome: ProofOutcome | null;
}

const COLUMNS = 'domain, token, proved_at, checked_at, outcome';

export async function domainProofs(tx: Transaction, organisation: OrganisationId): Promise<DomainProofRow[]> {
  return tx.query<DomainProofRow>({
    name: 'domain-proof.list',
    text: `select ${COLUMNS} from sealpost.domain_proof where organisation = $1 order by domain`,
    values: [organisation],
  });
}

/** Makes the token of a domain; the first one stays. */
export async function ensureProof(
  tx: Transaction,
  organisation: OrganisationId,
  domain: string,
  token: string,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'domain-proof.ensure',
    text: `insert into sealpost.domain_proof (organisation, domain, token, created_at) values ($1, $2, $3, $4)
      on conflict (organisation, domain) do nothing`,
    values: [organisation, domain, token, at],
  });
}

/** What a look-up said. A name server that is silent takes no proof away. */
export async function settleProof(
  tx: Transaction,
  organisation: OrganisationId,
  domain: string,
  outcome: ProofOutcome,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'domain-proof.settle',
    text: `update sealpost.domain_proof set outcome = $3, checked_at = $4,
        proved_at = case $3 when 'proved' then coalesce(proved_at, $4) when 'dns-failed' then proved_at end
      where organisation = $1 and domain = $2`,
    values: [organisation, domain, outcome, at],
  });
}

export interface AttestationRow {
  readonly code: string;
  readonly attested_by: Actor;
  readonly attested_at: Date;
}

export async function attestations(tx: Transaction, organisation: OrganisationId): Promise<AttestationRow[]> {
  return tx.query<AttestationRow>({
    name: 'attestation.list',
    text: `select code, attested_by, attested_at from sealpost.attestation
      where organisation = $1 and withdrawn_at is null order by code`,
    values: [organisation],
  });
}

export async function putAttestation(
  tx: Transaction,
  organisation: OrganisationId,
  code: string,
  by: Actor,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'attestation.put',
    text: `insert into sealpost.attestation (organisation, code, attested_by, attested_at) values ($1, $2, $3, $4)
      on conflict (organisation, code) do update
        set attested_by = excluded.attested_by, attested_at = excluded.attested_at, withdrawn_at = null`,
    values: [organisation, code, JSON.stringify(by), at],
  });
}

export async function withdrawAttestation(
  tx: Transaction,
  organisation: OrganisationId,
  code: string,
  at: Date,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'attestation.withdraw',
    text: `update sealpost.attestation set withdrawn_at = $3
      where organisation = $1 and code = $2 and withdrawn_at is null`,
    values: [organisation, code, at],
  });
  return gone === 1;
}
