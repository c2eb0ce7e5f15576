/**
 * Delivery (wire-v1 §6): a message is in the other person's history or still in our outbox, whatever happens.
 *
 * Everything that must be stored goes through one `turn`: whatever arrived since the last one is committed together
 * (the store answers synchronously, so what arrives meanwhile waits in the sockets and forms the next turn), and only
 * then is anybody told: the console that it is queued, the peer by one cumulative ACK, the readers that there is news.
 */
import type { CancelResult, Forgotten, HistoryError, HistoryWriter, ToForget } from '@earshot/history';
import {
  IpcError,
  OUR_WINDOW,
  ProtocolError,
  REQUEST_MAX_MESSAGES,
  SHUT_WINDOW,
  SYNC_MAX_STREAMS,
  type Ack,
  type MessageBody,
  type Reject,
  type SyncEntry,
  type Window,
} from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import { Composer, type OutgoingMessage, type SendOutcome } from './composer.js';
import type { DeliverySession } from './delivery-session.js';
import { messageIdBytes, streamBytes } from './identifiers.js';
import { Receipts, type Receipt } from './receipts.js';
import { Receiver, type Arrival } from './receiver.js';
import { Renumberings } from './renumberings.js';
import { resynchronise } from './resynchronise.js';
import { StateWaiters } from './state-waiters.js';
import { StoreHealth } from './store-health.js';
import { Transmitter } from './transmitter.js';
import { Turn } from './turn.js';

/** How often stalls are looked for. */
const TICK_MS = 1_000;
/** Messages forgotten in one turn: their words are taken out of the index one by one, which takes 0.1 ms each. */
const FORGET_MAX_MESSAGES = 200;

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
  /** The history has news behind this number of its feed. */
  readonly committed: (before: number) => void;
  /** More is unread in a conversation, or less. */
  readonly unreadChanged: (peerId: string) => void;
  /** A peer was pinned by writing to it or by the open policy. */
  readonly trustChanged: (peerId: string) => void;
  readonly storeFailed: (error: HistoryError) => void;
  readonly storeRecovered: () => void;
  /**
   * It or we were restored from an older copy. `us`: the peer may hold messages of ours that we know nothing of. `peer`: it
   * lost what it had acknowledged, which is sent again, or began a new stream: what it wrote before may be with us alone.
   */
  readonly restored: (peerId: string, who: 'us' | 'peer') => void;
}

interface Compose {
  readonly peer: string;
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: (outcomes: SendOutcome[]) => void;
  readonly reject: (error: Error) => void;
}

interface Cancel {
  readonly id: string;
  readonly resolve: (result: CancelResult) => void;
  readonly reject: (error: Error) => void;
}

interface Forget {
  readonly what: Omit<ToForget, 'limit'>;
  readonly resolve: (result: Forgotten) => void;
  readonly reject: (error: Error) => void;
}

export class Delivery {
  private readonly composer: Composer;
  private readonly receiver: Receiver;
  private readonly transmitter: Transmitter;
  private readonly waiters: StateWaiters;
  private readonly store: StoreHealth;
  private readonly renumberings: Renumberings;
  private composes: Compose[] = [];
  private cancels: Cancel[] = [];
  private forgets: Forget[] = [];
  private arrivals: Arrival[] = [];
  private receipts = new Receipts();
  /** Peers for whom more may be put on the wire. */
  private readonly dirty = new Set<string>();
  /** Something was forgotten since the WAL was emptied; also in a run before this one, which may have been killed. */
  private toScrub = true;
  private scheduled = false;
  private stopped = false;
  private readonly tick: NodeJS.Timeout;

  constructor(private readonly options: DeliveryOptions) {
    const { history, wallClock, now, acceptStrangers, sessionWith } = options;
    const accept = this.accept.bind(this);
    const poke = this.poke.bind(this);
    this.transmitter = new Transmitter({ history, now, poke });
    this.composer = new Composer({
      history,
      wallClock,
      accept,
      composed: (peerId, entry) => {
        this.transmitter.composed(peerId, entry);
      },
    });
    this.receiver = new Receiver({
      history,
      acceptStrangers,
      accept,
      sessionWith,
      windowFor: this.windowFor.bind(this),
      newStream: (peerId) => {
        options.restored(peerId, 'peer');
      },
    });
    this.renumberings = new Renumberings(now);
    this.waiters = new StateWaiters(history);
    this.store = new StoreHealth({
      history,
      failed: (error) => {
        options.storeFailed(error);
        this.shut();
      },
      recovered: options.storeRecovered,
      retry: () => {
        for (const session of this.sessions()) {
          session.sendWindow(this.windowFor(session.peerId));
          this.poke(session.peerId);
        }
        // Receipts that could not be noted.
        this.schedule();
      },
    });
    this.tick = setInterval(() => {
      this.transmitter.checkProgress();
      this.scrub();
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

  /** Forgets some of the messages with a peer; in its turn, as what is on its way to the peer is chosen there. */
  forget(what: Omit<ToForget, 'limit'>): Promise<Forgotten> {
    return new Promise((resolve, reject) => {
      this.forgets.push({ what, resolve, reject });
      this.schedule();
    });
  }

  /** How far delivery to a peer has come, as its session goes: `none` without one that messages can use. */
  standingOf(peerId: string): 'store-failed' | 'none' | 'paused' | 'in-flight' {
    return this.store.failure !== undefined ? 'store-failed' : this.transmitter.standingOf(peerId);
  }

  /** Resolves when a message has come as far as `state` or to its end, or with what it is after `timeoutMs`. */
  waitFor(id: string, state: 'queued' | 'sent' | 'delivered', timeoutMs: number): Promise<MessageState> {
    return this.waiters.waitFor(id, state, timeoutMs);
  }

  /** What we hold durably of a peer's streams, most recently used first: the content of our SYNC, which goes out on this session now. */
  marksFor(session: DeliverySession): SyncEntry[] {
    const marks = this.options.history.receivedMarks(session.peerId, SYNC_MAX_STREAMS);
    this.receiver.attach(session, marks);
    return marks.flatMap(({ stream, n, id }) =>
      id === null ? [] : [{ stream: streamBytes(stream), lastN: n, lastId: messageIdBytes(id) }],
    );
  }

  /** What we take from a peer beyond our last ACK. */
  windowFor(peerId: string): Window {
    if (this.store.failure !== undefined) return SHUT_WINDOW;
    if (this.isAccepted(peerId) || this.options.acceptStrangers) return OUR_WINDOW;
    const waiting = this.options.history.pendingRequestCount(peerId);
    if (waiting === 0 && !this.options.history.hasRoomForRequest(peerId)) return SHUT_WINDOW;
    const left = Math.max(0, REQUEST_MAX_MESSAGES - waiting);
    return left === 0 ? SHUT_WINDOW : { messages: left, bytes: OUR_WINDOW.bytes };
  }

  /** The peer's SYNC: where its copies of our streams end. Acted on once per session; a hostile peer may lie. */
  synchronise(session: DeliverySession, entries: readonly SyncEntry[]): void {
    const { history } = this.options;
    const { peerId } = session;
    try {
      const before = history.lastSeq();
      const { stream, acked, restored } = resynchronise(history, this.renumberings, peerId, entries);
      if (restored !== undefined) this.options.restored(peerId, restored);
      this.transmitter.attach(session, stream, acked);
      if (history.lastSeq() !== before) this.announce(before);
    } catch (error) {
      this.store.report(error);
      session.fail(new ProtocolError('too-busy', 'the store failed'));
      return;
    }
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
    this.transmitter.setWindow(session, window);
    this.poke(session.peerId);
  }

  /** The peer's side of the connection took more bytes, or there may be something to send for another reason. */
  poke(peerId: string): void {
    this.dirty.add(peerId);
    this.schedule();
  }

  /** A session is over; another one with the same peer goes on from its own SYNC. */
  detach(session: DeliverySession): void {
    this.transmitter.detach(session);
    this.receiver.detach(session);
  }

  /** The user decided about a peer: it may send more now, or nothing, and there may be room for another stranger. */
  trustDecided(peerId: string): void {
    const session = this.options.sessionWith(peerId);
    if (session?.isOpen === true) session.sendWindow(this.windowFor(peerId));
    for (const other of this.sessions())
      if (other.peerId !== peerId && other.isOpen && !this.isAccepted(other.peerId))
        other.sendWindow(this.windowFor(other.peerId));
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
    this.store.stop();
    this.waiters.settleAll();
  }

  private receive(receipt: Receipt): void {
    if (!this.transmitter.isCurrent(receipt)) return;
    this.transmitter.acknowledged(receipt);
    this.receipts.add(receipt);
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
    const { composes, cancels, forgets, arrivals, receipts } = this;
    const requests = [...composes, ...cancels, ...forgets];
    const dirty = [...this.dirty];
    if (requests.length + arrivals.length + receipts.size + dirty.length === 0) return;
    this.composes = [];
    this.cancels = [];
    this.forgets = [];
    this.arrivals = [];
    const failure = this.store.failure;
    if (failure !== undefined) {
      // Receipts and what may be sent wait for the store. What arrived against our window stays with its sender.
      refuse(requests, failure);
      return;
    }
    this.receipts = new Receipts();
    this.dirty.clear();

    const { history } = this.options;
    let turn: Turn;
    let before: number;
    try {
      before = history.lastSeq();
      turn = history.transaction((tx) => {
        const begun = new Turn(tx);
        for (const receipt of receipts.all()) this.transmitter.applyReceipt(begun, receipt);
        for (const compose of composes) this.applyCompose(begun, compose);
        for (const cancel of cancels) this.applyCancel(begun, cancel);
        for (const forget of forgets) this.applyForget(begun, forget);
        this.receiver.apply(begun, arrivals);
        this.transmitter.putOnWire(begun, new Set([...dirty, ...begun.changed]));
        return begun;
      });
    } catch (error) {
      this.transmitter.forgetComposed();
      this.store.report(error);
      refuse(requests, error as HistoryError);
      // The peer keeps what is not acknowledged; what it acknowledged is true whether or not we can note it now.
      this.receipts = receipts;
      for (const peerId of dirty) this.dirty.add(peerId);
      this.shut();
      return;
    }
    const hasNews = history.lastSeq() !== before;
    if (hasNews) this.store.proved();
    // What somebody waits for first: the message to the peer, then our own reader, then who is told that it arrived.
    turn.leave();
    if (hasNews) this.announce(before);
    for (const peerId of turn.unread) this.options.unreadChanged(peerId);
    turn.carryOut();
    for (const peerId of turn.changed) if (!this.transmitter.has(peerId)) this.options.wantSession(peerId);
  }

  /** Whatever arrives now stays with its sender. */
  private shut(): void {
    for (const session of this.sessions()) session.sendWindow(SHUT_WINDOW);
  }

  private applyCompose(turn: Turn, { peer, messages, resolve }: Compose): void {
    const outcomes = messages.map((message) => this.composer.compose(turn, peer, message));
    turn.afterCommit(() => {
      resolve(outcomes);
    });
  }

  private applyCancel(turn: Turn, { id, resolve }: Cancel): void {
    const result = turn.tx.cancel(id);
    // Positions have moved: nothing is taken from what this turn composed, nor told by where a message stood.
    this.transmitter.forgetComposed();
    this.waiters.forgetPlaces();
    turn.afterCommit(() => {
      resolve(result);
    });
  }

  private applyForget(turn: Turn, { what, resolve }: Forget): void {
    const result = turn.tx.forget({ ...what, limit: FORGET_MAX_MESSAGES });
    // What this turn composed may be forgotten already, and whoever waits for one of them has waited long enough.
    this.transmitter.forgetComposed();
    this.waiters.forgetPlaces();
    turn.unread.add(what.peer);
    turn.afterCommit(() => {
      resolve(result);
      this.toScrub = true;
      if (!result.isDone) return;
      this.scrub();
      // There may be room for another stranger.
      if (!this.isAccepted(what.peer)) this.trustDecided(what.peer);
    });
  }

  /** What was forgotten lies in the WAL until nobody reads there. */
  private scrub(): void {
    try {
      this.toScrub &&= !this.options.history.scrub();
    } catch (error) {
      this.store.report(error);
    }
  }

  /** From now on this identity, and no other of its name, is meant (wire-v1 §7). */
  private accept(turn: Turn, peerId: string): void {
    turn.tx.setTrust(peerId, 'accepted');
    turn.afterCommit(() => {
      this.options.trustChanged(peerId);
      this.trustDecided(peerId);
    });
  }

  /** Every session that our window was told on, also one that the peer's SYNC has not come by yet. */
  private sessions(): Set<DeliverySession> {
    return new Set([...this.receiver.sessions, ...this.transmitter.sessions]);
  }

  private announce(before: number): void {
    this.options.committed(before);
    this.waiters.check();
  }

  private isAccepted(peerId: string): boolean {
    const trust = this.options.history.trustOf(peerId);
    return trust === 'accepted' || trust === 'verified';
  }
}

function refuse(requests: readonly { reject: (error: Error) => void }[], { message }: HistoryError): void {
  for (const { reject } of requests) reject(new IpcError('store-failed', message));
}
