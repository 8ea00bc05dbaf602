import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';

export const EVERY_FACTOR = ['totp', 'passkey', 'recovery-code', 'certificate', 'texted-code'] as const;
export type FactorKind = (typeof EVERY_FACTOR)[number];

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
  /** Of passkeys: whether the key stays in one authenticator; null where that is not known. */
  readonly device_bound: boolean | null;
  readonly user_verified: boolean;
  /** Of certificates: SHA-256 of the public key. */
  readonly certificate_key: Buffer | null;
  /** Of certificates: until when the one last seen is good. */
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const COLUMNS = `id, identity, kind, label, secret, credential_id, public_key, counter, transports, last_step, device_bound,
  user_verified, certificate_key, expires_at, created_at, last_used_at`;

export async function readFactors(tx: Transaction, identity: IdentityId): Promise<FactorRow[]> {
  return tx.query<FactorRow>({
    name: 'factor.read',
    text: `select ${COLUMNS} from sealpost.factor where identity = $1 and removed_at is null order by id`,
    values: [identity],
  });
}

/** The passkey with this credential id, whosever it is. */
export async function findPasskey(tx: Transaction, credentialId: Buffer): Promise<FactorRow | undefined> {
  return tx.maybe<FactorRow>({
    name: 'factor.by-credential',
    text: `select ${COLUMNS} from sealpost.factor where credential_id = $1 and removed_at is null`,
    values: [credentialId],
  });
}

/** The same rows as `readFactors`, locked: of two removals at once the second sees what the first has left. */
export async function lockFactors(tx: Transaction, identity: IdentityId): Promise<FactorRow[]> {
  await tx.execute({
    text: 'select from sealpost.identity where id = $1 for no key update',
    values: [identity],
  });
  return readFactors(tx, identity);
}

export async function renameFactorRow(
  tx: Transaction,
  identity: IdentityId,
  id: string,
  label: string,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set label = $3
           where id = $2 and identity = $1 and kind <> 'recovery-code' and removed_at is null`,
    values: [identity, id, label],
  });
  return touched === 1;
}

/** Removes a person's factors of these kinds, or the one with this id; how many that were. */
export async function removeFactorRows(
  tx: Transaction,
  identity: IdentityId,
  which: { readonly id: string } | { readonly kinds: readonly FactorKind[] },
  at: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.factor set removed_at = $4
           where identity = $1 and removed_at is null and (id = $2 or kind = any ($3))`,
    values: [identity, 'id' in which ? which.id : null, 'id' in which ? [] : which.kinds, at],
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
    readonly deviceBound?: boolean;
    readonly userVerified?: boolean;
    readonly certificateKey?: Buffer;
    readonly expiresAt?: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.factor
             (id, identity, kind, label, secret, credential_id, public_key, counter, transports, last_step,
              device_bound, user_verified, certificate_key, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
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
      factor.deviceBound ?? null,
      factor.userVerified ?? false,
      factor.certificateKey ?? null,
      factor.expiresAt ?? null,
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
export async function usePasskey(
  tx: Transaction,
  id: string,
  answer: { readonly counter: number; readonly deviceBound: boolean },
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set counter = $2, last_used_at = $3, device_bound = coalesce(device_bound, $4)
           where id = $1 and removed_at is null and (counter < $2 or ($2 = 0 and counter = 0))`,
    values: [id, answer.counter, at, answer.deviceBound],
  });
  return touched === 1;
}

/** Notes the use of a certificate, and until when the one shown is good; false when it was removed meanwhile. */
export async function useCertificate(
  tx: Transaction,
  id: string,
  expiresAt: Date,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set last_used_at = $3, expires_at = $2
           where id = $1 and kind = 'certificate' and removed_at is null`,
    values: [id, expiresAt, at],
  });
  return touched === 1;
}

/** Whose certificate with this public key is, if anybody's. */
export async function findCertificate(
  tx: Transaction,
  certificateKey: Buffer,
): Promise<FactorRow | undefined> {
  return tx.maybe<FactorRow>({
    name: 'factor.by-certificate',
    text: `select ${COLUMNS} from sealpost.factor where certificate_key = $1 and removed_at is null`,
    values: [certificateKey],
  });
}

/** Notes the use of a telephone; false when it was removed meanwhile. */
export async function useTelephone(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.factor set last_used_at = $2
           where id = $1 and kind = 'texted-code' and removed_at is null`,
    values: [id, at],
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
