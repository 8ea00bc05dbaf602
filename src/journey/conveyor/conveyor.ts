import { randomUUID } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import type {
  ClaimedItem,
  DeliveryOutcome,
  NoticeOutcome,
  OpenedDelivery,
  OpenedNotice,
} from '#platform/record';
import { describeFault } from '#platform/runtime';
import { OutcomeBatcher } from './outcome-batcher.ts';
import { type DeliveryRun, runDelivery } from './run-delivery.ts';
import { type NoticeRunEnd, runNotice } from './run-notice.ts';
import type { ConveyorLimits, ConveyorPorts } from './stages.ts';

const LONGEST_SLEEP_MS = 1_000;
/** While work comes in, claims are so far apart, so that each takes several items: a claim costs two transactions. */
const CLAIM_EVERY_MS = 15;
/** After a claim that found less than wanted, nothing more is due for the moment. */
const NEXT_LOOK_MS = 50;
const FAULT_PAUSE_MS = 500;
const UNREADABLE_PAUSE_MS = 15 * 60_000;

/** The end of the road for one run: the tracking stage, handed in by main. */
export interface TrackPorts {
  conclude(run: DeliveryRun): DeliveryOutcome;
  concludeNotice(run: NoticeRunEnd): NoticeOutcome;
}

export interface Conveyor {
  start(): void;
  /** Stops claiming, lets what is under way end (at most `graceMs`), gives the rest back. */
  stop(graceMs: number): Promise<void>;
  /** Items under way now. */
  inFlight(): number;
}

/**
 * Lines up the stages: claims due work, opens each message once, runs its recipients side by side and commits the
 * outcomes. Leases are kept alive while work is under way; after a crash they run out and another worker goes on.
 */
export function createConveyor(ports: ConveyorPorts & TrackPorts, limits: ConveyorLimits): Conveyor {
  return new RunningConveyor(ports, limits);
}

class RunningConveyor implements Conveyor {
  readonly #ports: ConveyorPorts & TrackPorts;
  readonly #limits: ConveyorLimits;
  readonly #held = new Map<string, ClaimedItem>();
  readonly #outcomes: OutcomeBatcher<DeliveryOutcome>;
  readonly #noticeOutcomes: OutcomeBatcher<NoticeOutcome>;
  #stopping = false;
  #loop: Promise<void> | null = null;
  #keeper: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;
  #woken = false;
  /** True when more may be due than there was room for: then each item that ends makes room worth looking at. */
  #hungry = false;

  constructor(ports: ConveyorPorts & TrackPorts, limits: ConveyorLimits) {
    this.#ports = ports;
    this.#limits = limits;
    const { record, logger } = ports;
    this.#outcomes = new OutcomeBatcher(
      (organisation, list) => record.commitOutcomes(organisation, list),
      logger,
    );
    this.#noticeOutcomes = new OutcomeBatcher(
      (organisation, list) => record.commitNotices(organisation, list),
      logger,
    );
    record.onDue(() => this.#wakeUp());
  }

  start(): void {
    this.#loop = this.#run();
    this.#keeper = setInterval(() => void this.#keepLeases(), (this.#limits.leaseSeconds * 1000) / 3);
  }

  inFlight(): number {
    return this.#held.size;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#wakeUp();
    await this.#loop;
    const until = Date.now() + graceMs;
    while (this.#held.size > 0 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.#keeper) clearInterval(this.#keeper);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        const free = this.#limits.concurrency - this.#held.size;
        if (free < Math.max(1, this.#limits.concurrency / 4)) {
          this.#hungry = true;
          await this.#sleep(LONGEST_SLEEP_MS);
          continue;
        }
        this.#woken = false;
        const begun = performance.now();
        const claimed = await this.#claim(free);
        this.#hungry = claimed.length === free;
        if (claimed.length === 0) {
          await this.#sleep(await this.#idleTime());
          continue;
        }
        this.#begin(claimed);
        if (!this.#hungry) await this.#sleep(NEXT_LOOK_MS);
        const rest = begun + CLAIM_EVERY_MS - performance.now();
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      } catch (error) {
        this.#ports.logger.error('claim-failed', describeFault(error));
        await new Promise((resolve) => setTimeout(resolve, FAULT_PAUSE_MS));
      }
    }
  }

  async #claim(free: number): Promise<ClaimedItem[]> {
    const { perOrganisation, perDomain, leaseSeconds } = this.#limits;
    const claimed = await this.#ports.record.claim({
      wanted: free,
      perOrganisation: Math.min(perOrganisation, free),
      perDomain,
      busy: this.#ports.deliver.busyDestinations(),
      start: randomUUID(),
      leaseSeconds,
    });
    if (claimed.length > 0) this.#ports.reach('claimed');
    return claimed;
  }

  /** Groups by organisation, opens each group in one transaction and lets its items run. */
  #begin(claimed: readonly ClaimedItem[]): void {
    const groups = new Map<OrganisationId, ClaimedItem[]>();
    for (const item of claimed) {
      this.#held.set(item.item, item);
      const group = groups.get(item.organisation);
      if (group) group.push(item);
      else groups.set(item.organisation, [item]);
    }
    for (const [organisation, items] of groups) void this.#runGroup(organisation, items);
  }

  async #runGroup(organisation: OrganisationId, items: readonly ClaimedItem[]): Promise<void> {
    const deliveries = items.filter((item) => item.kind === 'delivery');
    const notices = items.filter((item) => item.kind === 'notice');
    const { record } = this.#ports;
    try {
      const none = { opened: [], unreadable: [] };
      const [letters, notes] = await Promise.all([
        deliveries.length > 0 ? record.openDeliveries(organisation, deliveries) : none,
        notices.length > 0 ? record.openNotices(organisation, notices) : none,
      ]);
      await Promise.all([
        ...letters.opened.map((work) => this.#runOne(organisation, work)),
        ...notes.opened.map((opened) => this.#runNotice(organisation, opened)),
        this.#setAside(organisation, [...letters.unreadable, ...notes.unreadable]),
      ]);
    } catch (error) {
      // Nothing was sent for what could not be opened; its lease runs out and it is tried again.
      this.#ports.logger.error('open-failed', { ...describeFault(error), organisation, count: items.length });
    } finally {
      for (const item of items) this.#letGo(item.item);
    }
  }

  async #runOne(organisation: OrganisationId, work: OpenedDelivery): Promise<void> {
    const run = await runDelivery(this.#ports, work);
    this.#ports.reach('before-outcome', work.delivery.id);
    await this.#outcomes.add(organisation, this.#ports.conclude(run));
    this.#ports.reach('after-outcome', work.delivery.id);
    this.#letGo(work.claim.item);
  }

  async #runNotice(organisation: OrganisationId, opened: OpenedNotice): Promise<void> {
    const run = await runNotice(this.#ports, opened);
    await this.#noticeOutcomes.add(organisation, this.#ports.concludeNotice(run));
    this.#letGo(opened.claim.item);
  }

  /** What does not open (a key destroyed, a row damaged) is kept, put aside and told; it never holds up the rest. */
  async #setAside(
    organisation: OrganisationId,
    unreadable: readonly { readonly claim: ClaimedItem; readonly fault: unknown }[],
  ): Promise<void> {
    if (unreadable.length === 0) return;
    for (const { claim, fault } of unreadable) {
      this.#ports.logger.error('work-unreadable', {
        ...describeFault(fault),
        organisation,
        delivery: claim.item,
      });
    }
    const until = new Date(this.#ports.clock.now().getTime() + UNREADABLE_PAUSE_MS);
    await this.#ports.record.postpone(
      organisation,
      unreadable.map((one) => one.claim),
      until,
    );
  }

  #letGo(item: string): void {
    if (this.#held.delete(item) && this.#hungry) this.#wakeUp();
  }

  async #keepLeases(): Promise<void> {
    const groups = new Map<OrganisationId, ClaimedItem[]>();
    for (const item of this.#held.values()) {
      const group = groups.get(item.organisation);
      if (group) group.push(item);
      else groups.set(item.organisation, [item]);
    }
    for (const [organisation, items] of groups) {
      try {
        await this.#ports.record.extendLeases(organisation, items, this.#limits.leaseSeconds);
      } catch (error) {
        this.#ports.logger.warn('lease-not-kept', {
          ...describeFault(error),
          organisation,
          count: items.length,
        });
      }
    }
  }

  async #idleTime(): Promise<number> {
    const next = await this.#ports.record.millisecondsToNextDue();
    // Due but not claimable now (busy destination, locked by another worker): look again soon.
    return next === null ? LONGEST_SLEEP_MS : Math.max(20, Math.min(next, LONGEST_SLEEP_MS));
  }

  #sleep(ms: number): Promise<void> {
    if (this.#woken || this.#stopping) {
      this.#woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wakeUp(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake) wake();
    else this.#woken = true;
  }
}
