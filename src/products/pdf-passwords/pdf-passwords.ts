import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { addressIndexForm, parseAddress } from '#platform/mail';
import type { RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { judgePdfPassword, newPdfPassword } from './password-rule.ts';
import {
  deletePassword,
  findPassword,
  listPasswords,
  type PdfPasswordRow,
  replacePassword,
} from './pdf-password.store.ts';

export interface PdfPasswordPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

export interface ShownPdfPassword {
  readonly row: Pick<PdfPasswordRow, 'id' | 'changed_by' | 'changed_at'>;
  readonly address: string;
}

export interface PdfPasswords {
  /** The password agreed with this recipient and its id, or null. For the protector. */
  find(
    organisation: OrganisationId,
    address: Address,
  ): Promise<{ readonly id: string; readonly password: string } | null>;
  /**
   * Sets the password of a recipient, or makes one, which is then returned this once. Refusals: `invalid-address`,
   * `invalid` with the rule that it breaks.
   */
  set(
    caller: Caller,
    address: string,
    password: string | null,
  ): Promise<ShownPdfPassword & { readonly made: string | null }>;
  list(caller: Caller, before: string | null, limit: number): Promise<readonly ShownPdfPassword[]>;
  /** Refusal `not-found`. */
  remove(caller: Caller, id: string): Promise<void>;
}

const binding = (organisation: OrganisationId, field: 'address' | 'password', row: string) => ({
  organisation,
  field: `pdf-password.${field}`,
  row,
});

export function createPdfPasswords(ports: PdfPasswordPorts): PdfPasswords {
  const { database, vault } = ports;
  const indexOf = (organisation: OrganisationId, address: Address) =>
    vault.blindIndex(organisation, 'pdf-password-address/1', addressIndexForm(address));
  return {
    async find(organisation, address) {
      const index = await indexOf(organisation, address);
      const row = await database.tenant([organisation], 'worker', (tx) =>
        findPassword(tx, organisation, index),
      );
      if (!row) return null;
      const password = await vault.openValue(binding(organisation, 'password', row.id), row.password);
      return { id: row.id, password: password.toString('utf8') };
    },
    async set(caller, text, given) {
      const address = parseAddress(text.trim());
      if (!address) throw new Refusal('invalid-address', { path: 'address' });
      const shown = addressText(address);
      const problem = given === null ? null : judgePdfPassword(given, shown);
      if (problem !== null) throw new Refusal('invalid', { path: 'password', reason: problem });
      const made = given === null ? newPdfPassword() : null;
      const { organisation } = caller;
      const id = newId(ports.clock);
      const seal = (field: 'address' | 'password', plain: string) =>
        vault.sealValue('configuration', binding(organisation, field, id), plain);
      const row = {
        id,
        organisation,
        addressIndex: await indexOf(organisation, address),
        address: await seal('address', shown),
        password: await seal('password', given ?? made ?? ''),
        changedBy: caller.actor,
        changedAt: ports.clock.now(),
      };
      await database.tenant([organisation], 'app', async (tx) => {
        await replacePassword(tx, row);
        await onRecord(ports, tx, caller, 'pdf-password.set', [id], { made: made !== null });
      });
      return { row: { id, changed_by: row.changedBy, changed_at: row.changedAt }, address: shown, made };
    },
    async list(caller, before, limit) {
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', async (tx) => {
        const found = await listPasswords(tx, organisation, before, limit);
        const ids = found.map((row) => row.id);
        await onRecord(ports, tx, caller, 'pdf-passwords.listed', ids, { count: ids.length });
        return found;
      });
      return Promise.all(
        rows.map(async (row) => {
          const octets = await vault.openValue(binding(organisation, 'address', row.id), row.address);
          return { row, address: octets.toString('utf8') };
        }),
      );
    },
    async remove(caller, id) {
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await deletePassword(tx, caller.organisation, id))) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'pdf-password.removed', [id], {});
      });
    },
  };
}

/** Whom staff agreed passwords with is PHI: setting, seeing and removing are on record. */
async function onRecord(
  ports: PdfPasswordPorts,
  tx: Transaction,
  caller: Caller,
  action: string,
  ids: readonly string[],
  details: Readonly<Record<string, number | boolean>>,
): Promise<void> {
  await ports.audit.append(
    tx,
    doneBy(caller, action, {
      subjects: ids.map((id) => ({ kind: 'pdf-password', id })),
      details,
    }),
  );
}
