/** The bodies of all records but MSG, wire-v1 §5. Each has an exact length; anything else ends the session ('bad-record'). */
import { ProtocolError } from '../errors.js';
import { SYNC_MAX_STREAMS } from '../limits.js';
import { readU64, writeU64 } from './u64.js';

export const STREAM_BYTES = 8;
export const MESSAGE_ID_BYTES = 16;

const READY_STATUS = { ok: 0, busy: 2 } as const;
/** Why a message was refused. Other values are taken for a refusal whose reason this revision does not know. */
export const REJECT_REASON = { tooLarge: 1, malformed: 2, unknownContent: 3, policy: 4 } as const;
/** Why a session ends in good order. Other values may come up; the session ends all the same. */
export const CLOSE_REASON = { stopping: 0, superseded: 1, rekeyed: 2, busy: 3, idle: 4 } as const;

/** One stream's mark: all of the stream up to `lastN` is stored durably, and message `lastN` bears `lastId`. */
export interface SyncEntry {
  readonly stream: Buffer;
  readonly lastN: number;
  readonly lastId: Buffer;
}

/** All messages of the stream up to and including `upto` are stored durably; 0 = none. */
export interface Ack {
  readonly stream: Buffer;
  readonly upto: number;
}

/** Message `n` of the stream was refused, and will not be asked for again. */
export interface Reject {
  readonly stream: Buffer;
  readonly n: number;
  readonly reason: number;
}

/** What the sender of this takes beyond its last ACK; where either is 0, nothing. */
export interface Window {
  readonly messages: number;
  readonly bytes: number;
}

const SYNC_ENTRY_BYTES = STREAM_BYTES + 8 + MESSAGE_ID_BYTES;

/** `status u8` */
export function encodeReady(status: 'ok' | 'busy'): Buffer {
  return Buffer.from([READY_STATUS[status]]);
}

export function decodeReady(body: Buffer): 'ok' | 'busy' {
  const status = ofLength(body, 1, 'READY').readUInt8(0);
  if (status === READY_STATUS.ok) return 'ok';
  if (status === READY_STATUS.busy) return 'busy';
  throw new ProtocolError('bad-record', 'READY status');
}

/** `count u8 | { stream[8] | last_n u64 | last_msg_id[16] } * count`, most recently used first */
export function encodeSync(entries: readonly SyncEntry[]): Buffer {
  if (entries.length > SYNC_MAX_STREAMS) throw new Error(`bug: SYNC of ${entries.length} streams`);
  const body = Buffer.alloc(1 + entries.length * SYNC_ENTRY_BYTES);
  body[0] = entries.length;
  entries.forEach(({ stream, lastN, lastId }, i) => {
    const at = 1 + i * SYNC_ENTRY_BYTES;
    body.set(stream, at);
    writeU64(body, lastN, at + 8);
    body.set(lastId, at + 16);
  });
  return body;
}

export function decodeSync(body: Buffer): SyncEntry[] {
  const count = body[0] ?? SYNC_MAX_STREAMS + 1;
  if (count > SYNC_MAX_STREAMS) throw new ProtocolError('bad-record', 'SYNC count');
  ofLength(body, 1 + count * SYNC_ENTRY_BYTES, 'SYNC');
  const entries = Array.from({ length: count }, (_, i) => {
    const at = 1 + i * SYNC_ENTRY_BYTES;
    return {
      stream: body.subarray(at, at + 8),
      lastN: readU64(body, at + 8, { min: 1, field: 'SYNC last_n' }),
      lastId: body.subarray(at + 16, at + 32),
    };
  });
  const streams = new Set(entries.map(({ stream }) => stream.toString('latin1')));
  if (streams.size < count) throw new ProtocolError('bad-record', 'SYNC names a stream twice');
  return entries;
}

/** `stream[8] | upto u64` */
export function encodeAck({ stream, upto }: Ack): Buffer {
  const body = Buffer.alloc(16);
  body.set(stream, 0);
  writeU64(body, upto, 8);
  return body;
}

export function decodeAck(body: Buffer): Ack {
  ofLength(body, 16, 'ACK');
  return { stream: body.subarray(0, 8), upto: readU64(body, 8, { field: 'ACK upto' }) };
}

/** `stream[8] | n u64 | reason u8` */
export function encodeReject({ stream, n, reason }: Reject): Buffer {
  const body = Buffer.alloc(17);
  body.set(stream, 0);
  writeU64(body, n, 8);
  body[16] = reason;
  return body;
}

export function decodeReject(body: Buffer): Reject {
  ofLength(body, 17, 'REJECT');
  return {
    stream: body.subarray(0, 8),
    n: readU64(body, 8, { min: 1, field: 'REJECT n' }),
    reason: body.readUInt8(16),
  };
}

/** `nonce u64`, the body of PING and of the PONG that returns it. */
export function encodePing(nonce: bigint): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(nonce);
  return body;
}

export function decodePing(body: Buffer): bigint {
  return ofLength(body, 8, 'PING').readBigUInt64BE(0);
}

/** `reason u8` */
export function encodeClose(reason: number): Buffer {
  return Buffer.from([reason]);
}

export function decodeClose(body: Buffer): number {
  return ofLength(body, 1, 'CLOSE').readUInt8(0);
}

/** `messages u16 | bytes u32` */
export function encodeWindow({ messages, bytes }: Window): Buffer {
  const body = Buffer.alloc(6);
  body.writeUInt16BE(messages, 0);
  body.writeUInt32BE(bytes, 2);
  return body;
}

export function decodeWindow(body: Buffer): Window {
  ofLength(body, 6, 'WINDOW');
  return { messages: body.readUInt16BE(0), bytes: body.readUInt32BE(2) };
}

function ofLength(body: Buffer, bytes: number, name: string): Buffer {
  if (body.length !== bytes) throw new ProtocolError('bad-record', `${name} of ${body.length} bytes`);
  return body;
}
