import type { ReceivedMark } from '@earshot/history';
import { STREAMS_REMEMBERED_PER_PEER } from '@earshot/protocol';
import type { DeliverySession } from './delivery-session.js';

interface Intaking {
  readonly session: DeliverySession;
  /** Those that our SYNC went out on before, and that are not over. */
  older: DeliverySession[];
  /** Those of which something came that was not taken. */
  readonly passedOver: Set<DeliverySession>;
}

/**
 * On which session a peer's messages are taken: the one that our latest SYNC went out on, and no other (wire-v1 §6.5).
 * Records of an older session may still be on their way, and from before a restore: taken, they would make that SYNC
 * untrue by the time the peer acts on it.
 */
export class Intake {
  /** Per session and stream: the position up to which the peer was told there what we refused. */
  private readonly toldOf = new WeakMap<DeliverySession, Map<string, number>>();
  private readonly byPeer = new Map<string, Intaking>();

  /** Our SYNC goes out on this session, with these marks; what was refused up to them is repeated after the peer's. */
  moveTo(session: DeliverySession, marks: readonly ReceivedMark[]): void {
    const before = this.byPeer.get(session.peerId);
    const older = before === undefined ? [] : [...before.older, before.session];
    this.byPeer.set(session.peerId, { session, older, passedOver: new Set() });
    this.toldOf.set(session, new Map(marks.map(({ stream, n }) => [stream, n])));
  }

  /** Those that messages are taken on. An older one is told of our window when it is what is left. */
  get sessions(): DeliverySession[] {
    return [...this.byPeer.values()].map(({ session }) => session);
  }

  /** The position up to which the peer knows on this session what we refused of a stream. */
  toldUpto(session: DeliverySession, stream: string): number {
    return this.toldOf.get(session)?.get(stream) ?? 0;
  }

  /** It was told, with the commit behind it. */
  told(session: DeliverySession, stream: string, upto: number): void {
    const streams = this.toldOf.get(session);
    if (streams === undefined) throw new Error('bug: an ACK before our SYNC');
    streams.delete(stream);
    streams.set(stream, upto);
    // Of one that is forgotten here everything is told again.
    if (streams.size > STREAMS_REMEMBERED_PER_PEER)
      for (const oldest of streams.keys()) return void streams.delete(oldest);
  }

  /** Whether a message that came by this session is taken. */
  takes(session: DeliverySession): boolean {
    const intake = this.byPeer.get(session.peerId);
    if (intake === undefined || intake.session === session) return true;
    intake.passedOver.add(session);
    return false;
  }

  /** The session is over. Answers with older ones, of which the newest is the one from now on: what they brought meanwhile was not taken. */
  leave(session: DeliverySession): DeliverySession[] {
    const { peerId } = session;
    const intake = this.byPeer.get(peerId);
    if (intake === undefined) return [];
    const { older, passedOver } = intake;
    if (intake.session !== session) {
      intake.older = older.filter((one) => one !== session);
      passedOver.delete(session);
      return [];
    }
    const next = older.at(-1);
    if (next === undefined) this.byPeer.delete(peerId);
    else this.byPeer.set(peerId, { session: next, older: older.slice(0, -1), passedOver: new Set() });
    return [...new Set([...older, ...passedOver])];
  }
}
