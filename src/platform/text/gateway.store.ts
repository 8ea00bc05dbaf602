import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface GatewayRow {
  readonly organisation: OrganisationId;
  readonly base_url: string;
  readonly account: string;
  readonly token: Buffer;
  readonly sender: string;
  readonly per_day: number;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

/** Those of the transaction's organisations. */
export function readGateways(
  tx: Transaction,
  organisations: readonly OrganisationId[],
): Promise<GatewayRow[]> {
  return tx.query<GatewayRow>({
    name: 'text.gateways',
    text: `select organisation, base_url, account, token, sender, per_day, changed_by, changed_at
      from sealpost.text_gateway where organisation = any ($1::uuid[])`,
    values: [organisations],
  });
}

export async function putGateway(tx: Transaction, row: GatewayRow): Promise<void> {
  await tx.execute({
    name: 'text.put-gateway',
    text: `insert into sealpost.text_gateway (organisation, base_url, account, token, sender, per_day, changed_by, changed_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (organisation) do update set base_url = excluded.base_url, account = excluded.account,
        token = excluded.token, sender = excluded.sender, per_day = excluded.per_day, changed_by = excluded.changed_by,
        changed_at = excluded.changed_at`,
    values: [
      row.organisation,
      row.base_url,
      row.account,
      row.token,
      row.sender,
      row.per_day,
      JSON.stringify(row.changed_by),
      row.changed_at,
    ],
  });
}

/** True where there was one. */
export async function deleteGateway(tx: Transaction, organisation: OrganisationId): Promise<boolean> {
  const gone = await tx.execute({
    name: 'text.delete-gateway',
    text: 'delete from sealpost.text_gateway where organisation = $1',
    values: [organisation],
  });
  return gone === 1;
}
