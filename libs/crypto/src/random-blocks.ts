import { randomFillSync } from 'node:crypto';

const BLOCK_BYTES = 16;
const pool = Buffer.alloc(256 * BLOCK_BYTES);
let next = pool.length;

/**
 * 16 fresh random bytes for one token; a view that stays untouched until 255 more were drawn.
 *
 * Drawn 256 at a time because a call of the system's generator costs about 3 us whatever it returns, more than
 * encrypting a message. They must be unpredictable until they are used: waiting in this process does them no harm.
 */
export function drawRandomBlock(): Buffer {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  next += BLOCK_BYTES;
  return pool.subarray(next - BLOCK_BYTES, next);
}
