import type { OrganisationId } from '#core/ids';
import { describeFault, type Logger } from '#platform/runtime';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** A commit waits so long for company: it costs eight statements and a flush, whether for one outcome or for twenty. */
const GATHER_MS = 10;

interface Waiting<Outcome> {
  readonly outcome: Outcome;
  done(): void;
}

/**
 * Groups outcomes of one organisation into one commit: those that end within a few milliseconds of each other, and
 * whatever came in while the last commit ran. A failed commit is tried again until it succeeds, because the peer has
 * the mail already: forgetting would send it twice. Resolves when the outcome is durable.
 */
export class OutcomeBatcher<Outcome> {
  readonly #commit: (organisation: OrganisationId, outcomes: readonly Outcome[]) => Promise<unknown>;
  readonly #logger: Logger;
  readonly #most: number;
  readonly #waiting = new Map<OrganisationId, Waiting<Outcome>[]>();
  readonly #running = new Set<OrganisationId>();

  constructor(
    commit: (organisation: OrganisationId, outcomes: readonly Outcome[]) => Promise<unknown>,
    logger: Logger,
    most = 200,
  ) {
    this.#commit = commit;
    this.#logger = logger;
    this.#most = most;
  }

  add(organisation: OrganisationId, outcome: Outcome): Promise<void> {
    return new Promise((resolve) => {
      const list = this.#waiting.get(organisation) ?? [];
      list.push({ outcome, done: resolve });
      this.#waiting.set(organisation, list);
      if (this.#running.has(organisation)) return;
      this.#running.add(organisation);
      void this.#drain(organisation);
    });
  }

  async #drain(organisation: OrganisationId): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const list = this.#waiting.get(organisation) ?? [];
      const batch = list.splice(0, this.#most);
      if (batch.length === 0) {
        this.#waiting.delete(organisation);
        this.#running.delete(organisation);
        return;
      }
      await this.#commitSurely(
        organisation,
        batch.map((one) => one.outcome),
      );
      for (const one of batch) one.done();
    }
  }

  async #commitSurely(organisation: OrganisationId, outcomes: readonly Outcome[]): Promise<void> {
    let pause = FIRST_RETRY_MS;
    for (;;) {
      try {
        await this.#commit(organisation, outcomes);
        return;
      } catch (error) {
        this.#logger.error('outcome-commit-failed', {
          ...describeFault(error),
          organisation,
          count: outcomes.length,
        });
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, LONGEST_RETRY_MS);
      }
    }
  }
}
