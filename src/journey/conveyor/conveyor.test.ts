import { afterEach, describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import { DatabaseUnavailable } from '#platform/database';
import type { ClaimedItem, ClaimRequest, DeliveryOutcome, MessageRecord } from '#platform/record';
import { silentLogger } from '#platform/runtime';
import { KeyShredded } from '#platform/vault';
import { type Conveyor, createConveyor, type TrackPorts } from './conveyor.ts';
import type { DeliveryRun } from './run-delivery.ts';
import type { ConveyorPorts } from './stages.ts';

const ONE = '019a0000-0000-7000-8000-000000000001' as OrganisationId;
const TWO = '019a0000-0000-7000-8000-000000000002' as OrganisationId;

let conveyor: Conveyor | null = null;
afterEach(() => conveyor?.stop(0));

function claimOf(organisation: OrganisationId, item: string, fence = 1): ClaimedItem {
  const message = 'message' as MessageId;
  return {
    kind: 'delivery',
    item: item as DeliveryId,
    message,
    organisation,
    domain: 'a.example',
    priority: 50,
    fence,
    late: fence > 1,
  };
}

interface Script {
  /** What each claim answers; after the last one nothing is due. */
  readonly claims: readonly (readonly ClaimedItem[])[];
  open?(items: readonly ClaimedItem[]): Promise<void>;
  commit?(outcomes: readonly DeliveryOutcome[]): Promise<void>;
  /** Items that do not open. */
  unreadable?(claim: ClaimedItem): { readonly fault: unknown; readonly giveUpAt: Date | null } | null;
}

/** A conveyor over a scripted record; messages are withdrawn, so that a run needs no stage. */
function start(script: Script) {
  const asked: ClaimRequest[] = [];
  const committed: { item: string; fence: number }[] = [];
  const postponed: string[] = [];
  const abandoned: string[] = [];
  const claims = [...script.claims];
  const record = {
    onDue: () => undefined,
    claim: async (request: ClaimRequest) => {
      asked.push(request);
      return claims.shift() ?? [];
    },
    extendLeases: async () => new Set(),
    openDeliveries: async (_organisation: OrganisationId, items: readonly ClaimedItem[]) => {
      await script.open?.(items);
      const broken = items.flatMap((claim) => {
        const why = script.unreadable?.(claim);
        return why ? [{ claim, ...why }] : [];
      });
      const readable = items.filter((claim) => !broken.some((one) => one.claim === claim));
      return {
        opened: readable.map((claim) => ({
          claim,
          delivery: { id: claim.item, attempts: 0 },
          opened: { message: { state: 'cancelled' } },
        })),
        unreadable: broken,
      };
    },
    postpone: async (_organisation: OrganisationId, items: readonly ClaimedItem[]) => {
      postponed.push(...items.map((one) => one.item));
    },
    abandon: async (_organisation: OrganisationId, items: readonly ClaimedItem[]) => {
      abandoned.push(...items.map((one) => one.item));
    },
    commitOutcomes: async (_organisation: OrganisationId, outcomes: readonly DeliveryOutcome[]) => {
      await script.commit?.(outcomes);
      committed.push(...outcomes.map(({ work }) => ({ item: work.claim.item, fence: work.claim.fence })));
      return outcomes.length;
    },
  } as unknown as MessageRecord;
  const ports = {
    record,
    deliver: { busyDestinations: () => [] },
    conclude: (run: DeliveryRun) => ({ work: run.work }) as DeliveryOutcome,
    clock: { now: () => new Date(), monotonic: () => 0 },
    logger: silentLogger,
    reach: () => undefined,
  } as unknown as ConveyorPorts & TrackPorts;
  conveyor = createConveyor(ports, {
    concurrency: 8,
    reserve: 2,
    assured: 2,
    perDomain: 8,
    leaseSeconds: 30,
  });
  conveyor.start();
  return { asked, committed, postponed, abandoned };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 400; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!holds()) throw new Error('did not happen in time');
}

describe('the conveyor', () => {
  it('begins each round behind the organisation that it served last', async () => {
    const { asked } = start({ claims: [[claimOf(ONE, 'a')], [claimOf(TWO, 'b')], []] });
    await until(() => asked.length >= 3);
    expect(asked.slice(1, 3).map((request) => request.start)).toEqual([ONE, TWO]);
  });

  it('puts unreadable work aside while there is time, and ends it when there is none or its key is destroyed', async () => {
    const soon = new Date(Date.now() + 60_000);
    const reasons: Record<string, { fault: unknown; giveUpAt: Date | null }> = {
      damaged: { fault: new Error('does not open'), giveUpAt: soon },
      old: { fault: new Error('does not open'), giveUpAt: new Date(0) },
      shredded: { fault: new KeyShredded('group'), giveUpAt: soon },
      gone: { fault: new Error('no row'), giveUpAt: null },
    };
    const claims = ['damaged', 'old', 'shredded', 'gone', 'fine'].map((item) => claimOf(ONE, item));
    const { committed, postponed, abandoned } = start({
      claims: [claims],
      unreadable: (claim) => reasons[claim.item] ?? null,
    });
    await until(() => abandoned.length === 3 && committed.length === 1);
    expect(postponed).toEqual(['damaged']);
    expect(abandoned).toEqual(['old', 'shredded', 'gone']);
    expect(committed.map((one) => one.item)).toEqual(['fine']);
  });

  it('looks less and less often while nothing is due', async () => {
    const { asked } = start({ claims: [] });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThanOrEqual(5);
  });

  it('does not run what it still has in hand a second time: the outcome goes under the newer claim', async () => {
    // The database was away for longer than a lease: the outcome could not be committed, and then the item is claimed
    // anew before the commit is tried again.
    let away = true;
    let opened = 0;
    const { committed, asked } = start({
      claims: [[claimOf(ONE, 'a', 1)], [claimOf(ONE, 'a', 2)], []],
      open: async (items) => {
        opened += items.length;
      },
      commit: async () => {
        if (away) throw new DatabaseUnavailable('57P03');
      },
    });
    await until(() => asked.length >= 3);
    away = false;
    await until(() => committed.length > 0);
    expect(opened).toBe(1);
    expect(committed).toEqual([{ item: 'a', fence: 2 }]);
    await until(() => conveyor?.inFlight() === 0);
  });

  it('keeps an item in hand that was claimed anew while its first group still runs', async () => {
    let freeSlow: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      freeSlow = resolve;
    });
    let freeAgain: () => void = () => undefined;
    const again = new Promise<void>((resolve) => {
      freeAgain = resolve;
    });
    const { committed } = start({
      claims: [[claimOf(ONE, 'a', 1), claimOf(ONE, 'slow', 1)], [], [claimOf(ONE, 'a', 2)], []],
      commit: async (outcomes) => {
        // The first answer splits the batch, so that "a" ends while "slow" is held up.
        if (outcomes.length > 1) throw new Error('each by itself');
        const [outcome] = outcomes;
        if (outcome?.work.claim.item === ('slow' as DeliveryId)) await slow;
        if (outcome?.work.claim.fence === 2) await again;
      },
    });
    await until(() => committed.some((one) => one.item === 'a' && one.fence === 1));
    await until(() => conveyor?.inFlight() === 2);
    freeSlow();
    await until(() => committed.some((one) => one.item === 'slow'));
    await until(() => conveyor?.inFlight() === 1);
    freeAgain();
    await until(() => conveyor?.inFlight() === 0);
  });
});
