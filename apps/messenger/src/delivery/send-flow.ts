import { INITIAL_WINDOW, NO_PROGRESS_DROP_MS, NO_PROGRESS_RESEND_MS, type Window } from '@earshot/protocol';

/**
 * What of our stream is on its way in one session (wire-v1 §6): where to go on, how much the peer takes, and whether
 * it stopped answering. Pure: numbers in, numbers out. Everything here may be lost; what must not be is in the store.
 */
export class SendFlow {
  /** Highest n put on the wire in this session, or the peer's mark. */
  private sentUpto: number;
  private acked: number;
  private window: Window = INITIAL_WINDOW;
  private readonly inFlight: { n: number; bytes: number }[] = [];
  private bytesInFlight = 0;
  private lastProgressAt: number;
  private wentBackAt: number | undefined;

  /** @param acked the peer's mark from its SYNC: everything up to it is stored there. */
  constructor(acked: number, now: number) {
    this.acked = this.sentUpto = acked;
    this.lastProgressAt = now;
  }

  /** Our stream began, or began anew under another id: positions start over, what the peer takes stays. */
  restart(acked: number, now: number): void {
    this.acked = acked;
    this.lastProgressAt = now;
    this.wentBackAt = undefined;
    this.goBack();
  }

  /** The last n that needs no sending in this session. */
  get position(): number {
    return this.sentUpto;
  }

  /** The peer takes nothing at the moment. */
  get isPaused(): boolean {
    return isShut(this.window);
  }

  /** Nothing is on its way. */
  get isEmpty(): boolean {
    return this.inFlight.length === 0;
  }

  /** How much may be put on the wire now. The peer counts from its last ACK. */
  get room(): Window {
    return {
      messages: Math.max(0, this.window.messages - this.inFlight.length),
      bytes: Math.max(0, this.window.bytes - this.bytesInFlight),
    };
  }

  put(n: number, bytes: number, now: number): void {
    if (n !== this.sentUpto + 1) throw new Error('bug: messages leave in order');
    // What is sent again is no new beginning: the peer has been silent since the first time.
    if (this.inFlight.length === 0 && this.wentBackAt === undefined) this.lastProgressAt = now;
    this.sentUpto = n;
    this.inFlight.push({ n, bytes });
    this.bytesInFlight += bytes;
  }

  /** Returns whether the mark moved. Repeated and late acknowledgements are normal. */
  acknowledge(upto: number, now: number): boolean {
    if (upto <= this.acked) return false;
    this.acked = upto;
    this.lastProgressAt = now;
    this.wentBackAt = undefined;
    let done = 0;
    for (const entry of this.inFlight) {
      if (entry.n > upto) break;
      this.bytesInFlight -= entry.bytes;
      done += 1;
    }
    this.inFlight.splice(0, done);
    // After going back, the peer may acknowledge more than has been sent again.
    this.sentUpto = Math.max(this.sentUpto, upto);
    return true;
  }

  setWindow(window: Window, now: number): void {
    const wasShut = isShut(this.window);
    this.window = window;
    this.lastProgressAt = now;
    this.wentBackAt = undefined;
    // Whatever reached the peer while it took nothing was dropped there.
    if (wasShut && !isShut(window)) this.goBack();
  }

  /** What the clock says: go on, send again from the mark (done by this call), or give the session up. */
  checkProgress(now: number): 'fine' | 'went-back' | 'dead' {
    if (this.inFlight.length === 0 || isShut(this.window)) return 'fine';
    const silence = now - this.lastProgressAt;
    if (silence >= NO_PROGRESS_DROP_MS) return 'dead';
    if (silence >= NO_PROGRESS_RESEND_MS && this.wentBackAt === undefined) {
      this.wentBackAt = now;
      this.goBack();
      return 'went-back';
    }
    return 'fine';
  }

  private goBack(): void {
    this.sentUpto = this.acked;
    this.inFlight.length = 0;
    this.bytesInFlight = 0;
  }
}

function isShut(window: Window): boolean {
  return window.messages === 0 || window.bytes === 0;
}
