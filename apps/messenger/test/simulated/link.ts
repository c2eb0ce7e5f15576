/**
 * A session between two real deliveries without a socket: what one end sends waits until the test lets the other end
 * read it, in order, or the link is cut. Only what the network may do happens here; nothing of delivery is imitated.
 */
import type { Ack, MessageBody, Reject, SyncEntry, Window } from '@earshot/protocol';
import type { HistoryWriter } from '@earshot/history';
import { INITIAL_WINDOW, ProtocolError } from '@earshot/protocol';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySession } from '../../src/delivery/delivery-session.js';

type Sent =
  | { readonly type: 'ready' }
  | { readonly type: 'sync'; readonly entries: readonly SyncEntry[] }
  | { readonly type: 'message'; readonly message: MessageBody }
  | { readonly type: 'ack'; readonly ack: Ack }
  | { readonly type: 'reject'; readonly reject: Reject }
  | { readonly type: 'window'; readonly window: Window }
  | { readonly type: 'end' };

/** Whose end it is. */
export interface Owner {
  readonly id: string;
  readonly history: HistoryWriter;
  readonly delivery: Delivery;
  /** Live sessions, newest last. */
  readonly ends: End[];
  readonly failures: string[];
  /** The peer has spoken. */
  confirmed(end: End): void;
  ended(end: End): void;
  expectStored(peer: string, ack: Ack): void;
  expectWired(peer: string, message: MessageBody): void;
}

export class End implements DeliverySession {
  /** On its way to us. */
  readonly incoming: Sent[] = [];
  other!: End;
  isEnded = false;
  readonly isCongested = false;
  private isConfirmed = false;
  private isSynced = false;
  /** As the peer told us in this session, and as we may rely on it. */
  private granted: Window = INITIAL_WINDOW;
  private acked = 0;

  constructor(
    readonly party: Owner,
    readonly peerId: string,
  ) {}

  get isOpen(): boolean {
    return !this.isEnded && this.isSynced;
  }

  /** READY and SYNC, in the order of wire-v1 §5: the responder begins. */
  greet(): void {
    this.push({ type: 'ready' });
    this.sync();
  }

  /** Reads one record. False when there is none. */
  read(): boolean {
    const record = this.incoming.shift();
    if (record === undefined || this.isEnded) return false;
    try {
      this.handle(record);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
    return true;
  }

  sendMessage(message: MessageBody): void {
    if (this.isEnded) return;
    this.party.expectWired(this.peerId, message);
    expect(message.n - this.acked).toBeLessThanOrEqual(this.granted.messages);
    this.push({ type: 'message', message });
  }

  sendAck(ack: Ack): void {
    if (this.isEnded) return;
    this.party.expectStored(this.peerId, ack);
    this.push({ type: 'ack', ack });
  }

  sendReject(reject: Reject): void {
    if (this.isEnded) return;
    this.party.expectStored(this.peerId, { stream: reject.stream, upto: reject.n });
    this.push({ type: 'reject', reject });
  }

  sendWindow(window: Window): void {
    this.push({ type: 'window', window });
  }

  fail(error: Error): void {
    this.party.failures.push(error.message);
    this.end();
  }

  cork(): void {
    // Packets do not exist here.
  }

  uncork(): void {
    // Nor here.
  }

  /** This end is gone; what it sent may still be read at the other one, and then the end of it. */
  end(): void {
    if (this.isEnded) return;
    this.push({ type: 'end' });
    this.isEnded = true;
    this.incoming.length = 0;
    this.party.ended(this);
  }

  private push(record: Sent): void {
    if (!this.isEnded && !this.other.isEnded) this.other.incoming.push(record);
  }

  private sync(): void {
    this.push({ type: 'sync', entries: this.party.delivery.marksFor(this) });
    this.push({ type: 'window', window: this.party.delivery.windowFor(this.peerId) });
  }

  private handle(record: Sent): void {
    const { delivery } = this.party;
    if (!this.isConfirmed && record.type !== 'end') {
      this.isConfirmed = true;
      this.party.confirmed(this);
    }
    switch (record.type) {
      case 'ready':
        this.sync();
        return;
      case 'sync':
        this.isSynced = true;
        delivery.synchronise(this, record.entries);
        this.acked = this.party.history.outStream(this.peerId)?.acked ?? 0;
        return;
      case 'message':
        delivery.message(this, record.message);
        return;
      case 'ack':
        if (record.ack.stream.toString('hex') === this.party.history.outStream(this.peerId)?.stream)
          this.acked = Math.max(this.acked, record.ack.upto);
        delivery.ack(this, record.ack);
        return;
      case 'reject':
        delivery.reject(this, record.reject);
        return;
      case 'window':
        this.granted = record.window;
        delivery.window(this, record.window);
        return;
      case 'end':
        this.end();
    }
  }
}

/** Two ends; the responder has said READY and SYNC, which nobody has read yet. */
export function connect(initiator: Owner, responder: Owner): void {
  const near = new End(initiator, responder.id);
  const far = new End(responder, initiator.id);
  near.other = far;
  far.other = near;
  initiator.ends.push(near);
  responder.ends.push(far);
  far.greet();
}
