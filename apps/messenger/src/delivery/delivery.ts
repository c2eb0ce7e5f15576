/**
 * Delivery (wire-v1 §6): a message is in the other person's history or still in our outbox, whatever happens.
 *
 * Everything that must be stored goes through one `turn`: whatever arrived since the last one is committed together
 * (the store answers synchronously, so what arrives meanwhile waits in the sockets and forms the next turn), and only
 * then is anybody told: the console that it is queued, the peer by one cumulative ACK, the readers that there is news.
 */
import { HistoryError, type HistoryTransaction, type HistoryWriter, type OutStream } from '@earshot/history';
import {
  CONTENT_TYPE,
  IpcError,
  type IpcErrorCode,
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
import type { DeliverySession } from './delivery-session.js';
import { messageIdBytes, messageIdText, streamBytes } from './identifiers.js';
import { SendFlow } from './send-flow.js';

/** How often stalls are looked for. */
const TICK_MS = 1_000;
/** After a failed commit: how long until the store is tried again. */
const STORE_RETRY_MS = 1_000;
/** What one peer gets put on the wire per turn: the others get theirs in between. */
const TURN_MAX_MESSAGES = 512;
const TURN_MAX_BYTES = 1024 * 1024;

export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
}
/** What became of one message of a request. */
export type SendOutcome =
  { readonly id: string; readonly state: MessageState } | { readonly id: string; readonly error: IpcError };

export interface DeliveryOptions {
  readonly history: HistoryWriter;
  /** Wall-clock milliseconds: recorded, shown, never compared. */
  readonly wallClock: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Whether strangers' messages are accepted at once (EARSHOT_POLICY=open). */
  readonly acceptStrangers: boolean;
  /** The session with a peer that messages should use, if there is one. */
  readonly sessionWith: (peerId: string) => DeliverySession | undefined;
  /** A peer with messages waiting has no session. */
  readonly wantSession: (peerId: string) => void;
  /** The history has news. */
  readonly committed: () => void;
  /** A peer was pinned by writing to it or by the open policy. */
  readonly trustChanged: (peerId: string) => void;
  readonly storeFailed: (error: HistoryError) => void;
  readonly storeRecovered: () => void;
  /**
   * It or we were restored from an older copy: the peer lost what it had acknowledged or began a new stream (what it
   * wrote before may be with us alone), or we lost what we had sent (it may be with the peer alone).
   */
  readonly restored: (peerId: string, who: 'peer' | 'us') => void;
}

interface Compose {
  readonly peer: string;
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: (outcomes: SendOutcome[]) => void;
  readonly reject: (error: Error) => void;
}
interface Arrival {
  readonly session: DeliverySession;
  readonly message: MessageBody;
}
interface Receipt {
  readonly session: DeliverySession;
  /** Hex, as in the store. */
  readonly stream: string;
  readonly n: number;
  /** Absent for an ACK. */
  readonly reason?: number;
}
/** Where a peer's messages are taken from. */
interface Intake {
  /** The one that our latest SYNC went out on. */
  readonly session: DeliverySession;
  /** Older ones that messages came by since. */
  readonly passedOver: Set<DeliverySession>;
}
/** The sending half of a peer's current session. */
interface Sender {
  readonly session: DeliverySession;
  readonly flow: SendFlow;
  stream: string;
}
interface Waiter {
  readonly id: string;
  readonly enough: (state: MessageState) => boolean;
  readonly settle: (state: MessageState) => void;
}

/** How far along a message is; a state that was passed cannot be waited for any more. */
const PROGRESS: Readonly<Record<MessageState, number>> = { queued: 0, sent: 1, delivered: 2, rejected: 3, received: 3 };

export class Delivery {
  private readonly senders = new Map<string, Sender>();
  private readonly intakes = new Map<string, Intake>();
  private composes: Compose[] = [];
  private arrivals: Arrival[] = [];
  private receipts: Receipt[] = [];
  /** Peers for whom more may be put on the wire. */
  private readonly dirty = new Set<string>();
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

  /**
   * Stores messages for a peer, in this order; resolves once what could be stored is durable. An id again with the same
   * text answers with the state it has. Rejects with `store-failed`, and then none of them is stored.
   */
  send(peer: string, messages: readonly OutgoingMessage[]): Promise<SendOutcome[]> {
    return new Promise((resolve, reject) => {
      this.composes.push({ peer, messages, resolve, reject });
      this.schedule();
    });
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

  /**
   * What we hold durably of a peer's streams: the content of our SYNC on this session. From here on its messages are
   * taken on this session alone, so that SYNC is still true when the peer acts on it.
   */
  marksFor(session: DeliverySession): SyncEntry[] {
    this.intakes.set(session.peerId, { session, passedOver: new Set() });
    return this.options.history
      .receivedMarks(session.peerId, SYNC_MAX_STREAMS)
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
  synchronise(session: DeliverySession, entries: readonly SyncEntry[]): void {
    const { history } = this.options;
    const peerId = session.peerId;
    const out = history.outStream(peerId);
    // Its first mark is what the peer stored of us last. Were we on the same stream earlier than on another one, only
    // a copy of us can have been.
    const [latest] = entries;
    let stream = out?.stream ?? '';
    let acked = latest?.lastN ?? 0;
    try {
      if (latest !== undefined && (out === null || !this.isOurs(peerId, out, latest))) {
        // The peer holds what we never made, or made differently. The numbers would lie from here on, so everything
        // that we hold goes out under a new stream, what was acknowledged too: the peer may have lost it since, and
        // nothing here would tell. The message ids keep it single.
        if (out !== null) {
          stream = history.transaction((tx) => {
            if (out.acked > 0) tx.rewindAcked(peerId, 0);
            return tx.restartStream(peerId).stream;
          });
        }
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

  message(session: DeliverySession, message: MessageBody): void {
    this.arrivals.push({ session, message });
    this.schedule();
  }

  ack(session: DeliverySession, { stream, upto }: Ack): void {
    this.receive({ session, stream: stream.toString('hex'), n: upto });
  }

  reject(session: DeliverySession, { stream, n, reason }: Reject): void {
    this.receive({ session, stream: stream.toString('hex'), n, reason });
  }

  window(session: DeliverySession, window: Window): void {
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
  detach(session: DeliverySession): void {
    const { peerId } = session;
    if (this.senderFor(session) !== undefined) this.senders.delete(peerId);
    const intake = this.intakes.get(peerId);
    if (intake?.session !== session) return;
    this.intakes.delete(peerId);
    // What an older session brought meanwhile was not taken: a window that opens again makes the peer repeat it at once.
    for (const older of intake.passedOver) {
      older.sendWindow({ messages: 0, bytes: 0 });
      older.sendWindow(this.windowFor(peerId));
    }
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
    const arrivals = this.arrivals;
    const receipts = this.receipts;
    const dirty = [...this.dirty];
    if (composes.length + arrivals.length + receipts.length + dirty.length === 0) return;
    this.composes = [];
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
        for (const compose of composes) {
          const outcomes = compose.messages.map((message) => this.compose(tx, compose.peer, message, effects));
          changed.add(compose.peer);
          effects.push(() => {
            compose.resolve(outcomes);
          });
        }
        this.applyArrivals(tx, arrivals, effects);
        for (const peerId of new Set([...dirty, ...changed])) this.putOnWire(tx, peerId, effects);
      });
    } catch (error) {
      this.onStoreError(error);
      for (const { reject } of composes) reject(new IpcError('store-failed', (error as HistoryError).message));
      // The peer keeps what is not acknowledged; what it acknowledged is true whether or not we can note it now.
      this.receipts.push(...receipts);
      for (const peerId of dirty) this.dirty.add(peerId);
      for (const session of new Set(arrivals.map((a) => a.session))) session.sendWindow({ messages: 0, bytes: 0 });
      return;
    }
    for (const effect of effects) effect();
    for (const peerId of changed) if (!this.senders.has(peerId)) this.options.wantSession(peerId);
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

  private compose(
    tx: HistoryTransaction,
    peer: string,
    { id, text }: OutgoingMessage,
    effects: (() => void)[],
  ): SendOutcome {
    const { history } = this.options;
    const bytes = Buffer.byteLength(text);
    const refused = (code: IpcErrorCode, detail = ''): SendOutcome => ({ id, error: new IpcError(code, detail) });
    if (bytes === 0) return refused('message-empty');
    if (bytes > MESSAGE_TEXT_MAX_BYTES)
      return refused('message-too-large', `${bytes} bytes, at most ${MESSAGE_TEXT_MAX_BYTES}`);
    // What the other side would have to refuse is refused here: NUL, or a lone surrogate that UTF-8 cannot carry.
    if (text.includes('\0') || !text.isWellFormed()) return refused('message-malformed');

    const trust = history.trustOf(peer);
    const size = history.outboxSize(peer);
    const isFull = size.messages >= OUTBOX_MAX_MESSAGES || size.bytes + bytes > OUTBOX_MAX_BYTES;
    if (!isFull && trust !== 'blocked') {
      try {
        tx.compose({ id, peer, text, ctype: CONTENT_TYPE.text, sentAt: this.options.wallClock(), wired: false });
        if (trust === null || trust === 'new') this.accept(tx, peer, effects);
        return { id, state: 'queued' };
      } catch (error) {
        if (!(error instanceof HistoryError) || error.code !== 'id-conflict') throw error;
      }
    }
    // The same request again is answered by what became of the first one, also where it would be refused by now.
    const known = history.findSent(id);
    if (known?.peer === peer && known.text === text) return { id, state: known.state };
    if (trust === 'blocked') return refused('blocked-peer');
    if (isFull) return refused('outbox-full', `${size.messages} messages, ${size.bytes} bytes wait for this peer`);
    return refused('id-conflict');
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
    const acks = new Map<string, { session: DeliverySession; stream: Buffer; mark: { n: number } }>();
    /** Marks as this transaction will leave them. */
    const marks = new Map<string, { n: number }>();
    const requests = new Map<string, number>();
    /** What came a second time: an ACK alone would say "delivered" of a refused one whose REJECT was lost. */
    const repeated = new Map<string, { session: DeliverySession; ns: Set<number> }>();
    for (const { session, message } of arrivals) {
      const peerId = session.peerId;
      const intake = this.intakes.get(peerId);
      if (intake !== undefined && intake.session !== session) {
        intake.passedOver.add(session);
        continue;
      }
      const stream = message.stream.toString('hex');
      const key = `${peerId} ${stream}`;
      let mark = marks.get(key);
      if (mark === undefined) {
        mark = { n: this.options.history.receivedMark(peerId, stream).n };
        marks.set(key, mark);
      }
      if (message.n === mark.n + 1) {
        if (!this.mayStore(tx, peerId, requests, effects)) continue;
        if (message.n === 1 && this.options.history.receivedMarks(peerId, 1).length > 0)
          effects.push(() => {
            this.options.restored(peerId, 'peer');
          });
        this.store(tx, session, message, effects);
        mark.n = message.n;
      } else if (message.n <= mark.n) {
        const known = repeated.get(key)?.ns ?? new Set();
        repeated.set(key, { session, ns: known.add(message.n) });
      }
      // Before the mark it is a repetition, beyond it a gap: either way the peer learns where we are.
      acks.set(key, { session, stream: message.stream, mark });
    }
    for (const [key, { session, ns }] of repeated) {
      for (const { stream, n, reason } of this.options.history.recentRejections(session.peerId)) {
        if (key !== `${session.peerId} ${stream}` || !ns.has(n)) continue;
        effects.push(() => {
          session.sendReject({ stream: streamBytes(stream), n, reason });
        });
      }
    }
    effects.push(() => {
      for (const { session, stream, mark } of acks.values()) session.sendAck({ stream, upto: mark.n });
      for (const peerId of requests.keys()) this.options.sessionWith(peerId)?.sendWindow(this.windowFor(peerId));
    });
  }

  /** A stranger may leave twenty messages; more wait on its side until the user decides. */
  private mayStore(
    tx: HistoryTransaction,
    peerId: string,
    requests: Map<string, number>,
    effects: (() => void)[],
  ): boolean {
    const trust = this.options.history.trustOf(peerId);
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

  private store(tx: HistoryTransaction, session: DeliverySession, message: MessageBody, effects: (() => void)[]): void {
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
  private isOurs(peerId: string, out: OutStream, { stream, lastN, lastId }: SyncEntry): boolean {
    if (!stream.equals(streamBytes(out.stream))) return false;
    const entry = lastN > out.wired ? null : this.options.history.outEntry(peerId, lastN);
    return entry !== null && messageIdBytes(entry.id).equals(lastId);
  }

  private senderFor(session: DeliverySession): Sender | undefined {
    const sender = this.senders.get(session.peerId);
    return sender?.session === session ? sender : undefined;
  }

  private isAccepted(peerId: string): boolean {
    const trust = this.options.history.trustOf(peerId);
    return trust === 'accepted' || trust === 'verified';
  }
}
