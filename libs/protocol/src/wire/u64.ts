/** u64 fields as JS numbers: exact up to 2^53 - 1, and nothing in this protocol counts further. */
import { ProtocolError, type ProtocolErrorCode } from '../errors.js';

const TWO_32 = 2 ** 32;

/** Writes a non-negative safe integer as big-endian u64 at an offset. */
export function writeU64(bytes: Buffer, value: number, at: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('bug: not a safe non-negative integer');
  bytes.writeUInt32BE(Math.floor(value / TWO_32), at);
  bytes.writeUInt32BE(value % TWO_32, at + 4);
}

interface U64Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly code?: ProtocolErrorCode;
  readonly field: string;
}

/**
 * Reads a big-endian u64 between the bounds given (inclusive, by default 0 and 2^53 - 1).
 *
 * @throws ProtocolError with the code given, 'bad-record' by default, when the value lies outside
 */
export function readU64(bytes: Buffer, at: number, bounds: U64Bounds): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, code = 'bad-record', field } = bounds;
  // Exact, or too large: a sum that had to be rounded is above 2^53 - 1 in any case.
  const value = bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4);
  if (value < min || value > max) throw new ProtocolError(code, `${field} out of range`);
  return value;
}

/** Whether the u64 at an offset is this safe integer, without giving up on values that a number cannot hold. */
export function equalsU64(bytes: Buffer, at: number, value: number): boolean {
  return bytes.readUInt32BE(at) === Math.floor(value / TWO_32) && bytes.readUInt32BE(at + 4) === value % TWO_32;
}
