import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface CeremonyRow {
  readonly id: string;
  readonly kind: string;
  readonly state: Buffer;
}

export async function insertCeremony(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly tokenHash: Buffer;
    readonly kind: string;
    readonly identity: string | null;
    readonly state: Buffer;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'ceremony.insert',
    text: `insert into sealpost.ceremony (id, token_hash, kind, identity, state, expires_at)
           values ($1, $2, $3, $4, $5, $6)`,
    values: [row.id, row.tokenHash, row.kind, row.identity, row.state, row.expiresAt],
  });
}

export async function findCeremony(
  tx: Transaction,
  tokenHash: Buffer,
  kind: string,
  now: Date,
): Promise<CeremonyRow | undefined> {
  return tx.maybe<CeremonyRow>({
    name: 'ceremony.find',
    text: `select id, kind, state from sealpost.ceremony
           where token_hash = $1 and kind = $2 and used_at is null and expires_at > $3`,
    values: [tokenHash, kind, now],
  });
}

export async function updateCeremonyState(tx: Transaction, id: string, state: Buffer): Promise<void> {
  await tx.execute({
    text: 'update sealpost.ceremony set state = $2 where id = $1 and used_at is null',
    values: [id, state],
  });
}

/** Uses a ceremony up; false when it was used already. */
export async function useCeremony(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: 'update sealpost.ceremony set used_at = $2 where id = $1 and used_at is null',
    values: [id, at],
  });
  return touched === 1;
}

/**
 * Ends sign-ins of a person that are under way, with what they have shown so far. Recoveries and invitations stay: those are
 * handed over by somebody else.
 */
export async function endSignIns(tx: Transaction, identity: IdentityId, at: Date): Promise<void> {
  await tx.execute({
    name: 'ceremony.end-sign-ins',
    text: `update sealpost.ceremony set used_at = $2
           where identity = $1 and used_at is null
             and kind in ('sign-in', 'sign-in-enrolment', 'sign-in-passphrase')`,
    values: [identity, at],
  });
}

/** Ends the invitations and recoveries of a person: links in somebody's hands, for the membership that they were made for alone. */
export async function endHandedOver(tx: Transaction, identity: IdentityId, at: Date): Promise<void> {
  await tx.execute({
    name: 'ceremony.end-handed-over',
    text: `update sealpost.ceremony set used_at = $2
           where identity = $1 and used_at is null and kind in ('invitation', 'recovery')`,
    values: [identity, at],
  });
}

/** Removes ceremonies that are over. */
export async function sweepCeremonies(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'ceremony.sweep',
    text: 'delete from sealpost.ceremony where expires_at <= $1 or used_at is not null',
    values: [now],
  });
}
