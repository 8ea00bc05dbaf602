import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { doneBy } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { addressIndexForm, parseAddress } from '#platform/mail';
import type { RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import {
  allWaivers,
  endOpenOf,
  endWaiver,
  insertWaiver,
  listWaivers,
  validWaiver,
  type WaiverRow,
  waiverById,
} from './waiver.store.ts';

export interface WaiverPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

/** What is put on record: whom, the exact text that was shown, in which language, and until when it holds. */
export interface GivenWaiver {
  readonly address: string;
  readonly text: string;
  /** BCP 47 tag of the text. */
  readonly language: string;
  readonly expiresAt: Date;
}

export type WaiverState = 'valid' | 'expired' | 'withdrawn' | 'replaced';

export interface ShownWaiver {
  readonly row: Omit<WaiverRow, 'address' | 'shown_text'>;
  readonly address: string;
  readonly text: string;
  readonly state: WaiverState;
}

/** How long a waiver was in force, and whose. */
export interface WaiverTime {
  /** In the form that addresses are compared in. */
  readonly address: string;
  readonly from: Date;
  readonly until: Date;
}

export interface Waivers {
  /** Id of this recipient's waiver that is in force now, or null. For deciding and sending. */
  valid(organisation: OrganisationId, address: Address): Promise<string | null>;
  /**
   * Records a waiver; one that the recipient had before ends as replaced. Refusals: `invalid-address`, `invalid` with
   * path `expiresAt` (past, or further than five years), `wrong-state` when two record one at the same time.
   */
  record(caller: Caller, given: GivenWaiver): Promise<ShownWaiver>;
  /** This recipient's waiver that is in force now, or null. Recorded by the asker. */
  of(organisation: OrganisationId, address: Address): Promise<ShownWaiver | null>;
  /** Ends a waiver at once. Refusals: `not-found`, `wrong-state` where it had ended already. */
  withdraw(caller: Caller, id: string): Promise<ShownWaiver>;
  /** Every waiver that was ever recorded, for deciding about the past. */
  history(organisation: OrganisationId): Promise<readonly WaiverTime[]>;
  list(caller: Caller, before: string | null, limit: number): Promise<readonly ShownWaiver[]>;
}

const LONGEST_MS = 5 * 366 * 86_400_000;

const binding = (organisation: OrganisationId, field: 'address' | 'text', row: string) => ({
  organisation,
  field: `waiver.${field}`,
  row,
});

export function createWaivers(ports: WaiverPorts): Waivers {
  const { database, vault, clock } = ports;
  const indexOf = (organisation: OrganisationId, address: Address) =>
    vault.blindIndex(organisation, 'waiver-address/1', addressIndexForm(address));
  const open = (organisation: OrganisationId, row: WaiverRow) => openWaiver(ports, organisation, row);
  return {
    async valid(organisation, address) {
      const index = await indexOf(organisation, address);
      return database.tenant([organisation], 'worker', (tx) =>
        validWaiver(tx, organisation, index, clock.now()),
      );
    },
    async of(organisation, address) {
      const index = await indexOf(organisation, address);
      const row = await database.tenant([organisation], 'app', async (tx) => {
        const id = await validWaiver(tx, organisation, index, clock.now());
        return id === null ? undefined : waiverById(tx, organisation, id);
      });
      return row === undefined ? null : open(organisation, row);
    },
    async record(caller, given) {
      const address = parseAddress(given.address.trim());
      if (!address) throw new Refusal('invalid-address', { path: 'address' });
      const now = clock.now();
      const lasts = given.expiresAt.getTime() - now.getTime();
      if (!(lasts > 0 && lasts <= LONGEST_MS)) throw new Refusal('invalid', { path: 'expiresAt' });
      const { organisation, actor } = caller;
      const id = newId(clock);
      const shown = addressText(address);
      const seal = (field: 'address' | 'text', plain: string) =>
        vault.sealValue('configuration', binding(organisation, field, id), plain);
      const [index, sealedAddress, sealedText] = await Promise.all([
        indexOf(organisation, address),
        seal('address', shown),
        seal('text', given.text),
      ]);
      const row = {
        ...{ id, organisation, address_index: index, address: sealedAddress, shown_text: sealedText },
        language: given.language,
        recorded_by: actor,
        recorded_at: now,
        expires_at: given.expiresAt,
      };
      await database.tenant([organisation], 'app', async (tx) => {
        const before = await endOpenOf(tx, organisation, index, { as: 'replaced', by: actor, at: now });
        if (!(await insertWaiver(tx, row))) throw new Refusal('wrong-state');
        await onRecord(ports, tx, caller, 'waiver.recorded', id, shown, {
          language: given.language,
          expiresAt: given.expiresAt.toISOString(),
          replaces: before,
        });
      });
      const none = { ended_as: null, ended_by: null, ended_at: null };
      return { row: { ...row, ...none }, address: shown, text: given.text, state: 'valid' };
    },
    async withdraw(caller, id) {
      const { organisation, actor } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const row = await endWaiver(tx, organisation, id, { as: 'withdrawn', by: actor, at: clock.now() });
        if (!row) {
          const there = await waiverById(tx, organisation, id);
          throw new Refusal(there ? 'wrong-state' : 'not-found');
        }
        const shown = await open(organisation, row);
        await onRecord(ports, tx, caller, 'waiver.withdrawn', id, shown.address, {});
        return shown;
      });
    },
    async history(organisation) {
      const rows = await database.tenant([organisation], 'worker', (tx) => allWaivers(tx, organisation));
      return Promise.all(
        rows.map(async (row) => {
          const sealed = await vault.openValue(binding(organisation, 'address', row.id), row.address);
          const address = parseAddress(sealed.toString('utf8'));
          if (!address) throw new Error('a waiver was recorded for what is no address');
          const ends = [row.expires_at, ...(row.ended_at ? [row.ended_at] : [])];
          const until = new Date(Math.min(...ends.map((end) => end.getTime())));
          return { address: addressIndexForm(address), from: row.recorded_at, until };
        }),
      );
    },
    async list(caller, before, limit) {
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', async (tx) => {
        const found = await listWaivers(tx, organisation, before, limit);
        await ports.audit.append(
          tx,
          doneBy(caller, 'waivers.listed', {
            subjects: found.map(({ id }) => ({ kind: 'waiver', id })),
            details: { count: found.length },
          }),
        );
        return found;
      });
      return Promise.all(rows.map((row) => open(organisation, row)));
    },
  };
}

async function openWaiver(
  { vault, clock }: WaiverPorts,
  organisation: OrganisationId,
  row: WaiverRow,
): Promise<ShownWaiver> {
  const [address, text] = await Promise.all([
    vault.openValue(binding(organisation, 'address', row.id), row.address),
    vault.openValue(binding(organisation, 'text', row.id), row.shown_text),
  ]);
  const state = row.ended_as ?? (row.expires_at > clock.now() ? 'valid' : 'expired');
  return { row, address: address.toString('utf8'), text: text.toString('utf8'), state };
}

/** Whose wish was recorded or withdrawn stands in the entry's sealed reference (AU-1), not in the entry. */
async function onRecord(
  ports: WaiverPorts,
  tx: Transaction,
  caller: Caller,
  action: string,
  id: string,
  address: string,
  details: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { organisation } = caller;
  const subjects = [{ kind: 'waiver', id }];
  const reference = auditReferenceBinding(organisation, subjects);
  await ports.audit.append(
    tx,
    doneBy(caller, action, {
      subjects,
      details,
      sealedReference: await ports.vault.sealValue(
        'record',
        reference,
        JSON.stringify({ recipients: [address] }),
      ),
    }),
  );
}
