import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import {
  type ClaimedItem,
  type ClaimRequest,
  createRecord,
  type DeliveryOutcome,
  type MessageRecord,
} from '#platform/record';
import { newId, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner, type OwnerConnection } from '../../platform/database/owner-connection.ts';
import { type Conveyor, createConveyor, type TrackPorts } from './conveyor.ts';
import type { DeliveryRun } from './run-delivery.ts';
import type { ConveyorPorts } from './stages.ts';

const LIMITS = { concurrency: 16, reserve: 4, assured: 2, perDomain: 16, leaseSeconds: 30 };
const TRANSACTIONAL = 50;
const BUSINESS = 150;
const MARKETING = 250;

let fresh: FreshDatabase;
let owner: OwnerConnection;
let record: MessageRecord;
let conveyor: Conveyor | null = null;

beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
  // Only claims are asked of it here: nothing is opened or sealed.
  record = createRecord({ database: fresh.database, keepFresh: false } as Parameters<typeof createRecord>[0]);
});

afterEach(async () => {
  await conveyor?.stop(0);
  await owner.script('delete from sealpost.queue');
});

afterAll(async () => {
  await owner.close();
  await fresh.close();
});

/** Puts deliveries on the queue, each to a destination of its own unless one is named. */
async function enqueue(organisation: OrganisationId, count: number, priority: number, domain = '') {
  await owner.query(
    `insert into sealpost.queue (item, kind, organisation, message, domain, priority, due_at)
      select gen_random_uuid(), 'delivery', $1::uuid, gen_random_uuid(),
        case when $4 = '' then 'd' || n || '.example' else $4 end, $3::smallint, now() - interval '1 minute'
      from generate_series(1, $2::integer) n`,
    [organisation, count, priority, domain],
  );
}

/** A conveyor over real claims whose items stay in hand until they are let end. */
function start() {
  const begun: ClaimedItem[] = [];
  const waiting: (() => void)[] = [];
  const hanging = {
    claim: (request: ClaimRequest) => record.claim(request),
    onDue: () => undefined,
    extendLeases: async () => new Set(),
    openDeliveries: async (_organisation: OrganisationId, claims: readonly ClaimedItem[]) => {
      begun.push(...claims);
      const opened = claims.map((claim) => ({
        claim,
        delivery: { id: claim.item, attempts: 0 },
        opened: {
          message: {
            organisation: claim.organisation,
            state: 'accepted',
            giveUpAt: new Date(Date.now() + 60_000),
          },
        },
      }));
      return { opened, unreadable: [] };
    },
    commitOutcomes: async () => 1,
  };
  const ports = {
    record: hanging,
    deliver: { busyDestinations: () => [], nextTry: () => 60_000 },
    // The peer is slow: a run stands still here.
    currentPolicy: () =>
      new Promise((_resolve, reject) => waiting.push(() => reject(new Error('the peer hung up')))),
    conclude: (run: DeliveryRun) => ({ work: run.work }) as DeliveryOutcome,
    clock: { now: () => new Date(), monotonic: () => performance.now() },
    logger: silentLogger,
    reach: () => undefined,
  };
  conveyor = createConveyor(ports as unknown as ConveyorPorts & TrackPorts, LIMITS);
  conveyor.start();
  const held = (organisation: OrganisationId, priority?: number) =>
    begun.filter(
      (one) => one.organisation === organisation && (priority === undefined || one.priority === priority),
    ).length;
  const end = (count: number) => {
    for (const finish of waiting.splice(0, count)) finish();
  };
  return { held, end };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 600; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!holds()) throw new Error('did not happen in time');
}

const tenant = () => newId() as OrganisationId;

describe('the slots of a worker', () => {
  it('are all for one organisation while it is alone, and a newcomer finds a place at once all the same', async () => {
    const [hog, newcomer] = [tenant(), tenant()];
    await enqueue(hog, 100, BUSINESS);
    const { held, end } = start();
    await until(() => held(hog) === 16);
    await enqueue(newcomer, 100, BUSINESS);
    await until(() => held(newcomer) === 2);
    // As its items end, the first one gives place: nothing more for it until the other has its part.
    const hogHad = held(hog);
    end(8);
    await until(() => held(newcomer) >= 5);
    expect(held(hog)).toBeLessThanOrEqual(hogHad + 3);
  });

  it('are not held against more urgent mail of the same organisation', async () => {
    const clinic = tenant();
    await enqueue(clinic, 100, MARKETING);
    const { held } = start();
    await until(() => held(clinic, MARKETING) === 16);
    await enqueue(clinic, 100, BUSINESS);
    await until(() => held(clinic, BUSINESS) === 2);
    await enqueue(clinic, 100, TRANSACTIONAL);
    await until(() => held(clinic, TRANSACTIONAL) === 2);
    expect(held(clinic)).toBe(20);
  });

  it('are not held by one slow destination against the others of the same organisation', async () => {
    const clinic = tenant();
    await enqueue(clinic, 100, TRANSACTIONAL, 'slow.example');
    const { held } = start();
    await until(() => held(clinic) === 16);
    await enqueue(clinic, 5, MARKETING);
    await until(() => held(clinic, MARKETING) === 2);
    expect(held(clinic)).toBe(18);
  });
});

describe('a claim', () => {
  const ROOM = {
    free: 16,
    reserve: 20,
    share: 8,
    assured: 2,
    perDomain: 16,
    domainShare: 8,
    held: {},
    domains: {},
    busy: [],
    start: '00000000-0000-0000-0000-000000000000',
    leaseSeconds: 30,
  } as const;
  const countOf = (items: readonly ClaimedItem[], organisation: OrganisationId) =>
    items.filter((one) => one.organisation === organisation).length;

  it('divides the slots between those that have work, and leaves none empty', async () => {
    const [first, second] = [tenant(), tenant()];
    await enqueue(first, 100, TRANSACTIONAL);
    await enqueue(second, 3, MARKETING);
    const items = await record.claim(ROOM);
    expect([countOf(items, first), countOf(items, second)]).toEqual([13, 3]);
  });

  it('gives nothing to who is beyond its share while another wants it', async () => {
    const [hog, other] = [tenant(), tenant()];
    await enqueue(hog, 100, BUSINESS);
    await enqueue(other, 100, BUSINESS);
    const items = await record.claim({ ...ROOM, free: 6, held: { [hog]: [0, 10, 10, 10] } });
    expect([countOf(items, hog), countOf(items, other)]).toEqual([0, 6]);
  });

  it('out of the reserve serves newcomers only', async () => {
    const [hog, other] = [tenant(), tenant()];
    await enqueue(hog, 100, BUSINESS);
    await enqueue(other, 100, BUSINESS);
    const items = await record.claim({ ...ROOM, free: 0, reserve: 4, held: { [hog]: [0, 16, 16, 16] } });
    expect([countOf(items, hog), countOf(items, other)]).toEqual([0, 2]);
    expect(await record.claim({ ...ROOM, free: 0, reserve: 0 })).toEqual([]);
  });
});
