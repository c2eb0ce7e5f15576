/**
 * Framing, wire-v1 §3: `u32 N | u8 T | payload[N - 1]`, where N counts T.
 *
 * At every moment exactly one type and a handful of lengths are acceptable, so the header alone decides whether a
 * body is worth a single byte of memory.
 */
import { ProtocolError } from '../errors.js';
import { AUTH_I_FRAME, HELLO_I_FRAME, HELLO_R_FRAME, RECORD_FRAMES } from '../limits.js';

export const FRAME_TYPE = { helloI: 0x01, helloR: 0x02, authI: 0x03, record: 0x10 } as const;

/** What the state of a session lets the peer send next. `lengths` are values of N. */
export interface FrameExpectation {
  readonly type: number;
  readonly lengths: readonly number[];
}

export const EXPECT_HELLO_I: FrameExpectation = { type: FRAME_TYPE.helloI, lengths: [HELLO_I_FRAME] };
export const EXPECT_HELLO_R: FrameExpectation = { type: FRAME_TYPE.helloR, lengths: [HELLO_R_FRAME] };
export const EXPECT_AUTH_I: FrameExpectation = { type: FRAME_TYPE.authI, lengths: [AUTH_I_FRAME] };
export const EXPECT_RECORD: FrameExpectation = { type: FRAME_TYPE.record, lengths: RECORD_FRAMES };

export interface Frame {
  readonly type: number;
  /** May share memory with the chunk it arrived in: copy what is to outlive the next read. */
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;
const EMPTY = Buffer.alloc(0);
const OPENING_BRACE = 0x7b;

/** One frame, ready to be written. */
export function encodeFrame(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32BE(1 + payload.length, 0);
  frame[4] = type;
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * Cuts a byte stream into frames: `push` what arrived, then call `next` until it returns null.
 *
 * The result does not depend on where the stream was cut. A frame that lies wholly inside a chunk is handed out
 * without a copy; of one that does not, only what is there so far is kept, and never of more than one.
 */
export class FrameDecoder {
  private chunk: Buffer = EMPTY;
  private at = 0;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  /** Set once a header was accepted of which the body has not arrived whole. */
  private body: Buffer | null = null;
  private bodyBytes = 0;
  private atStart = true;

  constructor(private accept: FrameExpectation) {}

  /** Sets what the next frame may be; to be called between two frames, as the session's state changes. */
  expect(accept: FrameExpectation): void {
    this.accept = accept;
  }

  push(chunk: Buffer): void {
    // Callers drain before they read on, so the first case is the rule.
    this.chunk = this.at === this.chunk.length ? chunk : Buffer.concat([this.chunk.subarray(this.at), chunk]);
    this.at = 0;
  }

  /**
   * The next whole frame, or null when more bytes are needed.
   *
   * @throws ProtocolError 'legacy-message' or 'not-earshot' on the first byte of the stream, 'bad-frame-length' once N
   * is there, 'bad-frame-type' once T is; and again on every later call, since the stream is beyond repair
   */
  next(): Frame | null {
    const payload = this.body === null && !this.readHeader() ? null : this.readBody();
    if (payload === null) {
      // All of it was read: an idle session should not hold on to what the last read happened to allocate.
      this.chunk = EMPTY;
      this.at = 0;
      return null;
    }
    const type = this.header.readUInt8(4);
    this.headerBytes = 0;
    this.atStart = false;
    return { type, payload };
  }

  private readHeader(): boolean {
    while (this.headerBytes < HEADER_BYTES && this.at < this.chunk.length) {
      this.header[this.headerBytes++] = this.chunk[this.at++] ?? 0;
    }
    this.checkHeader();
    return this.headerBytes === HEADER_BYTES;
  }

  private checkHeader(): void {
    if (this.headerBytes === 0) return;
    const first = this.header[0];
    // No frame is 16 MiB long, so another protocol shows itself in its first byte.
    if (this.atStart && first !== 0)
      throw new ProtocolError(first === OPENING_BRACE ? 'legacy-message' : 'not-earshot');
    if (this.headerBytes < 4) return;
    const length = this.header.readUInt32BE(0);
    if (!this.accept.lengths.includes(length)) throw new ProtocolError('bad-frame-length', `${length}`);
    if (this.headerBytes < HEADER_BYTES) return;
    if (this.header[4] !== this.accept.type) throw new ProtocolError('bad-frame-type', `${this.header.readUInt8(4)}`);
  }

  private readBody(): Buffer | null {
    const available = this.chunk.length - this.at;
    if (this.body === null) {
      const length = this.header.readUInt32BE(0) - 1;
      if (available >= length) return this.take(length);
      this.body = Buffer.allocUnsafe(length);
      this.bodyBytes = 0;
    }
    const { body, bodyBytes } = this;
    const piece = this.take(Math.min(available, body.length - bodyBytes));
    body.set(piece, bodyBytes);
    this.bodyBytes += piece.length;
    if (this.bodyBytes < body.length) return null;
    this.body = null;
    return body;
  }

  private take(length: number): Buffer {
    this.at += length;
    return this.chunk.subarray(this.at - length, this.at);
  }
}
