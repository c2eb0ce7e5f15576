/** Padding that must be zero, checked by one native comparison instead of a loop per byte. */
import { RECORD_BUCKETS } from '../limits.js';

const ZEROS = Buffer.alloc(RECORD_BUCKETS[RECORD_BUCKETS.length - 1] ?? 0);

/** Whether every byte from an offset to the end is zero. At most 65536 bytes. */
export function isZeroFrom(bytes: Buffer, at: number): boolean {
  return bytes.compare(ZEROS, 0, bytes.length - at, at, bytes.length) === 0;
}
