import { randomFillSync } from 'node:crypto';
import { isUuid } from '#core/ids';
import { type Clock, systemClock } from './clock.ts';

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let poolOffset = POOL_BYTES;
let lastMs = 0;
let counter = 0;

/** Six fresh random bytes as a number, read from a refilled pool: one system call serves many ids. */
function random48(): number {
  if (poolOffset + 6 > POOL_BYTES) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const value = pool.readUIntBE(poolOffset, 6);
  pool.fill(0, poolOffset, poolOffset + 6);
  poolOffset += 6;
  return value;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * A new UUIDv7 (RFC 9562 §5.7). Within this process every id is greater than the one before: rand_a and the first
 * bits of rand_b are a counter seeded at random each millisecond (§6.2, method 1), and the time never steps back.
 */
export function newId(clock: Clock = systemClock): string {
  const now = clock.now().getTime();
  if (now > lastMs) {
    lastMs = now;
    counter = random48() & 0x1ffff; // 17 random bits below 24: room for 16 million more in this millisecond
  } else {
    counter += 1 + (random48() & 0x0f);
    if (counter > 0xffffff) {
      lastMs += 1;
      counter = random48() & 0x1ffff;
    }
  }
  const time = hex(lastMs, 12);
  const randA = hex(counter >>> 12, 3);
  const variantAndCounter = hex(0x8000 | ((counter & 0xfff) << 2) | (random48() & 0x3), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randA}-${variantAndCounter}-${hex(random48(), 12)}`;
}

/** The millisecond written into a UUIDv7; undefined for anything else. */
export function idTime(id: string): Date | undefined {
  if (!isUuid(id) || id[14] !== '7') return undefined;
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** The least UUIDv7 of that millisecond: every id made at or after `date` is greater or equal. Bounds: year 1970 to 10889. */
export function idFloor(date: Date): string {
  const ms = date.getTime();
  if (!Number.isSafeInteger(ms) || ms < 0 || ms > 0xffffffffffff)
    throw new RangeError('time outside of UUIDv7');
  const time = hex(ms, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
