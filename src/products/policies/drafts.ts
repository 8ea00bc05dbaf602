import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Database } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import {
  type DraftRow,
  deleteDraft,
  draftById,
  insertDraft,
  listDrafts,
  updateDraft,
} from './draft.store.ts';
import { onRecord } from './on-record.ts';
import { type GivenPolicy, normalise, type PolicyDocument, readDocument } from './policy-document.ts';

export interface DraftPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

/** A policy that is not in force: it may be unfinished, so nothing is validated until it is turned on. */
export interface Draft {
  readonly id: string;
  readonly name: string;
  readonly document: PolicyDocument;
  /** The version it was made from. */
  readonly baseVersion: number;
  /** Counts its savings; a saving names the one it starts from. */
  readonly revision: number;
  readonly createdBy: Actor;
  readonly createdAt: Date;
  readonly changedBy: Actor;
  readonly changedAt: Date;
}

export interface GivenDraft {
  readonly name: string;
  readonly document: GivenPolicy;
}

/** Enough for people; a store for nothing else. */
const MOST_DRAFTS = 50;

export interface Drafts {
  list(caller: Caller): Promise<readonly Draft[]>;
  /** Refusal `not-found`. */
  read(caller: Caller, id: string): Promise<Draft>;
  /** Refusal `limit-reached` at 50 drafts. */
  make(caller: Caller, given: GivenDraft & { readonly baseVersion: number }): Promise<Draft>;
  /** Refusals: `not-found`, `version-conflict` where somebody else has saved it since `revision`. */
  save(caller: Caller, id: string, revision: number, given: GivenDraft): Promise<Draft>;
  /** Refusal `not-found`. */
  drop(caller: Caller, id: string): Promise<void>;
}

const binding = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'policy_draft.document',
  row,
});

export function createDrafts(ports: DraftPorts): Drafts {
  const { database, vault, clock } = ports;
  const seal = ({ organisation }: Caller, id: string, { name, document }: GivenDraft) =>
    vault.sealValue(
      'configuration',
      binding(organisation, id),
      JSON.stringify({ name, document: normalise(document) }),
    );
  const open = ({ organisation }: Caller, row: DraftRow) => openDraft(vault, organisation, row);
  return {
    async list(caller) {
      const rows = await database.tenant([caller.organisation], 'app', async (tx) => {
        const found = await listDrafts(tx, caller.organisation);
        await onRecord(ports, tx, caller, 'policy-drafts.listed', found.map(subjectOf));
        return found;
      });
      return Promise.all(rows.map((row) => open(caller, row)));
    },
    async read(caller, id) {
      const row = await database.tenant([caller.organisation], 'app', async (tx) => {
        const found = await draftById(tx, caller.organisation, id);
        if (!found) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'policy-draft.viewed', [subjectOf(found)]);
        return found;
      });
      return open(caller, row);
    },
    async make(caller, given) {
      const id = newId(clock);
      const row = {
        ...{ id, organisation: caller.organisation, document: await seal(caller, id, given) },
        ...{ baseVersion: given.baseVersion, by: caller.actor, at: clock.now() },
      };
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await insertDraft(tx, row, MOST_DRAFTS)))
          throw new Refusal('limit-reached', { drafts: MOST_DRAFTS });
        await onRecord(ports, tx, caller, 'policy-draft.made', [subjectOf(row)], {
          baseVersion: given.baseVersion,
        });
      });
      return {
        ...{ id, name: given.name, document: normalise(given.document) },
        ...{ baseVersion: given.baseVersion, revision: 1 },
        ...{ createdBy: row.by, createdAt: row.at, changedBy: row.by, changedAt: row.at },
      };
    },
    async save(caller, id, revision, given) {
      const document = await seal(caller, id, given);
      const row = await database.tenant([caller.organisation], 'app', async (tx) => {
        const change = { document, by: caller.actor, at: clock.now() };
        const saved = await updateDraft(tx, caller.organisation, id, revision, change);
        if (!saved) {
          const there = await draftById(tx, caller.organisation, id);
          if (!there) throw new Refusal('not-found');
          throw new Refusal('version-conflict', { newest: there.revision });
        }
        await onRecord(ports, tx, caller, 'policy-draft.changed', [subjectOf(saved)], {
          revision: saved.revision,
        });
        return saved;
      });
      return open(caller, row);
    },
    async drop(caller, id) {
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await deleteDraft(tx, caller.organisation, id))) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'policy-draft.dropped', [{ kind: 'policy-draft', id }]);
      });
    },
  };
}

const subjectOf = ({ id }: { readonly id: string }) => ({ kind: 'policy-draft', id }) as const;

async function openDraft(vault: Vault, organisation: OrganisationId, row: DraftRow): Promise<Draft> {
  const text = await vault.openValue(binding(organisation, row.id), row.document);
  // Sealed and authenticated by us: what comes out is what was put in.
  const { name, document } = JSON.parse(text.toString('utf8')) as { name: string; document: PolicyDocument };
  return {
    ...{ id: row.id, name, document: readDocument(JSON.stringify(document)) },
    ...{ baseVersion: row.base_version, revision: row.revision },
    ...{ createdBy: row.created_by, createdAt: row.created_at },
    ...{ changedBy: row.changed_by, changedAt: row.changed_at },
  };
}
