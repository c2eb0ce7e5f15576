/** All sessions, by peer: who may stay, which of two is kept, and who is told. */
import { decodePeerId } from '@earshot/crypto';
import {
  CLOSE_REASON,
  ProtocolError,
  REKEY_AFTER_MS,
  REKEY_AFTER_RECORDS,
  REKEY_RESPONDER_GRACE_MS,
  SESSION_IDLE_MS,
  SESSIONS_MAX,
  SESSIONS_MAX_UNACCEPTED,
  SESSIONS_MAX_UNACCEPTED_PER_IP,
} from '@earshot/protocol';
import type { HandshakeResult } from './handshake.js';
import type { CloseReason, Session } from './session.js';

/** What the registry must know of a peer to let it in. */
export interface PeerStanding {
  readonly blocked: boolean;
  /** Accepted or verified: pinned by the user. */
  readonly accepted: boolean;
  /** Highest protocol version ever seen of it. */
  readonly maxVersion: number;
}

export interface RegistryEvents {
  /** A session with this peer is confirmed: its address and name are proved. */
  confirmed(session: Session): void;
  closed(session: Session, reason: CloseReason, wasConfirmed: boolean): void;
}

const SESSIONS_PER_PEER = 2;
/** How long a session stays after another one with fresh keys has taken over: longer than any acknowledgement takes. */
const REKEY_DRAIN_MS = 5_000;

export class SessionRegistry {
  /** Every session whose handshake is over, newest last. */
  private readonly byPeer = new Map<string, Session[]>();

  constructor(
    private readonly ownId: string,
    private readonly standing: (peerId: string) => PeerStanding,
    private readonly events: RegistryEvents,
    private readonly now: () => number,
  ) {}

  /** Decides on a peer whose identity was just proved. */
  admit(session: Session, result: HandshakeResult): 'accept' | 'busy' | { refuse: ProtocolError } {
    const standing = this.standing(result.peerId);
    if (standing.blocked) return { refuse: new ProtocolError('blocked-peer') };
    if (result.maxVersion < standing.maxVersion) return { refuse: new ProtocolError('version-rollback') };
    const known = this.sessionsWith(result.peerId).filter((s) => !s.isEnded);
    if (session.role === 'responder') {
      // One, and one more while it is replaced. The place is for the newest: an older one that never spoke gives way.
      if (known.length >= SESSIONS_PER_PEER)
        known.find((s) => s.confirmedAt === undefined)?.fail(new ProtocolError('too-busy'));
      if (known.filter((s) => !s.isEnded).length >= SESSIONS_PER_PEER) return 'busy';
      if (known.length === 0 && !this.hasPlaceFor(session, standing)) return 'busy';
    }
    this.byPeer.set(result.peerId, [...this.sessionsWith(result.peerId), session]);
    return 'accept';
  }

  /**
   * An authenticated record arrived on `session`: of two confirmed sessions with one peer, one goes (wire-v1 §4).
   * Delivery does not depend on the session, so the overlap, and even losing both, is harmless.
   */
  confirm(session: Session): void {
    const rivals = this.sessionsWith(session.peerId).filter(
      (s) => s !== session && s.confirmedAt !== undefined && !s.isEnded,
    );
    for (const rival of rivals) {
      const loser = this.loserOf(session, rival);
      if (loser === rival && this.isDueForRekey(rival)) {
        // New messages go to the fresh one from its SYNC on; what is on its way here gets its acknowledgements first.
        setTimeout(() => {
          rival.close(CLOSE_REASON.rekeyed);
        }, REKEY_DRAIN_MS).unref();
        continue;
      }
      loser.close(CLOSE_REASON.superseded);
      if (loser === session) return;
    }
    this.events.confirmed(session);
  }

  remove(session: Session, reason: CloseReason): void {
    if (session.result !== undefined) {
      const rest = this.sessionsWith(session.peerId).filter((s) => s !== session);
      if (rest.length === 0) this.byPeer.delete(session.peerId);
      else this.byPeer.set(session.peerId, rest);
    }
    this.events.closed(session, reason, session.confirmedAt !== undefined);
  }

  /** The confirmed session with a peer, the newest when two overlap. */
  current(peerId: string): Session | undefined {
    return this.sessionsWith(peerId).findLast((s) => s.confirmedAt !== undefined && !s.isEnded);
  }

  /** Every confirmed session. */
  *all(): IterableIterator<Session> {
    for (const sessions of this.byPeer.values())
      yield* sessions.filter((s) => s.confirmedAt !== undefined && !s.isEnded);
  }

  /** Sessions with nothing to say end after five minutes; presence comes from announcements (wire-v1 §5). */
  closeIdle(hasPending: (peerId: string) => boolean): void {
    const before = this.now() - SESSION_IDLE_MS;
    for (const session of this.all()) {
      if (session.lastActivity < before && !hasPending(session.peerId)) session.close(CLOSE_REASON.idle);
    }
  }

  /** Peers to dial for fresh keys: the initiator sees to it; the responder only when that has not happened for a while. */
  dueForRekey(): string[] {
    const now = this.now();
    const overdue = (s: Session) => now - s.startedAt >= REKEY_AFTER_MS + REKEY_RESPONDER_GRACE_MS;
    return [...this.byPeer.keys()]
      .flatMap((peerId) => this.current(peerId) ?? [])
      .filter((s) => (s.role === 'initiator' ? this.isDueForRekey(s) : overdue(s)))
      .map((s) => s.peerId);
  }

  /** Drops whoever this is without a word: it was blocked. */
  drop(peerId: string): void {
    for (const session of this.sessionsWith(peerId)) session.fail(new ProtocolError('blocked-peer'));
  }

  closeAll(): void {
    for (const sessions of [...this.byPeer.values()])
      for (const session of sessions) session.close(CLOSE_REASON.stopping);
  }

  private sessionsWith(peerId: string): Session[] {
    return this.byPeer.get(peerId) ?? [];
  }

  private isDueForRekey(session: Session): boolean {
    return this.now() - session.startedAt >= REKEY_AFTER_MS || session.records >= REKEY_AFTER_RECORDS;
  }

  /** The tie-break is for dials that were outstanding at the same time; otherwise the newer session supersedes. */
  private loserOf(session: Session, rival: Session): Session {
    const [older, newer] = session.startedAt < rival.startedAt ? [rival, session].reverse() : [rival, session];
    if (older === undefined || newer === undefined) throw new Error('bug: two sessions make a pair');
    const crossed = session.role !== rival.role && newer.startedAt < (older.confirmedAt ?? Infinity);
    if (!crossed) return older;
    const initiatorOf = (s: Session) => (s.role === 'initiator' ? this.ownId : s.peerId);
    // By the bytes of the keys: base32 puts its digits after its letters, the character set before them.
    const order = Buffer.compare(decodePeerId(initiatorOf(session)), decodePeerId(initiatorOf(rival)));
    return order < 0 ? rival : session;
  }

  /** Strangers take no place of the people whom the user accepted, and one address not all of the strangers'. */
  private hasPlaceFor(session: Session, { accepted }: PeerStanding): boolean {
    const alike = [...this.byPeer].filter(([peerId]) => this.standing(peerId).accepted === accepted);
    if (accepted) return alike.length < SESSIONS_MAX - SESSIONS_MAX_UNACCEPTED;
    const near = alike.filter(([, sessions]) => sessions.some(({ remoteIp }) => remoteIp === session.remoteIp));
    return alike.length < SESSIONS_MAX_UNACCEPTED && near.length < SESSIONS_MAX_UNACCEPTED_PER_IP;
  }
}
