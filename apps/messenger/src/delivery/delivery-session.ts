import type { Ack, MessageBody, Reject, Window } from '@earshot/protocol';

/** What delivery needs of a session with a peer: records go out in order, or the session is over and the next one begins with SYNC. */
export interface DeliverySession {
  /** The identity that the handshake proved. */
  readonly peerId: string;
  /** Both SYNCs are through, and it is not over. */
  readonly isOpen: boolean;
  /** The peer does not take what was written: nothing more is to be dequeued for it now. */
  readonly isCongested: boolean;
  sendMessage(message: MessageBody): void;
  sendAck(ack: Ack): void;
  sendReject(reject: Reject): void;
  sendWindow(window: Window): void;
  /** What is sent until `uncork` leaves together. */
  cork(): void;
  uncork(): void;
  /** Drops the connection without a word. */
  fail(error: Error): void;
}
