/** What waits to be delivered and why, and the life of one message, in the words of `earshot outbox` and `earshot why`. */
import { z } from 'zod';
import { address, isoTime, peerId } from './entities.js';

/** Where a page of the outbox ended: its last message. */
export const outboxCursor = z.object({ peer: peerId, seq: z.int().nonnegative() });
export type OutboxCursor = z.infer<typeof outboxCursor>;

/** Why messages for a peer are not delivered yet. */
export const waiting = z.object({
  peer: peerId,
  username: z.string(),
  cause: z.enum([
    /** Our own store fails: nothing goes out that could not be noted. */
    'store-failed',
    /** The user blocked the peer. */
    'blocked',
    /** The user has not accepted the peer (any more), so it is not dialled. */
    'not-accepted',
    /** Not heard of at the moment; dialled all the same, seldom. */
    'away',
    /** Being reached: no session, or one that is not through its beginning. */
    'dialling',
    /** Its window is 0: its user has not accepted us, or its store fails. */
    'paused',
    /** On the wire or about to be: the acknowledgement is what is missing. */
    'in-flight',
  ]),
  lastSeen: isoTime,
  /** Where it is dialled first; empty where no address is known. */
  address: z.union([address, z.literal('')]),
  /** Until the next attempt, by our monotonic clock; null where none is planned or one is under way. */
  nextTryMs: z.int().nonnegative().nullable(),
  /** What the last attempt failed with: an errno name or a code of protocol errors; null where there was none. */
  failure: z.string().nullable(),
});
export type Waiting = z.infer<typeof waiting>;

/** Why a peer refused a message (REJECT, wire-v1 §5). */
const rejectReason = z.enum(['too-large', 'malformed', 'unknown-content', 'policy', 'other']);
export type RejectReason = z.infer<typeof rejectReason>;

/** A moment in the life of a message. `at` is our clock, which may have been wrong: their order is that of the history. */
export const lifeEvent = z.discriminatedUnion('event', [
  /** A message from a peer: when it was written, by the clock of its sender. */
  z.object({ event: z.literal('written'), at: isoTime }),
  /** A message from a peer: durable here. */
  z.object({ event: z.literal('stored'), at: isoTime }),
  /** A message of ours: durable here. */
  z.object({ event: z.literal('queued'), at: isoTime }),
  /** The session that carried it was opened; for one that was not sent yet, the newest session with its peer. */
  z.object({ event: z.literal('met'), at: isoTime, address: z.string(), interface: z.string() }),
  /** It goes out under a new stream, since this history was restored from an older copy (wire-v1 §6). */
  z.object({ event: z.literal('restarted'), at: isoTime }),
  /** About to be written to a connection. */
  z.object({ event: z.literal('sent'), at: isoTime }),
  /** The acknowledgement arrived: the peer holds it durably. */
  z.object({ event: z.literal('delivered'), at: isoTime }),
  /** The peer was restored from an older copy, and does not hold it any more. */
  z.object({ event: z.literal('lost'), at: isoTime }),
  z.object({ event: z.literal('rejected'), at: isoTime, reason: rejectReason }),
  /** Taken back before it was sent. */
  z.object({ event: z.literal('cancelled'), at: isoTime }),
]);
export type LifeEvent = z.infer<typeof lifeEvent>;
