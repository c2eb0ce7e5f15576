/** One TCP connection as a peer sees it that counts every byte. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for an answer over loopback; where it is not, a premature close shows as one that came in time. */
const QUIET_MS = 40;
/** For what must come: a test that comes to this has failed. */
const PATIENCE_MS = 20_000;
/** 77 bytes of a hello take longer than a handshake may. */
const SLOW_MS = 100;
const HEADER_BYTES = 4;

/** A frame as it came; the messenger is honest, so its lengths are believed. */
export interface RawFrame {
  readonly type: number;
  readonly payload: Buffer;
}

export class Wire {
  /** Where the messenger sees us; a socket that is closed does not know it any more. */
  readonly ownAddress: string;
  private unread = Buffer.alloc(0);
  private over = false;
  private readonly ended: Promise<void>;
  private changed: () => void = () => undefined;

  constructor(private readonly socket: Socket) {
    this.ownAddress = `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
    socket.setNoDelay(true);
    // A reset is a close, too.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.unread = Buffer.concat([this.unread, chunk]);
      this.changed();
    });
    this.ended = new Promise((resolve) => {
      const finish = (): void => {
        this.over = true;
        this.changed();
        resolve();
      };
      socket.once('end', finish).once('close', finish);
    });
  }

  get isOver(): boolean {
    return this.over;
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Writes up to byte `at`, and that one only when what came before was not refused by itself. */
  async writeUpTo(bytes: Buffer, at: number): Promise<void> {
    if (at > bytes.length) throw new Error(`atByte ${at} of ${bytes.length} bytes`);
    if (at > 1) this.socket.write(bytes.subarray(0, at - 1));
    if (this.socket.writableNeedDrain) await Promise.race([once(this.socket, 'drain'), this.ended]);
    await delay(QUIET_MS);
    if (this.over) throw new Error(`closed before byte ${at} of ${bytes.length}`);
    this.socket.write(bytes.subarray(at - 1, at));
  }

  /** A byte at a time, for as long as somebody listens. */
  async writeSlowly(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.over; at++) {
      this.socket.write(bytes.subarray(at, at + 1));
      await delay(SLOW_MS);
    }
  }

  end(how: 'fin' | 'reset'): void {
    if (how === 'fin') this.socket.end();
    else this.socket.resetAndDestroy();
  }

  /** The next frame, or undefined when the connection has ended without one more. */
  async next(): Promise<RawFrame | undefined> {
    for (;;) {
      const frame = this.take();
      if (frame !== undefined) return frame;
      if (this.over) {
        if (this.unread.length > 0) throw new Error(`ended within a frame, after ${this.unread.length} bytes of it`);
        return undefined;
      }
      const change = new Promise<void>((resolve) => (this.changed = resolve));
      const isPatient = await Promise.race([change.then(() => true), delay(PATIENCE_MS, false, { ref: false })]);
      if (!isPatient) throw new Error('not closed, and nothing came');
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(): RawFrame | undefined {
    if (this.unread.length < HEADER_BYTES) return undefined;
    const end = HEADER_BYTES + this.unread.readUInt32BE(0);
    if (this.unread.length < end) return undefined;
    const frame = this.unread.subarray(HEADER_BYTES, end);
    this.unread = this.unread.subarray(end);
    return { type: frame.readUInt8(0), payload: frame.subarray(1) };
  }
}
