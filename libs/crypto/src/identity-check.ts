import { CryptoError } from './errors.js';
import { OKP_BYTES } from './okp.js';

/**
 * The y coordinates of the eight points of small order, little-endian, sign of x cleared. With such a "key" anybody can
 * make signatures that verify, for every message at once, and OpenSSL does not mind; Wycheproof does not look for it either.
 * They are the points P with 8 * P = neutral on edwards25519 (RFC 8032 §5.1); the spec beside this file recomputes that.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  // order 1: (0, 1), the neutral element
  '0100000000000000000000000000000000000000000000000000000000000000',
  // order 2: (0, -1)
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  // order 4: (sqrt(-1), 0) and (-sqrt(-1), 0)
  '0000000000000000000000000000000000000000000000000000000000000000',
  // order 8: four points, two y that are each other's negative
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

const P = 2n ** 255n - 19n;
/** -121665 / 121666 modulo p. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** Whether 32 bytes may serve as an identity; see `checkIdentityKey`. */
export function isSoundIdentity(raw: Uint8Array): boolean {
  return raw.length === OKP_BYTES && hasCanonicalY(raw) && !SMALL_ORDER_Y.has(yHex(raw));
}

/**
 * Refuses with `CryptoError('bad-identity')` a public key that is not 32 bytes, has y >= p (a second spelling of a key,
 * hence a second peer id for it), or is of small order (anybody signs for it). To be called before a key is believed
 * (wire-v1 §4). What is no point of the curve passes here and never verifies: `checkCurvePoint` is for the right word then.
 */
export function checkIdentityKey(raw: Uint8Array): void {
  if (!isSoundIdentity(raw)) throw new CryptoError('bad-identity');
}

/**
 * Refuses with `CryptoError('bad-identity')` what is no point of the curve: there x^2 = (y^2 - 1) / (d y^2 + 1) is not a
 * square, by Euler's criterion. No signature verifies under such a key anyway, so the quarter of a millisecond that this
 * takes is for where one did not.
 */
export function checkCurvePoint(raw: Uint8Array): void {
  const y = BigInt(`0x${Buffer.from(yHex(raw), 'hex').reverse().toString('hex')}`);
  const ySquared = (y * y) % P;
  // u / v is a square where u v is one: v is never 0, since -1/d is no square.
  if (power((ySquared + P - 1n) * (D * ySquared + 1n), (P - 1n) / 2n) === P - 1n) throw new CryptoError('bad-identity');
}

/** base^exponent modulo p. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % P, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if (rest & 1n) result = (result * square) % P;
  }
  return result;
}

/** y < p = 2^255 - 19, which in little-endian hex is ed ff … ff 7f. */
function hasCanonicalY(raw: Uint8Array): boolean {
  if (((raw[31] ?? 0) & 0x7f) !== 0x7f || (raw[0] ?? 0) < 0xed) return true;
  return raw.subarray(1, 31).some((byte) => byte !== 0xff);
}

/** The encoding without the sign of x, which is the topmost bit (RFC 8032 §5.1.2). */
function yHex(raw: Uint8Array): string {
  const y = Buffer.from(raw);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  return y.toString('hex');
}
