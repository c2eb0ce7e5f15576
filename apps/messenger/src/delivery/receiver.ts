/** Stores what peers send, each message once and in its place, and acknowledges what is on the disk (wire-v1 §6.3). */
import type { HistoryWriter, ReceivedMark, Rejection } from '@earshot/history';
import { judgeContent, REQUEST_MAX_MESSAGES, SHUT_WINDOW, type MessageBody, type Window } from '@earshot/protocol';
import type { DeliverySession } from './delivery-session.js';
import { messageIdText } from './identifiers.js';
import { Intake } from './intake.js';
import type { Turn } from './turn.js';

export interface Arrival {
  readonly session: DeliverySession;
  readonly message: MessageBody;
}

export interface ReceiverOptions {
  readonly history: HistoryWriter;
  /** Whether strangers' messages are accepted at once (EARSHOT_POLICY=open). */
  readonly acceptStrangers: boolean;
  readonly accept: (turn: Turn, peerId: string) => void;
  readonly sessionWith: (peerId: string) => DeliverySession | undefined;
  readonly windowFor: (peerId: string) => Window;
  /** A peer of whom we hold messages began another stream: an older copy of its history was restored (wire-v1 §6.5). */
  readonly newStream: (peerId: string) => void;
}

/** One stream in one turn: where it will end, and who is told so. */
interface Place {
  upto: number;
  readonly stream: Buffer;
  session: DeliverySession;
  touched: boolean;
}

export class Receiver {
  private readonly intake = new Intake();

  constructor(private readonly options: ReceiverOptions) {}

  /** Our SYNC goes out on this session: from here on the peer's messages are taken on it alone. */
  attach(session: DeliverySession, marks: readonly ReceivedMark[]): void {
    this.intake.moveTo(session, marks);
  }

  /** Sessions that messages are taken on. */
  get sessions(): DeliverySession[] {
    return this.intake.sessions;
  }

  detach(session: DeliverySession): void {
    // A window that opens again makes the peer repeat at once what was not taken there.
    for (const older of this.intake.leave(session)) {
      older.sendWindow(SHUT_WINDOW);
      older.sendWindow(this.options.windowFor(session.peerId));
    }
  }

  apply(turn: Turn, arrivals: readonly Arrival[]): void {
    const places = new Map<string, Place>();
    /** Of strangers: how many messages they will have left with us. */
    const requests = new Map<string, number>();
    for (const { session, message } of arrivals) {
      if (!this.intake.takes(session)) continue;
      const { peerId } = session;
      const stream = message.stream.toString('hex');
      const key = `${peerId} ${stream}`;
      let place = places.get(key);
      if (place === undefined) {
        const upto = this.options.history.receivedMark(peerId, stream).n;
        place = { upto, stream: message.stream, session, touched: false };
        places.set(key, place);
      }
      if (message.n === place.upto + 1) {
        if (!this.mayStore(turn, peerId, requests)) continue;
        if (message.n === 1) this.noteNewStream(turn, peerId);
        this.store(turn, session, stream, message);
        place.upto = message.n;
      }
      // Before the mark it is a repetition, beyond it a gap: either way the peer learns where we are, on the session it came by.
      place.session = session;
      place.touched = true;
    }
    const answers = [...places.values()]
      .filter(({ touched }) => touched)
      .map((place) => ({ ...place, rejections: this.rejectionsBefore(place) }));
    turn.afterCommit(() => {
      for (const { session, stream, upto, rejections } of answers) {
        for (const { n, reason } of rejections) session.sendReject({ stream, n, reason });
        if (upto > 0) this.intake.told(session, stream.toString('hex'), upto);
        session.sendAck({ stream, upto });
      }
      for (const peerId of requests.keys())
        this.options.sessionWith(peerId)?.sendWindow(this.options.windowFor(peerId));
    });
  }

  /** A stranger may leave twenty messages; more wait on its side until the user decides. */
  private mayStore(turn: Turn, peerId: string, requests: Map<string, number>): boolean {
    const trust = this.options.history.trustOf(peerId);
    if (trust === 'accepted' || trust === 'verified') return true;
    // Blocked while this was on its way to us: the last word is the user's.
    if (trust === 'blocked') return false;
    if (this.options.acceptStrangers) {
      this.options.accept(turn, peerId);
      return true;
    }
    const count = requests.get(peerId) ?? this.options.history.pendingRequestCount(peerId);
    if (count === 0 && !this.options.history.hasRoomForRequest(peerId)) {
      requests.set(peerId, 0);
      return false;
    }
    requests.set(peerId, Math.min(count + 1, REQUEST_MAX_MESSAGES));
    return count < REQUEST_MAX_MESSAGES;
  }

  /**
   * Before an ACK the peer must know which of the messages that it covers were refused, or they would count as delivered:
   * also those that an earlier session brought, and whose REJECT was lost with it.
   */
  private rejectionsBefore(place: Place): Rejection[] {
    const { session, stream, upto } = place;
    const name = stream.toString('hex');
    // Of a stream of which nothing is held there is nothing to say; a peer can name as many as it likes.
    if (upto === 0) return [];
    return this.options.history.rejectionsBetween(session.peerId, name, this.intake.toldUpto(session, name), upto);
  }

  private noteNewStream(turn: Turn, peerId: string): void {
    if (this.options.history.receivedMarks(peerId, 1).length === 0) return;
    turn.tx.noteSetback(peerId, 'peer');
    turn.afterCommit(() => {
      this.options.newStream(peerId);
    });
  }

  private store(turn: Turn, session: DeliverySession, stream: string, message: MessageBody): void {
    const { n, ctype, content, sentMs } = message;
    const position = { peer: session.peerId, stream, n, id: messageIdText(message.id) };
    const judged = judgeContent(ctype, content);
    if (judged.kind === 'reject') {
      // A tombstone, or one bad message would block the stream for ever.
      turn.tx.commitRejected({ ...position, reason: judged.reason });
      return;
    }
    if (judged.kind === 'void') {
      turn.tx.commitVoid(position);
      return;
    }
    turn.tx.commitReceived({ ...position, sentAt: sentMs, ctype, text: judged.kind === 'text' ? judged.text : null });
    turn.unread.add(session.peerId);
  }
}
