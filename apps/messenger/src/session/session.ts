/**
 * One TCP connection with a peer: handshake, then records. This is the thin part: bytes in, calls out. What the
 * calls mean is decided in delivery/ and by the session registry.
 */
import type { Socket } from 'node:net';
import { CryptoError, erase } from '@earshot/crypto';
import {
  CLOSE_REASON,
  decodeAck,
  decodeClose,
  decodeMsg,
  decodePeers,
  decodePing,
  decodeReady,
  decodeReject,
  decodeReport,
  decodeSync,
  decodeWindow,
  encodeAck,
  encodeClose,
  encodeMsg,
  encodePeers,
  encodePing,
  encodeReady,
  encodeReject,
  encodeReport,
  encodeSync,
  encodeWindow,
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FrameDecoder,
  HANDSHAKE_DEADLINE_MS,
  NO_DRAIN_CLOSE_MS,
  PEER_DEAD_MS,
  PING_IDLE_MS,
  PROBE_ANSWER_MS,
  ProtocolError,
  RECORD_TYPE,
  SESSION_HARD_STOP_MS,
  SESSION_HARD_STOP_RECORDS,
  UNWRITTEN_CLOSE_BYTES,
  UNWRITTEN_MAX_BYTES,
  type Ack,
  type MessageBody,
  type Reject,
  type Report,
  type SyncEntry,
  type Window,
} from '@earshot/protocol';
import {
  InitiatorHandshake,
  ResponderHandshake,
  type HandshakeResult,
  type LocalParty,
  type Role,
} from './handshake.js';
import { ReceiveQuota } from './receive-quota.js';
import { nextOrder, type RecordOrder } from './record-order.js';
import { RecordChannel } from './record-channel.js';

/** Why a session ended: a code of ProtocolError or CryptoError, what the peer's CLOSE said, or the socket's own error. */
export type CloseReason = string;

/** Who is told what happens. Every call comes from the event loop, never from inside a method of the session. */
export interface SessionEvents {
  /**
   * The peer's identity is proved (to the responder: by AUTH_I; to the initiator: by HELLO_R). Answer whether it may
   * stay; `refuse` is a silent close, as for any failure, `busy` tells it to come back later.
   */
  authenticated(session: Session, result: HandshakeResult): 'accept' | 'busy' | { refuse: ProtocolError };
  /** READY is through: SYNC is due, before anything else. */
  ready(session: Session): void;
  /** An authenticated record arrived: this session can replace another one with the same peer. */
  confirmed(session: Session): void;
  sync(session: Session, entries: readonly SyncEntry[]): void;
  message(session: Session, message: MessageBody): void;
  ack(session: Session, ack: Ack): void;
  reject(session: Session, reject: Reject): void;
  window(session: Session, window: Window): void;
  /** The peer's answer to our newest PING is here. */
  answered(session: Session, roundTripMs: number): void;
  /** These three come from peers that the user has accepted, and from nobody else (wire-v1 §5.7). */
  peers(session: Session, announcements: readonly Buffer[]): void;
  probe(session: Session, nonce: bigint): void;
  report(session: Session, report: Report): void;
  /** Written bytes drained: more may be dequeued for it. */
  drained(session: Session): void;
  /** Over, exactly once. */
  closed(session: Session, reason: CloseReason): void;
}

export interface SessionOptions {
  readonly role: Role;
  readonly local: LocalParty;
  readonly expectedId?: string;
  readonly events: SessionEvents;
  /** Whether the user has accepted this peer: back-pressure alone holds such a one back. */
  readonly isAccepted: (peerId: string) => boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** When the dial began, for the initiator; the tie-break looks at it. */
  readonly startedAt?: number;
}

export class Session {
  readonly role: Role;
  /** ip:port of the other end of the connection. */
  readonly remoteAddress: string;
  readonly remoteIp: string;
  /** Our own address on this connection. */
  readonly localIp: string;
  readonly startedAt: number;
  confirmedAt: number | undefined;
  /** Set once the handshake is over. */
  result: HandshakeResult | undefined;

  /** Holds the ephemeral private key: gone as soon as it has done its work. */
  private handshake: InitiatorHandshake | ResponderHandshake | undefined;
  private readonly decoder: FrameDecoder;
  private readonly quota: ReceiveQuota;
  private readonly deadline: NodeJS.Timeout;
  private channel: RecordChannel | undefined;
  private order: RecordOrder;
  private heartbeat: NodeJS.Timeout | undefined;
  private lastHeard: number;
  /** When a message or an acknowledgement last passed. */
  lastActivity: number;
  private undrainedSince: number | undefined;
  private pingNonce = 0n;
  private pingedAt = 0;
  private probing: NodeJS.Timeout | undefined;
  private sentClose = false;
  /** Frames of records that leave together; undefined while each leaves at once. */
  private corked: Buffer[] | undefined;
  private sentHello = false;
  private ended = false;

  /** @param socket connected; the session owns it from here on. */
  constructor(
    private readonly socket: Socket,
    private readonly options: SessionOptions,
  ) {
    this.role = options.role;
    this.remoteIp = plainIp(socket.remoteAddress ?? '');
    this.remoteAddress = `${this.remoteIp}:${socket.remotePort ?? 0}`;
    this.localIp = plainIp(socket.localAddress ?? '');
    this.startedAt = options.startedAt ?? options.now();
    this.lastHeard = this.lastActivity = options.now();
    this.quota = new ReceiveQuota(this.startedAt);
    this.order = this.role === 'initiator' ? 'awaitingReady' : 'awaitingSync';
    // From the start, not per read: one byte a second must not hold the place.
    this.deadline = setTimeout(() => {
      this.fail(new ProtocolError('handshake-timeout'));
    }, HANDSHAKE_DEADLINE_MS);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.receive(chunk);
    });
    socket.on('drain', () => {
      this.undrainedSince = undefined;
      if (this.isOpen) this.options.events.drained(this);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.end(error.code ?? 'socket-error');
    });
    socket.on('end', () => {
      // FIN without CLOSE may be an attacker's cut: said so, and nothing is taken for delivered because of it.
      this.end('truncated');
    });
    socket.on('close', () => {
      this.end('truncated');
    });
    if (options.role === 'initiator') {
      this.decoder = new FrameDecoder(EXPECT_HELLO_R);
      this.handshake = new InitiatorHandshake(options.local, options.expectedId);
      socket.write(this.handshake.hello);
    } else {
      this.decoder = new FrameDecoder(EXPECT_HELLO_I);
      this.handshake = new ResponderHandshake(options.local);
    }
  }

  get peerId(): string {
    if (this.result === undefined) throw new Error('bug: no peer before the handshake is over');
    return this.result.peerId;
  }

  /** Both SYNCs are through: messages may flow. */
  get isOpen(): boolean {
    return !this.ended && this.order === 'open' && this.channel !== undefined;
  }

  get isEnded(): boolean {
    return this.ended;
  }

  /** Bytes handed over that the peer's side has not taken yet: past 1 MiB nothing more is dequeued for it (wire-v1 §2). */
  get isCongested(): boolean {
    return this.socket.writableLength > UNWRITTEN_MAX_BYTES;
  }

  get records(): number {
    return this.channel?.records ?? 0;
  }

  sendSync(entries: readonly SyncEntry[]): void {
    this.send(RECORD_TYPE.sync, encodeSync(entries));
  }
  sendMessage(message: MessageBody): void {
    this.send(RECORD_TYPE.msg, encodeMsg(message));
  }
  sendAck(ack: Ack): void {
    this.send(RECORD_TYPE.ack, encodeAck(ack));
  }
  sendReject(reject: Reject): void {
    this.send(RECORD_TYPE.reject, encodeReject(reject));
  }
  sendWindow(window: Window): void {
    this.send(RECORD_TYPE.window, encodeWindow(window));
  }
  sendPeers(announcements: readonly Buffer[]): void {
    this.send(RECORD_TYPE.peers, encodePeers(announcements));
  }
  sendProbe(nonce: bigint): void {
    // A PROBE has the body of a PING.
    this.send(RECORD_TYPE.probe, encodePing(nonce));
  }
  sendReport(report: Report): void {
    this.send(RECORD_TYPE.report, encodeReport(report));
  }

  /**
   * There is a reason to doubt that the other end is still there (it started anew, or is heard elsewhere): asks it at once.
   * A machine that lost its power or its address leaves a connection that looks open, for a minute if nothing is sent.
   */
  probe(): void {
    if (!this.isOpen || this.probing !== undefined) return;
    this.ping();
    this.probing = setTimeout(() => {
      this.fail(new ProtocolError('peer-dead'));
    }, PROBE_ANSWER_MS);
  }

  /** Says goodbye with a CLOSE reason and ends the connection once that is written. */
  close(reason: number = CLOSE_REASON.stopping): void {
    if (this.ended) return;
    if (this.channel !== undefined) {
      this.send(RECORD_TYPE.close, encodeClose(reason));
      this.sentClose = true;
    }
    this.end(`closed-by-us-${reason}`);
  }

  /** Drops the connection without a word. */
  fail(error: Error): void {
    this.end(error instanceof ProtocolError || error instanceof CryptoError ? error.code : error.message);
  }

  /** What is sent until `uncork` leaves as one write: a stream's bookkeeping for each record costs more than copying it. */
  cork(): void {
    this.corked ??= [];
  }
  uncork(): void {
    const frames = this.corked;
    this.corked = undefined;
    if (frames !== undefined && frames.length > 0 && !this.ended) this.write(Buffer.concat(frames));
  }

  private send(type: number, body: Uint8Array): void {
    if (this.ended || this.sentClose) return;
    if (this.channel === undefined) throw new Error('bug: a record before the handshake is over');
    if (type === RECORD_TYPE.msg || type === RECORD_TYPE.ack) this.lastActivity = this.options.now();
    const frame = this.channel.seal(type, body);
    if (this.corked === undefined) this.write(frame);
    else this.corked.push(frame);
  }

  private write(bytes: Buffer): void {
    if (!this.socket.write(bytes)) this.undrainedSince ??= this.options.now();
    if (this.socket.writableLength > UNWRITTEN_CLOSE_BYTES) this.fail(new ProtocolError('no-drain'));
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    let records = 0;
    try {
      this.decoder.push(chunk);
      for (let frame = this.decoder.next(); frame !== null; frame = this.decoder.next()) {
        this.lastHeard = this.options.now();
        clearTimeout(this.probing);
        this.probing = undefined;
        records += 1;
        if (this.channel === undefined) this.receiveHandshake(frame.payload);
        else this.receiveRecord(this.channel, frame.payload);
        // Read anew: handling a frame can end the session.
        if (this.isEnded) return;
      }
    } catch (error) {
      // What the peer did wrong ends this session and nothing else; anything else is our bug and must be seen.
      if (!(error instanceof ProtocolError) && !(error instanceof CryptoError)) throw error;
      this.fail(error);
      return;
    }
    this.holdBack(records, chunk.length);
  }

  /** A stranger that sends more than a person could is read from again in the next second. */
  private holdBack(records: number, bytes: number): void {
    const pauseMs = this.quota.count(records, bytes, this.options.now());
    if (pauseMs === 0 || this.result === undefined || this.options.isAccepted(this.result.peerId)) return;
    this.socket.pause();
    setTimeout(() => this.socket.resume(), pauseMs).unref();
  }

  private receiveHandshake(payload: Buffer): void {
    const { handshake } = this;
    if (handshake instanceof InitiatorHandshake) {
      const { auth, result } = handshake.receiveHello(payload);
      if (!this.admit(result)) return;
      this.socket.write(auth);
      this.decoder.expect(EXPECT_RECORD);
    } else if (!this.sentHello) {
      this.sentHello = true;
      const hello = handshake?.receiveHello(payload);
      if (hello !== undefined) this.socket.write(hello);
      this.decoder.expect(EXPECT_AUTH_I);
    } else if (handshake !== undefined) {
      const result = handshake.receiveAuth(payload);
      this.decoder.expect(EXPECT_RECORD);
      this.admit(result);
    }
  }

  /** Asks the owner, and starts the record layer. False when the session is over. */
  private admit(result: HandshakeResult): boolean {
    this.result = result;
    this.handshake = undefined;
    const verdict = this.options.events.authenticated(this, result);
    if (typeof verdict === 'object') {
      erase(result.sendChain, result.receiveChain);
      this.fail(verdict.refuse);
      return false;
    }
    this.channel = new RecordChannel(result);
    if (this.role === 'responder') {
      // The deadline stays until the initiator's first record: only that proves it got this far too.
      this.send(RECORD_TYPE.ready, encodeReady(verdict === 'busy' ? 'busy' : 'ok'));
      if (verdict === 'busy') {
        this.close(CLOSE_REASON.busy);
        return false;
      }
      this.startHeartbeat();
      this.options.events.ready(this);
    }
    return true;
  }

  private receiveRecord(channel: RecordChannel, token: Buffer): void {
    const { type, body } = channel.open(token);
    this.order = nextOrder(this.order, type);
    if (this.confirmedAt === undefined && type !== RECORD_TYPE.close && type !== RECORD_TYPE.ready) {
      this.confirm();
      // Two sessions with one peer: this may be the one that goes, and what it says is then no longer for anybody.
      if (this.ended) return;
    }
    const { events } = this.options;
    switch (type) {
      case RECORD_TYPE.ready:
        if (decodeReady(body) === 'busy') {
          this.end('busy');
          return;
        }
        this.startHeartbeat();
        this.confirm();
        // Confirming can end this session in favour of another one with the same peer.
        if (!this.isEnded) events.ready(this);
        return;
      case RECORD_TYPE.sync:
        events.sync(this, decodeSync(body));
        return;
      case RECORD_TYPE.msg:
        events.message(this, decodeMsg(body));
        return;
      case RECORD_TYPE.ack:
        events.ack(this, decodeAck(body));
        return;
      case RECORD_TYPE.reject:
        events.reject(this, decodeReject(body));
        return;
      case RECORD_TYPE.window:
        events.window(this, decodeWindow(body));
        return;
      case RECORD_TYPE.peers:
      case RECORD_TYPE.probe:
      case RECORD_TYPE.report:
        if (this.options.isAccepted(this.peerId)) this.receiveHelp(type, body);
        return;
      case RECORD_TYPE.ping:
        this.send(RECORD_TYPE.pong, encodePing(decodePing(body)));
        return;
      case RECORD_TYPE.pong:
        if (decodePing(body) === this.pingNonce) events.answered(this, this.options.now() - this.pingedAt);
        return;
      case RECORD_TYPE.close:
        this.end(`closed-by-peer-${decodeClose(body)}`);
        return;
      default:
      // Unknown and ignorable (wire-v1 §5): it may be lost by design.
    }
  }

  private receiveHelp(type: number, body: Buffer): void {
    const { events } = this.options;
    if (type === RECORD_TYPE.peers) events.peers(this, decodePeers(body));
    else if (type === RECORD_TYPE.probe) events.probe(this, decodePing(body));
    else events.report(this, decodeReport(body));
  }

  private ping(): void {
    this.pingedAt = this.options.now();
    this.send(RECORD_TYPE.ping, encodePing((this.pingNonce += 1n)));
  }

  private confirm(): void {
    clearTimeout(this.deadline);
    this.confirmedAt = this.options.now();
    this.options.events.confirmed(this);
  }

  private startHeartbeat(): void {
    this.heartbeat = setInterval(() => {
      const now = this.options.now();
      if (now - this.lastHeard >= PEER_DEAD_MS) this.fail(new ProtocolError('peer-dead'));
      else if (this.undrainedSince !== undefined && now - this.undrainedSince >= NO_DRAIN_CLOSE_MS)
        this.fail(new ProtocolError('no-drain'));
      else if (now - this.startedAt >= SESSION_HARD_STOP_MS || this.records >= SESSION_HARD_STOP_RECORDS)
        this.fail(new ProtocolError('session-expired'));
      else if (now - this.lastHeard >= PING_IDLE_MS) this.ping();
    }, PING_IDLE_MS / 4);
  }

  private end(reason: CloseReason): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    clearInterval(this.heartbeat);
    clearTimeout(this.probing);
    if (this.sentClose) {
      this.socket.end();
      // The peer may never read it; a moment is enough for one that does.
      setTimeout(() => this.socket.destroy(), 1_000).unref();
    } else {
      this.socket.destroy();
    }
    this.channel?.erase();
    this.handshake?.erase();
    this.handshake = undefined;
    // Never from inside a caller's method: whoever closes a session must not find its own state changed under it.
    queueMicrotask(() => {
      this.options.events.closed(this, reason);
    });
  }
}

/** IPv4-mapped IPv6 addresses name the same host as the IPv4 one: limits and comparisons must see one form. */
export function plainIp(ip: string): string {
  return ip.startsWith('::ffff:') ? ip.slice('::ffff:'.length) : ip;
}
