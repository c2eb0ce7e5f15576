/**
 * The plaintext of a record, wire-v1 §5:
 *
 *   0 rv u8 = 1 | 1 role u8 | 2 type u8 | 3 flags u8 = 0 | 4 seq u64 | 12 body_len u32 | 16 body | zeros
 *
 * padded to the smallest bucket that holds it. Fernet authenticates no context, so role and seq stand inside: a record
 * that is reflected, replayed or moved opens, and is refused here.
 */
import { ProtocolError } from '../errors.js';
import { RECORD_BUCKETS } from '../limits.js';
import { equalsU64, writeU64 } from './u64.js';
import { isZeroFrom } from './zero-padding.js';

/** Who wrote a record: 'I' the initiator, 'R' the responder. */
export type Role = 'I' | 'R';

export const RECORD_TYPE = {
  ready: 0x01,
  sync: 0x02,
  msg: 0x03,
  ack: 0x04,
  reject: 0x05,
  ping: 0x06,
  pong: 0x07,
  close: 0x08,
  window: 0x09,
  peers: 0x10,
  probe: 0x11,
  report: 0x12,
} as const;

export interface DecodedRecord {
  /** One of RECORD_TYPE, or an unknown one below 0x80, to be ignored. */
  readonly type: number;
  /** Shares memory with the plaintext. */
  readonly body: Buffer;
}

const RECORD_VERSION = 1;
const HEADER_BYTES = 16;
const ROLE_BYTE = { I: 0x49, R: 0x52 } as const;
const KNOWN: readonly number[] = Object.values(RECORD_TYPE);
const CRITICAL = 0x80;

/** Bodies longer than this fit no record. */
export const RECORD_BODY_MAX_BYTES = 65_536 - HEADER_BYTES;

/** @param record.seq records sent before this one in the same direction of the session, below 2^53 */
export function encodeRecord(record: { role: Role; type: number; seq: number; body: Uint8Array }): Buffer {
  const { role, type, seq, body } = record;
  const end = HEADER_BYTES + body.length;
  const bucket = bucketFor(end);
  if (bucket === undefined) throw new Error(`bug: record body of ${body.length} bytes`);
  const plaintext = Buffer.allocUnsafe(bucket);
  plaintext[0] = RECORD_VERSION;
  plaintext[1] = ROLE_BYTE[role];
  plaintext[2] = type;
  plaintext[3] = 0;
  writeU64(plaintext, seq, 4);
  plaintext.writeUInt32BE(body.length, 12);
  plaintext.set(body, HEADER_BYTES);
  return plaintext.fill(0, end);
}

/**
 * Accepts exactly what `encodeRecord` would have made.
 *
 * @param expected the peer's role, and the number of records received before in this session
 * @throws ProtocolError 'bad-role', 'bad-sequence', 'unknown-record-type', or 'bad-record' for everything else
 */
export function decodeRecord(plaintext: Buffer, expected: { role: Role; seq: number }): DecodedRecord {
  const size = plaintext.length;
  if (bucketFor(size) !== size) throw new ProtocolError('bad-record', `${size} bytes`);
  if (plaintext[0] !== RECORD_VERSION) throw new ProtocolError('bad-record', 'version');
  if (plaintext[1] !== ROLE_BYTE[expected.role]) throw new ProtocolError('bad-role');
  if (plaintext[3] !== 0) throw new ProtocolError('bad-record', 'flags');
  if (!equalsU64(plaintext, 4, expected.seq)) throw new ProtocolError('bad-sequence');
  const end = HEADER_BYTES + plaintext.readUInt32BE(12);
  if (bucketFor(end) !== size) throw new ProtocolError('bad-record', 'body length');
  if (!isZeroFrom(plaintext, end)) throw new ProtocolError('bad-record', 'padding');
  const type = plaintext.readUInt8(2);
  if (type >= CRITICAL) throw new ProtocolError('unknown-record-type', `${type}`);
  return { type, body: plaintext.subarray(HEADER_BYTES, end) };
}

/** Whether this revision gives the type a meaning; records of other types that decoded are ignored. */
export function isKnownRecordType(type: number): boolean {
  return KNOWN.includes(type);
}

function bucketFor(bytes: number): number | undefined {
  return RECORD_BUCKETS.find((bucket) => bytes <= bucket);
}
