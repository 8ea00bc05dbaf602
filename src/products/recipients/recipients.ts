import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { ChallengeQuestion, RecipientRecordPort } from '#core/recipient';
import type { Database, Transaction } from '#platform/database';
import { parseAddress } from '#platform/mail';
import type { RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import { parseNumber } from '#platform/text';
import type { Vault } from '#platform/vault';
import { answerFits, answerOnRecord, sealAnswer } from './answer.ts';
import {
  deleteRecipient,
  findRecipient,
  insertRecipient,
  listRecipients,
  type RecipientRow,
  recipientById,
  updateRecipient,
} from './recipient.store.ts';
import {
  type Fallback,
  openRecord,
  type RecipientRecord,
  recipientIndex,
  recordBinding,
} from './recipient-record.ts';

export interface RecipientPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  /** Whether a number said STOP, and putting that on record. */
  readonly stops: {
    stopped(tx: Transaction, organisation: OrganisationId, number: string): Promise<boolean>;
    setStopped(
      tx: Transaction,
      organisation: OrganisationId,
      number: string,
      stopped: boolean,
      by: Caller['actor'],
    ): Promise<boolean>;
  };
}

/** What staff put down. An answer that is left out stays as it is, where the question does. */
export interface GivenRecord {
  readonly mobile: string | null;
  /** The owner of the number said STOP. */
  readonly stopped: boolean;
  readonly challenge: (ChallengeQuestion & { readonly answer: string | null }) | null;
  readonly fallback: Fallback | null;
}

export type ShownRecord = RecipientRecord & { readonly stopped: boolean };

/** Records of recipients. `record` and `number` are the doors for other rooms, in their transaction. */
export interface Recipients extends RecipientRecordPort<Transaction> {
  number(tx: Transaction, organisation: OrganisationId, recipient: Address): Promise<string | null>;
  record(tx: Transaction, organisation: OrganisationId, recipient: Address): Promise<RecipientRecord | null>;
  list(caller: Caller, before: string | null, limit: number): Promise<readonly ShownRecord[]>;
  /** By exact address; null where there is none. Refusal `invalid-address`. */
  search(caller: Caller, address: string): Promise<ShownRecord | null>;
  /** Refusal `not-found`. */
  read(caller: Caller, id: string): Promise<ShownRecord>;
  /** Refusals: `invalid-address`, `invalid` with a path and reason, `already-exists`. */
  create(caller: Caller, address: string, given: GivenRecord): Promise<ShownRecord>;
  /** Refusals: `not-found`, `version-conflict`, `invalid` with a path and reason. */
  replace(caller: Caller, id: string, version: number, given: GivenRecord): Promise<ShownRecord>;
  /** Refusals: `not-found`, `version-conflict`. */
  remove(caller: Caller, id: string, version: number): Promise<void>;
}

export function createRecipients(ports: RecipientPorts): Recipients {
  const { database, vault, clock, stops } = ports;
  const rowOf = async (tx: Transaction, organisation: OrganisationId, recipient: Address) =>
    findRecipient(tx, organisation, await recipientIndex(vault, organisation, recipient));
  const show = async (
    tx: Transaction,
    organisation: OrganisationId,
    row: RecipientRow,
  ): Promise<ShownRecord> => {
    const record = await openRecord(vault, organisation, row);
    const stopped = record.mobile !== null && (await stops.stopped(tx, organisation, record.mobile));
    return { ...record, stopped };
  };
  const inTenant = <T>(caller: Caller, work: (tx: Transaction) => Promise<T>) =>
    database.tenant([caller.organisation], 'app', work);
  const standing = async (tx: Transaction, { organisation }: Caller, id: string, version: number) => {
    const row = await recipientById(tx, organisation, id, 'lock');
    if (row === undefined) throw new Refusal('not-found');
    if (row.version !== version) throw new Refusal('version-conflict', { version: row.version });
    return row;
  };
  return {
    async number(tx, organisation, recipient) {
      const row = await rowOf(tx, organisation, recipient);
      if (row === undefined || row.mobile === null) return null;
      const opened = await vault.openValue(recordBinding(organisation, 'mobile', row.id), row.mobile);
      return opened.toString('utf8');
    },
    async record(tx, organisation, recipient) {
      const row = await rowOf(tx, organisation, recipient);
      return row === undefined ? null : openRecord(vault, organisation, row);
    },
    async challenge(tx, organisation, recipient) {
      const row = await rowOf(tx, organisation, recipient);
      return row === undefined ? null : (await openRecord(vault, organisation, row)).challenge;
    },
    async answers(tx, organisation, recipient, answer) {
      const row = await rowOf(tx, organisation, recipient);
      if (row === undefined || row.challenge_kind === null || row.challenge_mac === null) return false;
      const { id, challenge_kind: kind, challenge_mac: stored } = row;
      return answerFits(vault, organisation, id, kind, answer, stored, clock.now());
    },
    list: (caller, before, limit) =>
      inTenant(caller, async (tx) => {
        const rows = await listRecipients(tx, caller.organisation, before, limit);
        const ids = rows.map(({ id }) => id);
        await onRecord(ports, tx, caller, {
          action: 'recipients.listed',
          ids,
          details: { count: ids.length },
        });
        return Promise.all(rows.map((row) => show(tx, caller.organisation, row)));
      }),
    search(caller, text) {
      const address = addressOf(text, 'address');
      return inTenant(caller, async (tx) => {
        const row = await rowOf(tx, caller.organisation, address);
        const ids = row === undefined ? [] : [row.id];
        await onRecord(ports, tx, caller, {
          action: 'recipients.searched',
          ids,
          details: { found: ids.length },
        });
        return row === undefined ? null : show(tx, caller.organisation, row);
      });
    },
    read: (caller, id) =>
      inTenant(caller, async (tx) => {
        const row = await recipientById(tx, caller.organisation, id);
        if (row === undefined) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, { action: 'recipient.viewed', ids: [id], details: {} });
        return show(tx, caller.organisation, row);
      }),
    create(caller, text, given) {
      const address = addressOf(text, 'address');
      const { organisation } = caller;
      return inTenant(caller, async (tx) => {
        const index = await recipientIndex(vault, organisation, address);
        const row = await makeRow(
          ports,
          caller,
          { id: newId(clock), address: addressText(address), before: null },
          given,
        );
        if (!(await insertRecipient(tx, organisation, index, row)))
          throw new Refusal('already-exists', { path: 'address' });
        return written(ports, tx, caller, row, given, 'recipient.recorded', show);
      });
    },
    replace: (caller, id, version, given) =>
      inTenant(caller, async (tx) => {
        const before = await standing(tx, caller, id, version);
        const { address } = await openRecord(vault, caller.organisation, before);
        const row = await makeRow(ports, caller, { id, address, before }, given);
        await updateRecipient(tx, caller.organisation, row);
        return written(ports, tx, caller, row, given, 'recipient.changed', show);
      }),
    remove: (caller, id, version) =>
      inTenant(caller, async (tx) => {
        const { address } = await openRecord(
          vault,
          caller.organisation,
          await standing(tx, caller, id, version),
        );
        await deleteRecipient(tx, caller.organisation, id);
        await onRecord(ports, tx, caller, { action: 'recipient.removed', ids: [id], details: {}, address });
      }),
  };
}

function addressOf(text: string, path: string): Address {
  const address = parseAddress(text.trim());
  if (address === null) throw new Refusal('invalid-address', { path });
  return address;
}

/** Checks and seals what was given. */
async function makeRow(
  { vault, clock }: RecipientPorts,
  { organisation, actor }: Caller,
  place: { readonly id: string; readonly address: string; readonly before: RecipientRow | null },
  given: GivenRecord,
): Promise<RecipientRow> {
  const { id, before } = place;
  const seal = (field: 'address' | 'mobile' | 'prompt' | 'fallback-address', plain: string | null) =>
    plain === null ? null : vault.sealValue('configuration', recordBinding(organisation, field, id), plain);
  const mobile = given.mobile === null ? null : parseNumber(given.mobile);
  if (given.mobile !== null && mobile === null)
    throw new Refusal('invalid', { path: 'mobile', reason: 'not-e164' });
  if (given.stopped && mobile === null)
    throw new Refusal('invalid', { path: 'stopped', reason: 'no-number' });
  if (given.fallback?.kind === 'text' && mobile === null)
    throw new Refusal('invalid', { path: 'fallback', reason: 'no-number' });
  const fallback = fallbackAddress(place.address, given.fallback);
  const [address, sealedMobile, prompt, sealedFallback] = await Promise.all([
    seal('address', place.address),
    seal('mobile', mobile),
    seal('prompt', given.challenge?.prompt ?? null),
    seal('fallback-address', fallback),
  ]);
  if (address === null) throw new Error('a record without an address');
  return {
    id,
    address,
    mobile: sealedMobile,
    challenge_kind: given.challenge?.kind ?? null,
    challenge_prompt: prompt,
    challenge_mac: await answerMac(vault, organisation, id, given.challenge, before, clock.now()),
    fallback_kind: given.fallback?.kind ?? null,
    fallback_address: sealedFallback,
    fallback_same_person: given.fallback?.kind === 'address' && given.fallback.samePerson,
    version: (before?.version ?? 0) + 1,
    changed_by: actor,
    changed_at: clock.now(),
  };
}

function fallbackAddress(own: string, fallback: Fallback | null): string | null {
  if (fallback?.kind !== 'address') return null;
  const address = addressText(addressOf(fallback.address, 'fallback.address'));
  if (address.toLowerCase() === own.toLowerCase())
    throw new Refusal('invalid', { path: 'fallback.address', reason: 'same-address' });
  return address;
}

async function answerMac(
  vault: Vault,
  organisation: OrganisationId,
  id: string,
  challenge: GivenRecord['challenge'],
  before: RecipientRow | null,
  now: Date,
): Promise<Buffer | null> {
  if (challenge === null) return null;
  if (challenge.answer === null) {
    if (before === null || before.challenge_kind !== challenge.kind)
      throw new Refusal('invalid', { path: 'challenge.answer', reason: 'needed' });
    return before.challenge_mac;
  }
  const answer = answerOnRecord(challenge.kind, challenge.answer.trim(), now);
  if (answer === null) {
    const reason = challenge.kind === 'date-of-birth' ? 'not-a-date' : 'too-short';
    throw new Refusal('invalid', { path: 'challenge.answer', reason });
  }
  return sealAnswer(vault, organisation, id, challenge.kind, answer);
}

/** The STOP, the audit entry and the record as it stands now, after a record was written. */
async function written(
  ports: RecipientPorts,
  tx: Transaction,
  caller: Caller,
  row: RecipientRow,
  given: GivenRecord,
  action: string,
  show: (tx: Transaction, organisation: OrganisationId, row: RecipientRow) => Promise<ShownRecord>,
): Promise<ShownRecord> {
  const { organisation, actor } = caller;
  const mobile = given.mobile === null ? null : parseNumber(given.mobile);
  const stopChanged =
    mobile !== null && (await ports.stops.setStopped(tx, organisation, mobile, given.stopped, actor));
  const shown = await show(tx, organisation, row);
  await onRecord(ports, tx, caller, {
    action,
    ids: [row.id],
    address: shown.address,
    details: {
      number: row.mobile !== null,
      challenge: row.challenge_kind,
      answerGiven: given.challenge !== null && given.challenge.answer !== null,
      fallback: row.fallback_kind,
      samePerson: row.fallback_same_person,
      stopped: shown.stopped,
      stopChanged,
    },
  });
  return shown;
}

/** Who is on record is PHI: looks and changes are entries; a change names the recipient in its sealed reference. */
async function onRecord(
  ports: Pick<RecipientPorts, 'audit' | 'vault'>,
  tx: Transaction,
  caller: Caller,
  entry: {
    readonly action: string;
    readonly ids: readonly string[];
    readonly details: Readonly<Record<string, string | number | boolean | null>>;
    readonly address?: string;
  },
): Promise<void> {
  const { organisation } = caller;
  const subjects = entry.ids.map((id) => ({ kind: 'recipient', id }));
  await ports.audit.append(tx, {
    organisation,
    action: entry.action,
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects,
    details: entry.details,
    sealedReference:
      entry.address === undefined
        ? null
        : await ports.vault.sealValue(
            'record',
            auditReferenceBinding(organisation, subjects),
            JSON.stringify({ recipients: [entry.address] }),
          ),
    request: caller.request,
  });
}
