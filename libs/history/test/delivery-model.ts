/**
 * What the outbox and the feed should do, in the plainest form: lists of messages in memory. The property tests drive
 * it and the real history with the same steps.
 */
export type ModelState = 'queued' | 'sent' | 'delivered' | 'rejected' | 'cancelled';

export interface ModelMessage {
  id: string;
  /** Null once it is forgotten: its place stays. */
  text: string | null;
  state: ModelState;
}

export class ModelPeer {
  /** The current stream; position n is at index n - 1. */
  entries: ModelMessage[] = [];
  wired = 0;
  acked = 0;
  /** How many of the first entries came from an earlier stream, where they may have been sent. */
  takenOver = 0;
  streams = 0;
  readonly everSent: ModelMessage[] = [];

  /** `log` is given every change that a follower of the feed should see. */
  constructor(private readonly log: (id: string, what: ModelState) => void) {}

  compose(id: string, text: string, wired: boolean): void {
    const message: ModelMessage = { id, text, state: 'queued' };
    this.entries.push(message);
    this.everSent.push(message);
    this.log(id, 'queued');
    if (wired) this.wire(this.entries.length);
  }

  wire(upto: number): void {
    for (const message of this.entries.slice(this.wired, Math.max(upto, this.wired))) this.become(message, 'sent');
    this.wired = Math.max(upto, this.wired);
  }

  ack(upto: number): void {
    for (const message of this.entries.slice(this.acked, Math.max(upto, this.acked))) this.become(message, 'delivered');
    this.acked = Math.max(upto, this.acked);
  }

  unack(mark: number): void {
    for (const message of this.entries.slice(mark, this.acked)) this.become(message, 'sent');
    this.acked = mark;
  }

  reject(n: number): void {
    const message = this.entries[n - 1];
    if (message && n <= this.wired) this.become(message, 'rejected');
  }

  restart(): void {
    this.entries = this.everSent.filter(({ state }) => state !== 'rejected');
    const sent = this.entries.filter(({ state }) => state !== 'queued');
    for (const message of sent) this.become(message, 'sent');
    this.wired = sent.length;
    this.acked = 0;
    this.takenOver = this.entries.length;
    this.streams++;
  }

  /** Certain not to have been on the wire. */
  mayCancel(n: number): boolean {
    return n > Math.max(this.wired, this.takenOver);
  }

  cancel(n: number): void {
    const [message] = this.entries.splice(n - 1, 1);
    if (message === undefined) return;
    this.everSent.splice(this.everSent.indexOf(message), 1);
    this.log(message.id, 'cancelled');
  }

  forget(id: string): void {
    const message = this.everSent.find((sent) => sent.id === id);
    if (message !== undefined) message.text = null;
  }

  private become(message: ModelMessage, state: ModelState): void {
    if (message.state === 'rejected') return;
    message.state = state;
    if (message.text !== null) this.log(message.id, state);
  }
}
