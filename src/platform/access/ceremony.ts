import type { z } from 'zod';
import { INSTALLATION } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId, randomToken } from '#platform/runtime';
import { findCeremony, insertCeremony, updateCeremonyState } from './ceremony.store.ts';
import { tokenHash } from './installation.ts';
import type { AccessPorts } from './ports.ts';

export interface CeremonyTicket {
  /** 256 bit; the only thing that carries a sign-in from one step to the next. */
  readonly ceremony: string;
  readonly expiresAt: Date;
}

export type CeremonyKind =
  | 'sign-in'
  | 'step-up'
  | 'passkey-sign-in'
  | 'sign-in-enrolment'
  | 'sign-in-passphrase'
  | 'enrolment'
  | 'invitation'
  | 'account'
  | 'account-telephone'
  | 'recovery'
  | 'recovery-code';

/** How long each may take. An invitation travels by hand or mail, the others happen in one sitting. */
const LIFETIME_MS: Readonly<Record<CeremonyKind, number>> = {
  'sign-in': 10 * 60_000,
  'step-up': 5 * 60_000,
  'passkey-sign-in': 10 * 60_000,
  'sign-in-enrolment': 15 * 60_000,
  'sign-in-passphrase': 15 * 60_000,
  account: 15 * 60_000,
  'account-telephone': 15 * 60_000,
  // Handed over by an administrator who has just spoken with the person.
  recovery: 24 * 60 * 60_000,
  'recovery-code': 10 * 60_000,
  enrolment: 30 * 60_000,
  invitation: 7 * 24 * 60 * 60_000,
};

const binding = (id: string) => ({ organisation: INSTALLATION, field: 'ceremony.state', row: id });

/** Begins a ceremony: its state is sealed, its token is stored only as a hash. */
export async function beginCeremony(
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  tx: Transaction,
  kind: CeremonyKind,
  identity: string | null,
  state: object,
): Promise<CeremonyTicket> {
  const id = newId(clock);
  const ceremony = randomToken();
  const expiresAt = new Date(clock.now().getTime() + LIFETIME_MS[kind]);
  const sealed = await vault.sealValue('identity', binding(id), JSON.stringify(state));
  await insertCeremony(tx, { id, tokenHash: tokenHash(ceremony), kind, identity, state: sealed, expiresAt });
  return { ceremony, expiresAt };
}

/** The ceremony behind a token; undefined when it is over, used, or of another kind. */
export async function openCeremony<Schema extends z.ZodType>(
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  tx: Transaction,
  kind: CeremonyKind,
  token: string,
  schema: Schema,
): Promise<{ readonly id: string; readonly state: z.output<Schema> } | undefined> {
  const row = await findCeremony(tx, tokenHash(token), kind, clock.now());
  if (row === undefined) return undefined;
  const opened: unknown = JSON.parse((await vault.openValue(binding(row.id), row.state)).toString('utf8'));
  return { id: row.id, state: schema.parse(opened) };
}

/** Replaces what a ceremony remembers. */
export async function changeCeremony(
  { vault }: Pick<AccessPorts, 'vault'>,
  tx: Transaction,
  id: string,
  state: object,
): Promise<void> {
  await updateCeremonyState(tx, id, await vault.sealValue('identity', binding(id), JSON.stringify(state)));
}
