import { randomFillSync } from 'node:crypto';

const IV_BYTES = 16;
const pool = Buffer.alloc(256 * IV_BYTES);
let next = pool.length;

/**
 * 16 fresh random bytes for one token; a view that stays untouched until 255 more were drawn.
 *
 * Drawn 256 at a time because a call of the system's generator costs about 3 us whatever it returns, a quarter of
 * a whole seal. An IV must be unpredictable until it is used and is public from then on: waiting in this process
 * between the two does it no harm.
 */
export function drawIv(): Buffer {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  next += IV_BYTES;
  return pool.subarray(next - IV_BYTES, next);
}
