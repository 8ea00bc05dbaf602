import type { OrganisationId } from '#core/ids';
import { type Database, DatabaseUnavailable, type Transaction } from '#platform/database';
import { type Clock, describeFault, type Logger } from '#platform/runtime';
import { auditOrigin, signCheckpoint } from './checkpoint.ts';
import { Frontier } from './frontier.ts';
import { HASH_BYTES, splitHashes } from './merkle.ts';
import type { NoteSigner } from './note.ts';
import { consistencyProof } from './proofs.ts';
import {
  insertCheckpoint,
  insertTiles,
  type LogHead,
  lockLog,
  markWitnessed,
  newestCheckpoint,
  placeEntries,
  readHead,
  unwitnessedOrganisations,
  waitingOrganisations,
} from './sequence.store.ts';
import { LogDamaged, loadFrontier, subtreeReader } from './tree.ts';
import type { Witness } from './witness.ts';

/** Something a person must look at. Repeated each round until it is over. */
export interface AuditAlarm {
  readonly organisation: OrganisationId;
  /** `damaged`: nothing more is placed. `witness-refused`: the witness holds another history. `failed`: a fault. */
  readonly kind: 'damaged' | 'witness-refused' | 'failed';
  readonly reason: string;
}

export interface SequenceReport {
  readonly placed: number;
  readonly checkpoints: number;
  readonly witnessed: number;
  readonly alarms: readonly AuditAlarm[];
}

export interface SequencerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly signer: (organisation: OrganisationId) => Promise<NoteSigner>;
  readonly witness: Witness | null;
  readonly logger: Logger;
  /** Most entries placed by one transaction; default 20,000. */
  readonly batch?: number;
}

/** Batches for one organisation before the others have their turn. */
const MOST_ROUNDS = 20;
/** Right edges kept in memory, some ten kilobytes each; those used longest ago go first. */
const MOST_EDGES = 1000;

/** Gives entries their places, signs checkpoints and hands them to the witness. One per process is enough. */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #batch: number;
  readonly #edges = new Map<OrganisationId, Frontier>();

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#batch = options.batch ?? 20_000;
  }

  /** One round over the given organisation, or over all that have something waiting. */
  async run(only?: OrganisationId): Promise<SequenceReport> {
    const { database, witness } = this.#options;
    const total = { placed: 0, checkpoints: 0, witnessed: 0 };
    const alarms: AuditAlarm[] = [];
    const waiting = only === undefined ? await database.system('worker', waitingOrganisations) : [only];
    for (const organisation of waiting) {
      await this.#guard(organisation, alarms, async () => {
        for (let round = 0; round < MOST_ROUNDS; round += 1) {
          const placed = await this.#place(organisation);
          total.placed += placed;
          total.checkpoints += placed > 0 ? 1 : 0;
          if (placed < this.#batch) break;
        }
      });
    }
    if (witness !== null) {
      const open = only === undefined ? await database.system('worker', unwitnessedOrganisations) : [only];
      for (const organisation of open) {
        await this.#guard(organisation, alarms, async () => {
          const outcome = await this.#handOver(organisation, witness);
          if (outcome === 'witnessed') total.witnessed += 1;
          else if (outcome !== 'nothing') {
            alarms.push(this.#alarm({ organisation, kind: 'witness-refused', reason: outcome }));
          }
        });
      }
    }
    return { ...total, alarms };
  }

  /** One organisation's trouble must not keep the others waiting; a lost database concerns them all. */
  async #guard(organisation: OrganisationId, alarms: AuditAlarm[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      this.#edges.delete(organisation);
      alarms.push(
        this.#alarm(
          error instanceof LogDamaged
            ? { organisation, kind: 'damaged', reason: error.reason }
            : { organisation, kind: 'failed', reason: describeFault(error).error ?? 'fault' },
        ),
      );
    }
  }

  #alarm(alarm: AuditAlarm): AuditAlarm {
    this.#options.logger.error(`audit.${alarm.kind}`, {
      organisation: alarm.organisation,
      reason: alarm.reason,
    });
    return alarm;
  }

  async #place(organisation: OrganisationId): Promise<number> {
    const { database, clock, signer } = this.#options;
    const signs = await signer(organisation);
    const work = async (tx: Transaction) => {
      if (!(await lockLog(tx, organisation, 'sequence'))) return null;
      const head = await readHead(tx, organisation);
      const edge = (await this.#edge(tx, organisation, head)).clone();
      const joined = await placeEntries(tx, organisation, head.size, this.#batch);
      if (joined.length === 0) return null;
      const tiles = edge.append(splitHashes(joined));
      const root = edge.root();
      const statement = {
        origin: auditOrigin(organisation),
        size: edge.size,
        root,
        previous: head.size,
        time: clock.now(),
      };
      if (tiles.length > 0) await insertTiles(tx, organisation, tiles);
      const note = signCheckpoint(statement, signs);
      await insertCheckpoint(tx, organisation, { size: edge.size, root, note });
      return { edge, placed: joined.length / HASH_BYTES };
    };
    const grown = await database.tenant([organisation], 'worker', work, 'by-key');
    if (grown === null) return 0;
    this.#keep(organisation, grown.edge);
    return grown.placed;
  }

  /**
   * The right edge at the log's head: from memory, or rebuilt. Throws LogDamaged when the head is not what was signed
   * last: going on would put a signature under somebody else's history.
   */
  async #edge(tx: Transaction, organisation: OrganisationId, head: LogHead): Promise<Frontier> {
    if ((head.signedSize ?? 0) !== head.size) throw new LogDamaged('head-unsigned');
    if (head.signedRoot === null) return new Frontier();
    const kept = this.#edges.get(organisation);
    const edge = kept?.size === head.size ? kept : await loadFrontier(tx, organisation, head.size);
    if (!edge.root().equals(head.signedRoot)) throw new LogDamaged('root-differs');
    return edge;
  }

  #keep(organisation: OrganisationId, edge: Frontier): void {
    this.#edges.delete(organisation);
    this.#edges.set(organisation, edge);
    if (this.#edges.size > MOST_EDGES) {
      for (const oldest of this.#edges.keys()) {
        this.#edges.delete(oldest);
        break;
      }
    }
  }

  /**
   * Shows the newest checkpoint to the witness. In a transaction, so that two processes take turns; publishing the
   * same checkpoint again is harmless, so a repeated transaction is too.
   */
  async #handOver(organisation: OrganisationId, witness: Witness): Promise<string> {
    const { database, clock } = this.#options;
    return database.tenant([organisation], 'worker', async (tx) => {
      if (!(await lockLog(tx, organisation, 'witness'))) return 'nothing';
      const newest = await newestCheckpoint(tx, organisation);
      if (newest === undefined || newest.witnessed) return 'nothing';
      const held = await witness.latest(organisation);
      const from = Math.min(held?.size ?? 0, newest.size);
      const kept = this.#edges.get(organisation);
      const edge = kept?.size === newest.size ? kept : await loadFrontier(tx, organisation, newest.size);
      const path = await consistencyProof(subtreeReader(tx, organisation, edge), from, newest.size);
      const answer = await witness.publish(organisation, newest.note, { from, path });
      switch (answer.kind) {
        case 'witnessed':
          await markWitnessed(tx, organisation, newest.size, clock.now());
          return 'witnessed';
        case 'stale':
          return 'nothing'; // somebody else published in between; the next round starts from there
        case 'refused':
          return answer.reason;
      }
    });
  }
}
