import type { OrganisationId } from '#core/ids';
import { DatabaseUnavailable } from '#platform/database';
import { describeFault, type Logger } from '#platform/runtime';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** A commit waits so long for company: it costs eight statements and a flush, whether for one outcome or for twenty. */
const GATHER_MS = 25;
/** After so many refusals, an outcome that stands alone is offered in its lesser form too. */
const REFUSALS_TO_LESSER = 3;

interface Waiting<Outcome> {
  readonly outcome: Outcome;
  readonly lesser: (() => Outcome) | undefined;
  done(): void;
}

/**
 * Groups outcomes of one organisation into one commit: those that end within a few milliseconds of each other, and
 * whatever came in while the last commit ran. A failed commit is tried again until it succeeds, because the peer has
 * the mail already: forgetting would send it twice. Resolves when the outcome is durable.
 *
 * When the database is there and still refuses a batch, each of its outcomes is committed by itself: one that cannot
 * be written (a value from a hostile peer, a portal copy that has gone) must not hold up the others.
 */
export class OutcomeBatcher<Outcome> {
  readonly #commit: (organisation: OrganisationId, outcomes: readonly Outcome[]) => Promise<unknown>;
  readonly #logger: Logger;
  readonly #most: number;
  readonly #waiting = new Map<OrganisationId, Waiting<Outcome>[]>();
  readonly #running = new Set<OrganisationId>();
  #stopped = false;

  constructor(
    commit: (organisation: OrganisationId, outcomes: readonly Outcome[]) => Promise<unknown>,
    logger: Logger,
    most = 200,
  ) {
    this.#commit = commit;
    this.#logger = logger;
    this.#most = most;
  }

  /** `lesser` says less than the outcome and is written where the record goes on refusing the whole. */
  add(organisation: OrganisationId, outcome: Outcome, lesser?: () => Outcome): Promise<void> {
    return new Promise((resolve) => {
      const list = this.#waiting.get(organisation) ?? [];
      list.push({ outcome, lesser, done: resolve });
      this.#waiting.set(organisation, list);
      if (this.#running.has(organisation)) return;
      this.#running.add(organisation);
      void this.#drain(organisation);
    });
  }

  /** Ends the retries: what is not committed by now is found again when its lease has run out. */
  stop(): void {
    this.#stopped = true;
  }

  async #drain(organisation: OrganisationId): Promise<void> {
    for (;;) {
      await wait(GATHER_MS);
      const list = this.#waiting.get(organisation) ?? [];
      const batch = list.splice(0, this.#most);
      if (batch.length === 0) {
        this.#waiting.delete(organisation);
        this.#running.delete(organisation);
        return;
      }
      await this.#commitBatch(organisation, batch);
    }
  }

  async #commitBatch(organisation: OrganisationId, batch: readonly Waiting<Outcome>[]): Promise<void> {
    let pause = FIRST_RETRY_MS;
    for (;;) {
      const end = await this.#try(
        organisation,
        batch.map((one) => one.outcome),
      );
      if (end === 'committed') {
        for (const one of batch) one.done();
        return;
      }
      if (end === 'refused') {
        for (const one of batch) void this.#commitAlone(organisation, one);
        return;
      }
      if (this.#stopped) return;
      await wait(pause);
      pause = Math.min(pause * 2, LONGEST_RETRY_MS);
    }
  }

  async #commitAlone(organisation: OrganisationId, one: Waiting<Outcome>): Promise<void> {
    let pause = FIRST_RETRY_MS;
    let refusals = 0;
    while (!this.#stopped) {
      const end = await this.#try(organisation, [one.outcome]);
      if (end === 'refused') refusals += 1;
      const lesser = end === 'refused' && refusals >= REFUSALS_TO_LESSER ? one.lesser?.() : undefined;
      const written =
        end === 'committed' ||
        (lesser !== undefined && (await this.#try(organisation, [lesser])) === 'committed');
      if (written) {
        one.done();
        return;
      }
      await wait(pause);
      pause = Math.min(pause * 2, LONGEST_RETRY_MS);
    }
  }

  /** `away`: the database cannot be reached, nothing is wrong with the outcomes. */
  async #try(
    organisation: OrganisationId,
    outcomes: readonly Outcome[],
  ): Promise<'committed' | 'away' | 'refused'> {
    try {
      await this.#commit(organisation, outcomes);
      return 'committed';
    } catch (error) {
      const count = outcomes.length;
      this.#logger.error('outcome-commit-failed', { ...describeFault(error), organisation, count });
      return error instanceof DatabaseUnavailable ? 'away' : 'refused';
    }
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
