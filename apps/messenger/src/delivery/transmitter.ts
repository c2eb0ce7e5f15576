/**
 * Puts the outbox on the wire, one sending stream per peer and session (wire-v1 §6.2), and notes what peers acknowledge
 * and refuse (§6.4). What it keeps besides is only of this session, and lost with it.
 */
import { takePage, type HistoryWriter, type OutEntry } from '@earshot/history';
import { CONTENT_TYPE, ProtocolError, type Window } from '@earshot/protocol';
import type { DeliverySession } from './delivery-session.js';
import { messageIdBytes, streamBytes } from './identifiers.js';
import type { Receipt } from './receipts.js';
import { SendFlow } from './send-flow.js';
import type { Turn } from './turn.js';

/** What one peer gets put on the wire per turn: the others get theirs in between. */
const TURN_MAX_MESSAGES = 512;
const TURN_MAX_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** The sending half of a peer's current session. */
interface Sender {
  readonly session: DeliverySession;
  readonly flow: SendFlow;
  stream: string;
}

export interface TransmitterOptions {
  readonly history: HistoryWriter;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** There may be more to put on the wire for a peer in the next turn. */
  readonly poke: (peerId: string) => void;
}

export class Transmitter {
  private readonly senders = new Map<string, Sender>();
  /** Entries composed in the turn under way, by peer: they go out without being read from the history again. */
  private readonly fresh = new Map<string, OutEntry[]>();

  constructor(private readonly options: TransmitterOptions) {}

  /** The session is open: sending goes on behind the peer's mark. */
  attach(session: DeliverySession, stream: string, acked: number): void {
    this.senders.set(session.peerId, { session, flow: new SendFlow(acked, this.options.now()), stream });
  }

  detach(session: DeliverySession): void {
    if (this.senderFor(session) !== undefined) this.senders.delete(session.peerId);
  }

  has(peerId: string): boolean {
    return this.senders.has(peerId);
  }

  get sessions(): DeliverySession[] {
    return [...this.senders.values()].map(({ session }) => session);
  }

  setWindow(session: DeliverySession, window: Window): void {
    this.senderFor(session)?.flow.setWindow(window, this.options.now());
  }

  /** An entry was composed in this turn. */
  composed(peerId: string, entry: OutEntry): void {
    const entries = this.fresh.get(peerId);
    if (entries === undefined) this.fresh.set(peerId, [entry]);
    else entries.push(entry);
  }

  /**
   * Whether a receipt is for the stream in use; a retired or unknown one is a late answer to something already settled.
   * Throws ProtocolError `ack-of-unsent` for what was never put on the wire.
   */
  isCurrent({ session, stream, n }: Receipt): boolean {
    const out = this.options.history.outStream(session.peerId);
    if (out?.stream !== stream) return false;
    if (n > out.wired) throw new ProtocolError('ack-of-unsent');
    return true;
  }

  /**
   * Makes room in the window of the session that an ACK came by, also where it is another session's that will be noted: of
   * a stream the furthest one is enough for the history.
   */
  acknowledged({ session, n, reason }: Receipt): void {
    if (reason === undefined) this.senderFor(session)?.flow.acknowledge(n, this.options.now());
  }

  applyReceipt(turn: Turn, receipt: Receipt): void {
    // Looked at again: the stream may have been given up since it came.
    if (!this.isCurrent(receipt)) return;
    const { session, n, reason } = receipt;
    if (reason === undefined) {
      turn.tx.markAcked(session.peerId, n);
    } else {
      turn.tx.markRejected(session.peerId, n, reason);
    }
    turn.changed.add(session.peerId);
  }

  /** What will be put on the wire is noted in the turn before, so that a crash behind it is never taken for "never sent". */
  putOnWire(turn: Turn, peerIds: Iterable<string>): void {
    for (const peerId of peerIds) {
      const sender = this.senders.get(peerId);
      if (sender === undefined || !sender.session.isOpen || sender.session.isCongested) continue;
      const entries = this.nextEntries(peerId, sender);
      const last = entries.at(-1);
      if (last === undefined) continue;
      turn.tx.markWired(peerId, last.n);
      turn.onDeparture(() => {
        this.send(sender, entries);
        if (last.n < (this.options.history.outStream(peerId)?.made ?? 0)) this.options.poke(peerId);
      });
    }
    this.fresh.clear();
  }

  /** What was composed in the turn does not stand any more, or not where it was: it is read from the history instead. */
  forgetComposed(): void {
    this.fresh.clear();
  }

  /** How far delivery to a peer has come, as its session goes: `none` without one that messages can use. */
  standingOf(peerId: string): 'none' | 'paused' | 'in-flight' {
    const sender = this.senders.get(peerId);
    if (sender?.session.isOpen !== true) return 'none';
    return sender.flow.isPaused ? 'paused' : 'in-flight';
  }

  /** Looks for peers that stopped acknowledging. */
  checkProgress(): void {
    const now = this.options.now();
    for (const [peerId, { session, flow }] of this.senders) {
      const verdict = flow.checkProgress(now);
      if (verdict === 'dead') session.fail(new ProtocolError('peer-dead', 'no acknowledgement'));
      else if (verdict === 'went-back') this.options.poke(peerId);
    }
  }

  private nextEntries(peerId: string, sender: Sender): OutEntry[] {
    const { history } = this.options;
    const out = history.outStream(peerId);
    if (out === null) return [];
    const { flow } = sender;
    if (out.stream !== sender.stream) {
      sender.stream = out.stream;
      flow.restart(out.acked, this.options.now());
    }
    const room = flow.room;
    if (room.messages === 0 || room.bytes === 0 || flow.position === out.made) return [];
    const maxRows = Math.min(room.messages, TURN_MAX_MESSAGES);
    const maxBytes = Math.min(room.bytes, TURN_MAX_BYTES);
    const fresh = this.fresh.get(peerId);
    const entries =
      fresh?.[0]?.n === flow.position + 1
        ? takePage(fresh, maxRows, maxBytes).taken
        : history.pending(peerId, flow.position, maxRows, maxBytes);
    // One in any case is for a peer that has nothing yet: no message is larger than a window that is open (wire-v1 §6.3).
    return flow.isEmpty || bytesOf(entries[0]) <= room.bytes ? entries : [];
  }

  private send({ session, flow, stream }: Sender, entries: readonly OutEntry[]): void {
    const streamId = streamBytes(stream);
    session.cork();
    for (const { n, id, text, ctype, sentAt } of entries) {
      const content = text === null ? NOTHING : Buffer.from(text);
      flow.put(n, content.length, this.options.now());
      session.sendMessage({
        stream: streamId,
        n,
        id: messageIdBytes(id),
        sentMs: sentAt,
        ctype: text === null ? CONTENT_TYPE.void : ctype,
        content,
      });
    }
    session.uncork();
  }

  private senderFor(session: DeliverySession): Sender | undefined {
    const sender = this.senders.get(session.peerId);
    return sender?.session === session ? sender : undefined;
  }
}

function bytesOf(entry: OutEntry | undefined): number {
  return Buffer.byteLength(entry?.text ?? '');
}
