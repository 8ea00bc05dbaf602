import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type FactorKind = 'totp' | 'passkey' | 'recovery-code';

export interface FactorRow {
  readonly id: string;
  readonly identity: IdentityId;
  readonly kind: FactorKind;
  readonly label: string;
  readonly secret: Buffer | null;
  readonly credential_id: Buffer | null;
  readonly public_key: Buffer | null;
  readonly counter: number;
  readonly transports: string[];
  readonly last_step: number | null;
}

export async function readFactors(tx: Transaction, identity: IdentityId): Promise<FactorRow[]> {
  return tx.query<FactorRow>({
    name: 'factor.read',
    text: `select id, identity, kind, label, secret, credential_id, public_key, counter, transports, last_step
           from sealpost.factor where identity = $1 and removed_at is null order by id`,
    values: [identity],
  });
}

export async function insertFactor(
  tx: Transaction,
  factor: {
    readonly id: string;
    readonly identity: IdentityId;
    readonly kind: FactorKind;
    readonly label?: string;
    readonly secret?: Buffer;
    readonly credentialId?: Buffer;
    readonly publicKey?: Buffer;
    readonly counter?: number;
    readonly transports?: readonly string[];
    readonly lastStep?: number;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.factor
             (id, identity, kind, label, secret, credential_id, public_key, counter, transports, last_step)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      factor.id,
      factor.identity,
      factor.kind,
      factor.label ?? '',
      factor.secret ?? null,
      factor.credentialId ?? null,
      factor.publicKey ?? null,
      factor.counter ?? 0,
      factor.transports ?? [],
      factor.lastStep ?? null,
    ],
  });
}

/** Marks a time step as used; false when it, or a later one, was used meanwhile (RFC 6238 §5.2). */
export async function useTotpStep(tx: Transaction, id: string, step: number, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set last_step = $2, last_used_at = $3
           where id = $1 and removed_at is null and (last_step is null or last_step < $2)`,
    values: [id, step, at],
  });
  return touched === 1;
}

/** Stores a passkey's counter; false when it did not grow though it counts (a copied authenticator). */
export async function usePasskey(tx: Transaction, id: string, counter: number, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set counter = $2, last_used_at = $3
           where id = $1 and removed_at is null and (counter < $2 or ($2 = 0 and counter = 0))`,
    values: [id, counter, at],
  });
  return touched === 1;
}

/** Uses up a recovery code; false when it was used meanwhile. */
export async function useRecoveryCode(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set removed_at = $2, last_used_at = $2
           where id = $1 and kind = 'recovery-code' and removed_at is null`,
    values: [id, at],
  });
  return touched === 1;
}
