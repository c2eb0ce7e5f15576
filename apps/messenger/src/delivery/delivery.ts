/**
 * Delivery (wire-v1 §6): a message is in the other person's history or still in our outbox, whatever happens.
 *
 * Everything that must be stored goes through one `turn`: whatever arrived since the last one is committed together
 * (the store answers synchronously, so what arrives meanwhile waits in the sockets and forms the next turn), and only
 * then is anybody told: the console that it is queued, the peer by one cumulative ACK, the readers that there is news.
 */
import {
  HistoryError,
  type CancelResult,
  type HistoryTransaction,
  type HistoryWriter,
  type OutStream,
} from '@earshot/history';
import {
  CONTENT_TYPE,
  IpcError,
  judgeContent,
  MESSAGE_TEXT_MAX_BYTES,
  OUR_WINDOW,
  OUTBOX_MAX_BYTES,
  OUTBOX_MAX_MESSAGES,
  ProtocolError,
  REQUEST_MAX_MESSAGES,
  SYNC_MAX_STREAMS,
  type Ack,
  type MessageBody,
  type Reject,
  type SyncEntry,
  type Window,
} from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import { messageIdBytes, messageIdText, streamBytes } from './identifiers.js';
import { SendFlow } from './send-flow.js';
import type { Session } from '../session/session.js';

/** How often stalls are looked for. */
const TICK_MS = 1_000;
/** After a failed commit: how long until the store is tried again. */
const STORE_RETRY_MS = 1_000;
/** What one peer gets put on the wire per turn: the others get theirs in between. */
const TURN_MAX_MESSAGES = 512;
const TURN_MAX_BYTES = 1024 * 1024;
/** Streams whose marks are kept at hand; of the others the log is asked. */
const MARKS_REMEMBERED = 4_096;

export interface OutgoingMessage {
  readonly id: string;
  readonly peer: string;
  readonly text: string;
}

export interface DeliveryOptions {
  readonly history: HistoryWriter;
  /** Wall-clock milliseconds: recorded, shown, never compared. */
  readonly wallClock: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Whether strangers' messages are accepted at once (EARSHOT_POLICY=open). */
  readonly acceptStrangers: boolean;
  /** The session with a peer that messages should use, if there is one. */
  readonly sessionWith: (peerId: string) => Session | undefined;
  /** A peer with messages waiting has no session. */
  readonly wantSession: (peerId: string) => void;
  /** The history has news. */
  readonly committed: () => void;
  /** A peer was pinned by writing to it or by the open policy. */
  readonly trustChanged: (peerId: string) => void;
  readonly storeFailed: (error: HistoryError) => void;
  readonly storeRecovered: () => void;
  /** The peer lost what it had acknowledged, or we lost what we had sent: it or we were restored from an older copy. */
  readonly restored: (peerId: string, who: 'peer' | 'us') => void;
}

interface Compose {
  readonly message: OutgoingMessage;
  readonly resolve: (state: MessageState) => void;
  readonly reject: (error: Error) => void;
}
interface Cancel {
  readonly id: string;
  readonly resolve: (result: CancelResult) => void;
  readonly reject: (error: Error) => void;
}
interface Arrival {
  readonly session: Session;
  readonly message: MessageBody;
}
interface Receipt {
  readonly session: Session;
  /** Hex, as in the store. */
  readonly stream: string;
  readonly n: number;
  /** Absent for an ACK. */
  readonly reason?: number;
}
/** The sending half of a peer's current session. */
interface Sender {
  readonly session: Session;
  readonly flow: SendFlow;
  stream: string;
}
interface Waiter {
  readonly id: string;
  readonly enough: (state: MessageState) => boolean;
  readonly settle: (state: MessageState) => void;
}

/** How far along a message is; a state that was passed cannot be waited for any more. */
const PROGRESS: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  rejected: 3,
  cancelled: 3,
  received: 3,
};

export class Delivery {
  private readonly senders = new Map<string, Sender>();
  private composes: Compose[] = [];
  private cancels: Cancel[] = [];
  private arrivals: Arrival[] = [];
  private receipts: Receipt[] = [];
  /** Peers for whom more may be put on the wire. */
  private readonly dirty = new Set<string>();
  /** Our mark per peer and stream, as the log has it; dropped whenever a commit fails. */
  private readonly marks = new Map<string, { n: number }>();
  private readonly waiters = new Set<Waiter>();
  private scheduled = false;
  private storeDown = false;
  private readonly tick: NodeJS.Timeout;
  private stopped = false;

  constructor(private readonly options: DeliveryOptions) {
    this.tick = setInterval(() => {
      this.checkProgress();
    }, TICK_MS);
  }

  /** Stores a message; resolves once it is durable. The same id again resolves with the state it has. */
  send(message: OutgoingMessage): Promise<MessageState> {
    const bytes = Buffer.byteLength(message.text);
    if (bytes === 0) throw new IpcError('message-empty');
    if (bytes > MESSAGE_TEXT_MAX_BYTES)
      throw new IpcError('message-too-large', `${bytes} bytes, at most ${MESSAGE_TEXT_MAX_BYTES}`);
    // What the other side would have to refuse is refused here: NUL, or a lone surrogate that UTF-8 cannot carry.
    if (message.text.includes('\0') || !message.text.isWellFormed()) throw new IpcError('message-malformed');
    return new Promise((resolve, reject) => {
      this.composes.push({ message, resolve, reject });
      this.schedule();
    });
  }

  /**
   * Takes back a message that was never put on the wire. In its turn, like everything that is stored: whatever an earlier
   * turn put on the wire is noted as sent, and what this one puts there is chosen when the message is gone.
   */
  cancel(id: string): Promise<CancelResult> {
    return new Promise((resolve, reject) => {
      this.cancels.push({ id, resolve, reject });
      this.schedule();
    });
  }

  /** How far delivery to a peer has come, as its session goes: `none` without one that messages can use. */
  standingOf(peerId: string): 'store-failed' | 'none' | 'paused' | 'in-flight' {
    if (this.storeDown) return 'store-failed';
    const sender = this.senders.get(peerId);
    if (sender?.session.isOpen !== true) return 'none';
    return sender.flow.isPaused ? 'paused' : 'in-flight';
  }

  /** Resolves when a message has come as far as `state` or to its end, or with what it is after `timeoutMs`. */
  waitFor(id: string, state: 'queued' | 'sent' | 'delivered', timeoutMs: number): Promise<MessageState> {
    const current = this.options.history.messageState(id);
    if (current === null) throw new IpcError('bad-request', 'no message of ours has this id');
    const enough = (reached: MessageState) => PROGRESS[reached] >= PROGRESS[state];
    if (enough(current) || timeoutMs === 0) return Promise.resolve(current);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiter.settle(this.options.history.messageState(id) ?? current);
      }, timeoutMs);
      const waiter: Waiter = {
        id,
        enough,
        settle: (reached) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(reached);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** What we hold durably of a peer's streams: the content of our SYNC. */
  marksFor(peerId: string): SyncEntry[] {
    return this.options.history
      .receivedMarks(peerId, SYNC_MAX_STREAMS)
      .flatMap(({ stream, n, id }) =>
        id === null ? [] : [{ stream: streamBytes(stream), lastN: n, lastId: messageIdBytes(id) }],
      );
  }

  /** What we take from a peer beyond our last ACK. */
  windowFor(peerId: string): Window {
    if (this.storeDown) return { messages: 0, bytes: 0 };
    if (this.isAccepted(peerId) || this.options.acceptStrangers) return OUR_WINDOW;
    const left = Math.max(0, REQUEST_MAX_MESSAGES - this.options.history.pendingRequestCount(peerId));
    return left === 0 ? { messages: 0, bytes: 0 } : { messages: left, bytes: OUR_WINDOW.bytes };
  }

  /** The peer's SYNC: where its copy of our stream ends. Acted on once per session; a hostile peer may lie. */
  synchronise(session: Session, entries: readonly SyncEntry[]): void {
    const { history } = this.options;
    const peerId = session.peerId;
    const out = history.outStream(peerId);
    const entry = out === null ? undefined : entries.find((e) => e.stream.equals(streamBytes(out.stream)));
    let stream = out?.stream ?? '';
    let acked = entry?.lastN ?? 0;
    try {
      if (out !== null && entry !== undefined && !this.isOurs(peerId, out, entry)) {
        // The peer holds what we never made, or made differently: our store is an older copy. The numbers would lie
        // from here on, so everything unacknowledged goes out under a new stream; the message ids keep it single.
        stream = history.transaction((tx) => tx.restartStream(peerId).stream);
        acked = 0;
        this.options.restored(peerId, 'us');
      } else if (out !== null && acked < out.acked) {
        history.transaction((tx) => {
          tx.rewindAcked(peerId, acked);
        });
        this.options.restored(peerId, 'peer');
      } else if (out !== null && acked > out.acked) {
        history.transaction((tx) => tx.markAcked(peerId, acked));
        this.announce();
      }
    } catch (error) {
      this.onStoreError(error);
      session.fail(new ProtocolError('too-busy', 'the store failed'));
      return;
    }
    this.senders.set(peerId, { session, flow: new SendFlow(acked, this.options.now()), stream });
    for (const { stream: rejectedStream, n, reason } of history.recentRejections(peerId)) {
      session.sendReject({ stream: streamBytes(rejectedStream), n, reason });
    }
    this.poke(peerId);
  }

  message(session: Session, message: MessageBody): void {
    this.arrivals.push({ session, message });
    this.schedule();
  }

  ack(session: Session, { stream, upto }: Ack): void {
    this.receive({ session, stream: stream.toString('hex'), n: upto });
  }

  reject(session: Session, { stream, n, reason }: Reject): void {
    this.receive({ session, stream: stream.toString('hex'), n, reason });
  }

  window(session: Session, window: Window): void {
    const sender = this.senderFor(session);
    if (sender === undefined) return;
    sender.flow.setWindow(window, this.options.now());
    this.poke(session.peerId);
  }

  /** The peer's side of the connection took more bytes, or there may be something to send for another reason. */
  poke(peerId: string): void {
    this.dirty.add(peerId);
    this.schedule();
  }

  /** A session is over; another one with the same peer goes on from its own SYNC. */
  detach(session: Session): void {
    const peerId = session.result?.peerId;
    if (peerId !== undefined && this.senders.get(peerId)?.session === session) this.senders.delete(peerId);
  }

  /** The user decided about a peer: it may send more now, or nothing. */
  trustDecided(peerId: string): void {
    const session = this.options.sessionWith(peerId);
    if (session?.isOpen === true) session.sendWindow(this.windowFor(peerId));
    if (this.hasPending(peerId)) this.options.wantSession(peerId);
  }

  hasPending(peerId: string): boolean {
    const out = this.options.history.outStream(peerId);
    return out !== null && out.made > out.acked;
  }

  /** Commits what has already arrived; nothing is taken after this. */
  stop(): void {
    if (this.stopped) return;
    this.turn();
    this.stopped = true;
    clearInterval(this.tick);
    for (const waiter of [...this.waiters]) waiter.settle(this.options.history.messageState(waiter.id) ?? 'queued');
  }

  private receive(receipt: Receipt): void {
    const out = this.options.history.outStream(receipt.session.peerId);
    // A retired or unknown stream: a late answer to something already settled.
    if (out?.stream !== receipt.stream) return;
    if (receipt.n > out.wired) throw new ProtocolError('ack-of-unsent');
    this.receipts.push(receipt);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.stopped) this.turn();
    });
  }

  private turn(): void {
    const composes = this.composes;
    const cancels = this.cancels;
    const arrivals = this.arrivals;
    const receipts = this.receipts;
    const dirty = [...this.dirty];
    if (composes.length + cancels.length + arrivals.length + receipts.length + dirty.length === 0) return;
    this.composes = [];
    this.cancels = [];
    this.arrivals = [];
    this.receipts = [];
    this.dirty.clear();

    /** What the world learns once the commit has returned, and not before. */
    const effects: (() => void)[] = [];
    const changed = new Set<string>();
    let before = 0;
    try {
      before = this.options.history.lastSeq();
      this.options.history.transaction((tx) => {
        for (const receipt of receipts) this.applyReceipt(tx, receipt, changed);
        for (const compose of composes) this.applyCompose(tx, compose, effects, changed);
        for (const { id, resolve } of cancels) {
          const result = tx.cancel(id);
          effects.push(() => {
            resolve(result);
          });
        }
        this.applyArrivals(tx, arrivals, effects);
        for (const peerId of new Set([...dirty, ...changed])) this.putOnWire(tx, peerId, effects);
      });
    } catch (error) {
      this.marks.clear();
      this.onStoreError(error);
      for (const { reject } of [...composes, ...cancels])
        reject(new IpcError('store-failed', (error as HistoryError).message));
      // The peer keeps what is not acknowledged; what it acknowledged is true whether or not we can note it now.
      this.receipts.push(...receipts);
      for (const peerId of dirty) this.dirty.add(peerId);
      for (const session of new Set(arrivals.map((a) => a.session))) session.sendWindow({ messages: 0, bytes: 0 });
      return;
    }
    for (const effect of effects) effect();
    if (this.options.history.lastSeq() !== before) this.announce();
  }

  private applyReceipt(tx: HistoryTransaction, { session, stream, n, reason }: Receipt, changed: Set<string>): void {
    const { history } = this.options;
    const peerId = session.peerId;
    const out = history.outStream(peerId);
    if (out?.stream !== stream) return;
    if (reason === undefined) {
      tx.markAcked(peerId, n);
      this.senderFor(session)?.flow.acknowledge(n, this.options.now());
    } else {
      tx.markRejected(peerId, n, reason);
    }
    changed.add(peerId);
  }

  private applyCompose(
    tx: HistoryTransaction,
    { message, resolve, reject }: Compose,
    effects: (() => void)[],
    changed: Set<string>,
  ): void {
    const { history } = this.options;
    const known = history.findSent(message.id);
    if (known !== null) {
      const same = known.peer === message.peer && known.text === message.text;
      effects.push(() => {
        if (same) resolve(known.state);
        else reject(new IpcError('id-conflict'));
      });
      return;
    }
    const size = history.outboxSize(message.peer);
    if (size.messages >= OUTBOX_MAX_MESSAGES || size.bytes + Buffer.byteLength(message.text) > OUTBOX_MAX_BYTES) {
      effects.push(() => {
        reject(new IpcError('outbox-full', `${size.messages} messages, ${size.bytes} bytes wait for this peer`));
      });
      return;
    }
    const peer = history.peer(message.peer);
    if (peer?.trust === 'blocked') {
      effects.push(() => {
        reject(new IpcError('blocked-peer'));
      });
      return;
    }
    if (peer === null || peer.trust === 'new') this.accept(tx, message.peer, effects);
    try {
      tx.compose({ ...message, ctype: CONTENT_TYPE.text, sentAt: this.options.wallClock(), wired: false });
    } catch (error) {
      // The id is that of a message we have from this peer, or of one that was taken back: a command that repeats its
      // request must not send that after all.
      if (!(error instanceof HistoryError) || error.code !== 'id-conflict') throw error;
      const cancelled = history.messageState(message.id) === 'cancelled';
      effects.push(() => {
        if (cancelled) resolve('cancelled');
        else reject(new IpcError('id-conflict'));
      });
      return;
    }
    changed.add(message.peer);
    effects.push(() => {
      resolve('queued');
      if (!this.senders.has(message.peer)) this.options.wantSession(message.peer);
    });
  }

  /** Writing to somebody pins them: from now on this identity, and no other of its name, is meant (wire-v1 §7). */
  private accept(tx: HistoryTransaction, peerId: string, effects: (() => void)[]): void {
    tx.setTrust(peerId, 'accepted');
    effects.push(() => {
      this.options.trustChanged(peerId);
      this.trustDecided(peerId);
    });
  }

  private applyArrivals(tx: HistoryTransaction, arrivals: readonly Arrival[], effects: (() => void)[]): void {
    /** One cumulative ACK per stream that anything came for, on the session it came by. */
    const acks = new Map<string, { session: Session; stream: Buffer; mark: { n: number } }>();
    /** Marks as this transaction will leave them; the shared ones move only once it is committed. */
    const marks = new Map<string, { n: number; moved: boolean }>();
    const requests = new Map<string, number>();
    for (const { session, message } of arrivals) {
      const peerId = session.peerId;
      const stream = message.stream.toString('hex');
      const key = `${peerId} ${stream}`;
      let mark = marks.get(key);
      if (mark === undefined) {
        mark = { n: this.marks.get(key)?.n ?? this.options.history.receivedMark(peerId, stream).n, moved: false };
        marks.set(key, mark);
      }
      if (message.n === mark.n + 1) {
        if (!this.mayStore(tx, peerId, requests, effects)) continue;
        this.store(tx, session, message, effects);
        mark.n = message.n;
        mark.moved = true;
      }
      // Before the mark it is a repetition, beyond it a gap: either way the peer learns where we are.
      acks.set(key, { session, stream: message.stream, mark });
    }
    effects.push(() => {
      // Only of streams that something was stored of: a peer can name as many others as it likes.
      for (const [key, { n, moved }] of marks) if (moved) this.remember(key, n);
      for (const { session, stream, mark } of acks.values()) session.sendAck({ stream, upto: mark.n });
      for (const peerId of requests.keys()) this.options.sessionWith(peerId)?.sendWindow(this.windowFor(peerId));
    });
  }

  private remember(key: string, n: number): void {
    this.marks.delete(key);
    this.marks.set(key, { n });
    if (this.marks.size > MARKS_REMEMBERED)
      for (const oldest of this.marks.keys()) return void this.marks.delete(oldest);
  }

  /** A stranger may leave twenty messages; more wait on its side until the user decides. */
  private mayStore(
    tx: HistoryTransaction,
    peerId: string,
    requests: Map<string, number>,
    effects: (() => void)[],
  ): boolean {
    const trust = this.options.history.peer(peerId)?.trust;
    if (trust === 'accepted' || trust === 'verified') return true;
    // Blocked while this was on its way to us: the last word is the user's.
    if (trust === 'blocked') return false;
    if (this.options.acceptStrangers) {
      this.accept(tx, peerId, effects);
      return true;
    }
    const count = requests.get(peerId) ?? this.options.history.pendingRequestCount(peerId);
    requests.set(peerId, Math.min(count + 1, REQUEST_MAX_MESSAGES));
    return count < REQUEST_MAX_MESSAGES;
  }

  private store(tx: HistoryTransaction, session: Session, message: MessageBody, effects: (() => void)[]): void {
    const position = {
      peer: session.peerId,
      stream: message.stream.toString('hex'),
      n: message.n,
      id: messageIdText(message.id),
    };
    const judged = judgeContent(message.ctype, message.content);
    if (judged.kind === 'reject') {
      // A tombstone, or one bad message would block the stream for ever.
      tx.commitRejected({ ...position, reason: judged.reason });
      effects.push(() => {
        session.sendReject({ stream: message.stream, n: message.n, reason: judged.reason });
      });
      return;
    }
    tx.commitReceived({
      ...position,
      sentAt: message.sentMs,
      ctype: message.ctype,
      text: judged.kind === 'text' ? judged.text : null,
    });
  }

  /** Within the transaction: notes what will be put on the wire, so that a crash after it is never taken for "never sent". */
  private putOnWire(tx: HistoryTransaction, peerId: string, effects: (() => void)[]): void {
    const sender = this.senders.get(peerId);
    if (sender === undefined) return;
    const { history } = this.options;
    if (!sender.session.isOpen) return;
    if (sender.session.isCongested) return;
    const out = history.outStream(peerId);
    if (out === null) return;
    if (out.stream !== sender.stream) {
      sender.stream = out.stream;
      sender.flow.restart(out.acked, this.options.now());
    }
    const { flow } = sender;
    const room = flow.room;
    if (room.messages === 0 || room.bytes === 0) return;
    const entries = history.pending(
      peerId,
      flow.position,
      Math.min(room.messages, TURN_MAX_MESSAGES),
      Math.min(room.bytes, TURN_MAX_BYTES),
    );
    const last = entries.at(-1);
    if (last === undefined) return;
    tx.markWired(peerId, last.n);
    effects.push(() => {
      const { session } = sender;
      const stream = streamBytes(sender.stream);
      session.cork();
      for (const entry of entries) {
        const content = entry.text === null ? Buffer.alloc(0) : Buffer.from(entry.text);
        flow.put(entry.n, content.length, this.options.now());
        session.sendMessage({
          stream,
          n: entry.n,
          id: messageIdBytes(entry.id),
          sentMs: entry.sentAt,
          ctype: entry.text === null ? CONTENT_TYPE.void : entry.ctype,
          content,
        });
      }
      session.uncork();
      if (last.n < out.made) this.poke(peerId);
    });
  }

  private announce(): void {
    this.options.committed();
    for (const waiter of this.waiters) {
      const state = this.options.history.messageState(waiter.id);
      if (state !== null && waiter.enough(state)) waiter.settle(state);
    }
  }

  private checkProgress(): void {
    const now = this.options.now();
    for (const [peerId, { session, flow }] of this.senders) {
      const verdict = flow.checkProgress(now);
      if (verdict === 'dead') session.fail(new ProtocolError('peer-dead', 'no acknowledgement'));
      else if (verdict === 'went-back') this.poke(peerId);
    }
  }

  private onStoreError(error: unknown): void {
    if (!(error instanceof HistoryError) || error.code !== 'store-failed') throw error;
    if (this.storeDown) return;
    this.storeDown = true;
    this.options.storeFailed(error);
    for (const { session } of this.senders.values()) session.sendWindow({ messages: 0, bytes: 0 });
    this.retryStore();
  }

  private retryStore(): void {
    setTimeout(() => {
      if (this.stopped) return;
      try {
        this.options.history.probe();
      } catch (error) {
        if (!(error instanceof HistoryError)) throw error;
        this.retryStore();
        return;
      }
      this.storeDown = false;
      this.options.storeRecovered();
      for (const [peerId, { session }] of this.senders) {
        session.sendWindow(this.windowFor(peerId));
        this.dirty.add(peerId);
      }
      this.schedule();
    }, STORE_RETRY_MS);
  }

  /** Whether the peer's mark lies on what we made: the number alone would not tell (wire-v1 §6). */
  private isOurs(peerId: string, out: OutStream, { lastN, lastId }: SyncEntry): boolean {
    const entry = lastN > out.wired ? null : this.options.history.outEntry(peerId, lastN);
    return entry !== null && messageIdBytes(entry.id).equals(lastId);
  }

  private senderFor(session: Session): Sender | undefined {
    const sender = this.senders.get(session.peerId);
    return sender?.session === session ? sender : undefined;
  }

  private isAccepted(peerId: string): boolean {
    const trust = this.options.history.peer(peerId)?.trust;
    return trust === 'accepted' || trust === 'verified';
  }
}
