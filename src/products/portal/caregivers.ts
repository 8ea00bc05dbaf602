import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { doneBy } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import type { PortalPersonId } from '#core/ids';
import type { SensitivityClass, Stream } from '#core/method';
import type { Transaction } from '#platform/database';
import { parseAddress } from '#platform/mail';
import { newId } from '#platform/runtime';
import {
  type CaregiverRow,
  endGrant,
  endGrantBetween,
  grantById,
  insertGrant,
  listGrants,
  type Relation,
} from './caregiver.store.ts';
import { openGrantText, sealGrantText } from './caregiver-seal.ts';
import { ensurePerson } from './ensure-person.ts';
import type { PortalNeeds } from './needs.ts';
import { personAddresses } from './person-address.ts';

const DAY_MS = 86_400_000;
export const DEFAULT_DAYS = 90;
/** A year at most: access that is still wanted is granted anew, after somebody has looked. */
const LONGEST_MS = 366 * DAY_MS;
/** A minor's parent: until a day that staff name, at most until the child is of age (45 CFR 164.502(g)(3)). */
const LONGEST_PARENT_MS = 18 * 366 * DAY_MS;

/** What staff grant: who may see whose messages, which of them, and until when. */
export interface NewGrant {
  readonly patientAddress: string;
  readonly caregiverAddress: string;
  readonly relation: Relation;
  /** What the caregiver is shown in the place of the patient's address. */
  readonly label: string;
  readonly reason: string;
  readonly streams: readonly Stream[];
  /** Messages above it are not shown. `high` must be said. */
  readonly highestClass: SensitivityClass;
  readonly mayReply: boolean;
  readonly showsAddress: boolean;
  readonly notices: boolean;
  /** Null: from now. */
  readonly startsAt: Date | null;
  /** Null: 90 days from its start. */
  readonly expiresAt: Date | null;
}

export interface ShownGrant {
  readonly row: Omit<CaregiverRow, 'label' | 'reason'>;
  readonly patientAddress: string;
  readonly caregiverAddress: string;
  readonly label: string;
  readonly reason: string;
  readonly state: 'valid' | 'to-come' | 'expired' | 'withdrawn' | 'replaced';
}

/** Caregivers as staff see them. Every act is on record, looking too. */
export interface Caregivers {
  /**
   * Grants access; one that stood between the same two ends as replaced. Refusals: `invalid-address`, `invalid` with the
   * path of what is wrong, `wrong-state` when two grant at the same time.
   */
  grant(caller: Caller, given: NewGrant): Promise<ShownGrant>;
  /** Ends one at once. Refusals: `not-found`, `wrong-state` where it had ended. */
  withdraw(caller: Caller, id: string): Promise<ShownGrant>;
  list(caller: Caller, before: string | null, limit: number): Promise<readonly ShownGrant[]>;
}

export function createCaregivers(needs: PortalNeeds): Caregivers {
  const { database, clock } = needs;
  return {
    async grant(caller, given) {
      const [patientAddress, caregiverAddress] = addressesOf(given);
      const now = clock.now();
      const { startsAt, expiresAt } = periodOf(given, now);
      const { organisation, actor } = caller;
      const id = newId(clock);
      const about = { id, organisation };
      const [label, reason] = await Promise.all([
        sealGrantText(needs.vault, about, 'label', given.label),
        sealGrantText(needs.vault, about, 'reason', given.reason),
      ]);
      return database.tenant([organisation], 'app', async (tx) => {
        const patient = await ensurePerson(needs, tx, organisation, patientAddress);
        const caregiver = await ensurePerson(needs, tx, organisation, caregiverAddress);
        const between = { patient: patient.id, caregiver: caregiver.id };
        if (between.patient === between.caregiver) throw wrong('caregiverAddress');
        const before = await endGrantBetween(tx, organisation, between, {
          as: 'replaced',
          by: actor,
          at: now,
        });
        const { relation, streams, highestClass, mayReply, showsAddress, notices } = given;
        const row = {
          ...{
            id,
            organisation,
            ...between,
            relation,
            streams,
            highestClass,
            mayReply,
            showsAddress,
            notices,
          },
          ...{ label, reason, grantedBy: actor, grantedAt: now, startsAt, expiresAt },
        };
        if (!(await insertGrant(tx, row))) throw new Refusal('wrong-state');
        const details = {
          ...{ relation, highestClass, mayReply, replaces: before },
          expiresAt: expiresAt.toISOString(),
        };
        await onRecord(needs, tx, caller, 'caregiver.granted', row, details);
        return shown(needs, tx, { ...row, endedAs: null, endedBy: null, endedAt: null });
      });
    },
    async withdraw(caller, id) {
      const { organisation, actor } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const end = { as: 'withdrawn', by: actor, at: clock.now() } as const;
        const row = await endGrant(tx, organisation, id, null, end);
        if (row === undefined) {
          const there = await grantById(tx, organisation, id);
          throw new Refusal(there === undefined ? 'not-found' : 'wrong-state');
        }
        await onRecord(needs, tx, caller, 'caregiver.withdrawn', row, {});
        return shown(needs, tx, row);
      });
    },
    async list(caller, before, limit) {
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const rows = await listGrants(tx, organisation, before, limit);
        const subjects = rows.map(({ id }) => ({ kind: 'portal-caregiver', id }));
        const details = { count: rows.length };
        await needs.audit.append(tx, doneBy(caller, 'caregivers.listed', { subjects, details }));
        return Promise.all(rows.map((row) => shown(needs, tx, row)));
      });
    },
  };
}

function wrong(path: string): Refusal {
  return new Refusal('invalid', { path });
}

function addressesOf(given: NewGrant): [Address, Address] {
  const patient = parseAddress(given.patientAddress.trim());
  if (patient === null) throw new Refusal('invalid-address', { path: 'patientAddress' });
  const caregiver = parseAddress(given.caregiverAddress.trim());
  if (caregiver === null) throw new Refusal('invalid-address', { path: 'caregiverAddress' });
  return [patient, caregiver];
}

function periodOf(given: NewGrant, now: Date): { startsAt: Date; expiresAt: Date } {
  const startsAt = given.startsAt === null || given.startsAt < now ? now : given.startsAt;
  if (startsAt.getTime() - now.getTime() > LONGEST_MS) throw wrong('startsAt');
  const expiresAt = given.expiresAt ?? new Date(startsAt.getTime() + DEFAULT_DAYS * DAY_MS);
  const lasts = expiresAt.getTime() - startsAt.getTime();
  const longest = given.relation === 'parent' ? LONGEST_PARENT_MS : LONGEST_MS;
  if (!(lasts > 0 && lasts <= longest)) throw wrong('expiresAt');
  return { startsAt, expiresAt };
}

async function shown(needs: PortalNeeds, tx: Transaction, row: CaregiverRow): Promise<ShownGrant> {
  const { organisation, patient, caregiver } = row;
  const addresses = await personAddresses(needs.vault, tx, organisation, [patient, caregiver]);
  const of = (person: PortalPersonId): string => {
    const address = addresses.get(person);
    if (address === undefined) throw new Error('a portal person vanished');
    return addressText(address);
  };
  const [label, reason] = await Promise.all([
    openGrantText(needs.vault, row, 'label'),
    openGrantText(needs.vault, row, 'reason'),
  ]);
  const state = stateOf(row, needs.clock.now());
  return { row, patientAddress: of(patient), caregiverAddress: of(caregiver), label, reason, state };
}

function stateOf(row: CaregiverRow, now: Date): ShownGrant['state'] {
  if (row.endedAs !== null) return row.endedAs;
  if (row.startsAt > now) return 'to-come';
  return row.expiresAt > now ? 'valid' : 'expired';
}

/** Who may see whose messages stands in the entry's sealed reference (AU-1); the entry itself has ids and codes. */
async function onRecord(
  needs: PortalNeeds,
  tx: Transaction,
  caller: Caller,
  action: string,
  row: Pick<CaregiverRow, 'id' | 'organisation' | 'patient' | 'caregiver'>,
  details: Readonly<Record<string, string | boolean | null>>,
): Promise<void> {
  const subjects = [
    { kind: 'portal-caregiver', id: row.id },
    { kind: 'portal-person', id: row.patient },
    { kind: 'portal-person', id: row.caregiver },
  ];
  const addresses = await personAddresses(needs.vault, tx, row.organisation, [row.patient, row.caregiver]);
  await needs.audit.append(
    tx,
    doneBy(caller, action, {
      subjects,
      details,
      sealedReference: await needs.vault.sealValue(
        'record',
        auditReferenceBinding(row.organisation, subjects),
        JSON.stringify({ recipients: [...addresses.values()].map(addressText) }),
      ),
    }),
  );
}
