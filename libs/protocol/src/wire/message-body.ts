/** The body of MSG and the judgement on what it carries, wire-v1 §5.4. */
import { ProtocolError } from '../errors.js';
import { MESSAGE_TEXT_MAX_BYTES, TIME_MAX_MS } from '../limits.js';
import { MESSAGE_ID_BYTES, REJECT_REASON, STREAM_BYTES } from './bodies.js';
import { readU64, writeU64 } from './u64.js';
import { decodeUtf8 } from './utf8.js';

/** `stream[8] | n u64 | msg_id[16] | sent_ms u64 | ctype u8 | content` */
export interface MessageBody {
  readonly stream: Buffer;
  /** Position in the stream, from 1. */
  readonly n: number;
  /** 128 random bits that name the message for ever, also after it moved to another stream. */
  readonly id: Buffer;
  /** The sender's clock in Unix milliseconds: a claim. */
  readonly sentMs: number;
  readonly ctype: number;
  readonly content: Buffer;
}

/**
 * `void` holds the place of a message whose content the sender has forgotten before it was delivered; it has no bytes.
 */
export const CONTENT_TYPE = { void: 0x00, text: 0x01 } as const;

/** What is to be stored at a message's place in its stream. Only `reject` is answered with a REJECT. */
export type ContentJudgement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'void' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'reject'; readonly reason: 1 | 2 | 3 };

const FIXED_BYTES = STREAM_BYTES + 8 + MESSAGE_ID_BYTES + 8 + 1;
/** From this ctype on, who does not know it must say so instead of keeping it. */
const CRITICAL = 0x80;

export function encodeMsg({ stream, n, id, sentMs, ctype, content }: MessageBody): Buffer {
  const body = Buffer.allocUnsafe(FIXED_BYTES + content.length);
  body.set(stream, 0);
  writeU64(body, n, 8);
  body.set(id, 16);
  writeU64(body, sentMs, 32);
  body[40] = ctype;
  body.set(content, FIXED_BYTES);
  return body;
}

/** @throws ProtocolError 'bad-record' for a body that names no place in a stream; bad content is for `judgeContent` */
export function decodeMsg(body: Buffer): MessageBody {
  if (body.length < FIXED_BYTES) throw new ProtocolError('bad-record', `MSG of ${body.length} bytes`);
  return {
    stream: body.subarray(0, 8),
    n: readU64(body, 8, { min: 1, field: 'MSG n' }),
    id: body.subarray(16, 32),
    sentMs: readU64(body, 32, { max: TIME_MAX_MS, field: 'MSG sent_ms' }),
    ctype: body.readUInt8(40),
    content: body.subarray(FIXED_BYTES),
  };
}

/** Never throws: one bad message must not block the stream behind it for ever. */
export function judgeContent(ctype: number, content: Buffer): ContentJudgement {
  if (ctype >= CRITICAL) return { kind: 'reject', reason: REJECT_REASON.unknownContent };
  if (ctype === CONTENT_TYPE.void) {
    return content.length === 0 ? { kind: 'void' } : { kind: 'reject', reason: REJECT_REASON.malformed };
  }
  if (ctype !== CONTENT_TYPE.text) return { kind: 'unsupported' };
  if (content.length > MESSAGE_TEXT_MAX_BYTES) return { kind: 'reject', reason: REJECT_REASON.tooLarge };
  if (content.length === 0 || content.includes(0)) return { kind: 'reject', reason: REJECT_REASON.malformed };
  const text = decodeUtf8(content);
  return text === null ? { kind: 'reject', reason: REJECT_REASON.malformed } : { kind: 'text', text };
}
