import { randomUUID } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import type {
  ClaimedItem,
  DeliveryOutcome,
  NoticeOutcome,
  OpenedDelivery,
  OpenedNotice,
  Unreadable,
} from '#platform/record';
import { describeFault } from '#platform/runtime';
import { KeyShredded } from '#platform/vault';
import { OutcomeBatcher } from './outcome-batcher.ts';
import { type DeliveryRun, lesserRun, runDelivery } from './run-delivery.ts';
import { runInbound } from './run-inbound.ts';
import { type NoticeRunEnd, runNotice } from './run-notice.ts';
import { shareOfSlots } from './slots.ts';
import type { ConveyorLimits, ConveyorPorts } from './stages.ts';

const LONGEST_SLEEP_MS = 250;
/** While work comes in, claims are so far apart, so that each takes several items: a claim costs two transactions. */
const CLAIM_EVERY_MS = 25;
/** After a claim that found less than wanted, nothing more is due for the moment. */
const NEXT_LOOK_MS = 50;
/** While the slots are taken, looks for newcomers are so far apart. */
const RESERVE_LOOK_MS = 100;
/** While nothing is due, looks come further and further apart, up to LONGEST_SLEEP_MS. */
const FIRST_IDLE_MS = 50;
const FAULT_PAUSE_MS = 500;
const UNREADABLE_PAUSE_MS = 15 * 60_000;

/** The end of the road for one run: the tracking stage, handed in by main. */
export interface TrackPorts {
  conclude(run: DeliveryRun): DeliveryOutcome;
  concludeNotice(run: NoticeRunEnd): NoticeOutcome;
}

export interface Conveyor {
  start(): void;
  /** Stops claiming and lets what is under way end, at most `graceMs`. The leases of the rest run out by themselves. */
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

/** An item in hand. A lease that ran out and was taken again by this process gives it a newer claim. */
interface Hold {
  claim: ClaimedItem;
  /** Monotonic milliseconds until which nobody else can have claimed it. */
  leaseEnds: number;
}

class RunningConveyor implements Conveyor {
  readonly #ports: ConveyorPorts & TrackPorts;
  readonly #limits: ConveyorLimits;
  readonly #held = new Map<string, Hold>();
  readonly #outcomes: OutcomeBatcher<DeliveryOutcome>;
  readonly #noticeOutcomes: OutcomeBatcher<NoticeOutcome>;
  #stopping = false;
  #loop: Promise<void> | null = null;
  #keeper: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;
  #woken = false;
  /** True when more may be due than there was room for: then each item that ends makes room worth looking at. */
  #hungry = false;
  /** The round over organisations goes on behind the one that was served last, so that everybody has a turn. */
  #servedLast: string = randomUUID();
  #idleMs = FIRST_IDLE_MS;
  /** Monotonic milliseconds of the next look for newcomers while the slots are taken. */
  #newcomersNext = 0;

  constructor(ports: ConveyorPorts & TrackPorts, limits: ConveyorLimits) {
    this.#ports = ports;
    this.#limits = limits;
    const { record, logger } = ports;
    this.#outcomes = new OutcomeBatcher(
      (organisation, list) =>
        record.commitOutcomes(
          organisation,
          list.map((one) => this.#withNewestClaim(one)),
        ),
      logger,
    );
    this.#noticeOutcomes = new OutcomeBatcher(
      (organisation, list) =>
        record.commitNotices(
          organisation,
          list.map((one) => ({ ...one, fence: this.#held.get(one.id)?.claim.fence ?? one.fence })),
        ),
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
    this.#outcomes.stop();
    this.#noticeOutcomes.stop();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        const free = this.#limits.concurrency - this.#held.size;
        if (free < Math.max(1, this.#limits.concurrency / 4)) {
          this.#hungry = true;
          await this.#serveNewcomers();
          continue;
        }
        this.#woken = false;
        const begun = performance.now();
        const leaseEnds = this.#leaseEnd();
        const claimed = await this.#claim(false);
        this.#hungry = claimed.length === free;
        if (claimed.length === 0) {
          await this.#sleep(this.#idleMs);
          this.#idleMs = Math.min(this.#idleMs * 2, LONGEST_SLEEP_MS);
          continue;
        }
        this.#idleMs = FIRST_IDLE_MS;
        this.#begin(claimed, leaseEnds);
        if (!this.#hungry) await this.#sleep(NEXT_LOOK_MS);
        const rest = begun + CLAIM_EVERY_MS - performance.now();
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      } catch (error) {
        this.#ports.logger.error('claim-failed', describeFault(error));
        await new Promise((resolve) => setTimeout(resolve, FAULT_PAUSE_MS));
      }
    }
  }

  /** The slots are taken: only who has next to nothing in hand is served, out of the reserve. */
  async #serveNewcomers(): Promise<void> {
    const wait = this.#newcomersNext - performance.now();
    if (wait > 0 || this.#held.size >= this.#limits.concurrency + this.#limits.reserve) {
      await this.#sleep(wait > 0 ? wait : LONGEST_SLEEP_MS);
      return;
    }
    this.#newcomersNext = performance.now() + RESERVE_LOOK_MS;
    const leaseEnds = this.#leaseEnd();
    this.#begin(await this.#claim(true), leaseEnds);
  }

  async #claim(newcomersOnly: boolean): Promise<ClaimedItem[]> {
    const inHand = [...this.#held.values()].map((hold) => hold.claim);
    const shares = shareOfSlots(inHand, this.#limits);
    const claimed = await this.#ports.record.claim({
      ...shares,
      free: newcomersOnly ? 0 : shares.free,
      busy: this.#ports.deliver.busyDestinations(),
      start: this.#servedLast,
      leaseSeconds: this.#limits.leaseSeconds,
    });
    const last = claimed.at(-1);
    if (last) {
      this.#servedLast = last.organisation;
      this.#ports.reach('claimed');
    }
    return claimed;
  }

  /** Groups by organisation, opens each group in one transaction and lets its items run. */
  #begin(claimed: readonly ClaimedItem[], leaseEnds: number): void {
    const groups = new Map<OrganisationId, Hold[]>();
    for (const claim of claimed) {
      const underWay = this.#held.get(claim.item);
      if (underWay) {
        // Its lease ran out while the database was away, and this process still has it in hand: the run that began
        // goes on under the new claim, because a second one would send again what the first has sent.
        underWay.claim = claim;
        underWay.leaseEnds = leaseEnds;
        continue;
      }
      const hold = { claim, leaseEnds };
      this.#held.set(claim.item, hold);
      const group = groups.get(claim.organisation);
      if (group) group.push(hold);
      else groups.set(claim.organisation, [hold]);
    }
    for (const [organisation, holds] of groups) void this.#runGroup(organisation, holds);
  }

  async #runGroup(organisation: OrganisationId, holds: readonly Hold[]): Promise<void> {
    const claims = holds.map((one) => one.claim);
    const byItem = new Map<string, Hold>(holds.map((one) => [one.claim.item, one]));
    const deliveries = claims.filter((claim) => claim.kind === 'delivery');
    const notices = claims.filter((claim) => claim.kind === 'notice');
    const { record } = this.#ports;
    try {
      const none = { opened: [], unreadable: [] };
      const [letters, notes] = await Promise.all([
        deliveries.length > 0 ? record.openDeliveries(organisation, deliveries) : none,
        notices.length > 0 ? record.openNotices(organisation, notices) : none,
      ]);
      const ends = await Promise.allSettled([
        ...letters.opened.map((work) => this.#runOne(organisation, work, byItem.get(work.claim.item))),
        ...notes.opened.map((opened) => this.#runNotice(organisation, opened, byItem.get(opened.claim.item))),
        this.#setAside(organisation, [...letters.unreadable, ...notes.unreadable]),
      ]);
      for (const end of ends) {
        if (end.status === 'rejected') {
          this.#ports.logger.error('run-failed', { ...describeFault(end.reason), organisation });
        }
      }
    } catch (error) {
      // Nothing was sent for what could not be opened; its lease runs out and it is tried again.
      this.#ports.logger.error('open-failed', { ...describeFault(error), organisation, count: holds.length });
    } finally {
      for (const hold of holds) this.#letGo(hold);
    }
  }

  async #runOne(organisation: OrganisationId, work: OpenedDelivery, hold: Hold | undefined): Promise<void> {
    const mine = () => hold !== undefined && performance.now() < hold.leaseEnds;
    const inbound = work.opened.message.source === 'inbound';
    const run = await (inbound ? runInbound : runDelivery)(this.#ports, work, mine);
    this.#ports.reach('before-outcome', work.delivery.id);
    await this.#outcomes.add(organisation, this.#ports.conclude(run), () =>
      this.#ports.conclude(lesserRun(this.#ports, run)),
    );
    this.#ports.reach('after-outcome', work.delivery.id);
    this.#letGo(hold);
  }

  async #runNotice(
    organisation: OrganisationId,
    opened: OpenedNotice,
    hold: Hold | undefined,
  ): Promise<void> {
    const run = await runNotice(this.#ports, opened);
    await this.#noticeOutcomes.add(organisation, this.#ports.concludeNotice(run));
    this.#letGo(hold);
  }

  /**
   * What does not open (a key destroyed, a row damaged) never holds up the rest: it is told and put aside, and ended
   * explicitly when its time is over or its key is known to be destroyed.
   */
  async #setAside(
    organisation: OrganisationId,
    unreadable: readonly Unreadable<ClaimedItem>[],
  ): Promise<void> {
    if (unreadable.length === 0) return;
    const now = this.#ports.clock.now();
    const ended: ClaimedItem[] = [];
    const later: ClaimedItem[] = [];
    for (const { claim, fault, giveUpAt } of unreadable) {
      const over = fault instanceof KeyShredded || giveUpAt === null || giveUpAt <= now;
      (over ? ended : later).push(claim);
      this.#ports.logger.error('work-unreadable', {
        ...describeFault(fault),
        organisation,
        delivery: claim.item,
        outcome: over ? 'abandoned' : 'postponed',
      });
    }
    const until = new Date(now.getTime() + UNREADABLE_PAUSE_MS);
    if (later.length > 0) await this.#ports.record.postpone(organisation, later, until);
    if (ended.length > 0) await this.#ports.record.abandon(organisation, ended);
  }

  #withNewestClaim(outcome: DeliveryOutcome): DeliveryOutcome {
    const { work } = outcome;
    const claim = this.#held.get(work.claim.item)?.claim;
    if (claim?.kind !== 'delivery' || claim.fence === work.claim.fence) return outcome;
    return { ...outcome, work: { ...work, claim } };
  }

  /** By identity: the same item may be in hand again, claimed anew after it was put off. */
  #letGo(hold: Hold | undefined): void {
    if (hold === undefined || this.#held.get(hold.claim.item) !== hold) return;
    this.#held.delete(hold.claim.item);
    if (this.#hungry) this.#wakeUp();
  }

  /** Taken before the database is asked, so that the lease never seems longer than it is. */
  #leaseEnd(): number {
    return performance.now() + this.#limits.leaseSeconds * 1000;
  }

  async #keepLeases(): Promise<void> {
    const groups = Map.groupBy(this.#held.values(), (hold) => hold.claim.organisation);
    for (const [organisation, holds] of groups) {
      try {
        const leaseEnds = this.#leaseEnd();
        const claims = holds.map((hold) => hold.claim);
        const kept = await this.#ports.record.extendLeases(organisation, claims, this.#limits.leaseSeconds);
        for (const hold of holds) if (kept.has(hold.claim.item)) hold.leaseEnds = leaseEnds;
      } catch (error) {
        this.#ports.logger.warn('lease-not-kept', {
          ...describeFault(error),
          organisation,
          count: holds.length,
        });
      }
    }
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
