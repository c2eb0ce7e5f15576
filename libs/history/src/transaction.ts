import type { OwnPresence } from '@earshot/protocol/ipc';
import type { Encounter, Encounters } from './encounters.js';
import type { Forgetting, Forgotten, ToForget } from './forgetting.js';
import type { Inbox, Position, ReceivedMessage, RejectedMessage } from './inbox.js';
import type { CancelResult, NewMessage, Outbox, OutStream } from './outbox.js';
import type { PeerNews, PeerTable, Setback, StoredTrust } from './peer-table.js';
import type { ReadMarks } from './read-marks.js';
import type { Strangers } from './strangers.js';

/** The parts that a transaction writes to. */
export interface Writable {
  readonly peers: PeerTable;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly encounters: Encounters;
  readonly strangers: Strangers;
  readonly forgetting: Forgetting;
  readonly readMarks: ReadMarks;
  readonly setUsername: (username: string) => void;
  readonly setOwnPresence: (presence: OwnPresence) => void;
}

/**
 * Every way to change the history. It works while `HistoryWriter.transaction` runs and at no other moment: outside,
 * each statement would be a commit of its own. A peer named for the first time becomes known, as `new`.
 */
export class HistoryTransaction {
  /** `open` throws unless a transaction is open. */
  constructor(private readonly open: () => Writable) {}

  setUsername(username: string): void {
    this.open().setUsername(username);
  }

  /** What the user says of themselves to everybody around. */
  setOwnPresence(presence: OwnPresence): void {
    this.open().setOwnPresence(presence);
  }

  /** Stores what became known of a peer. `maxVersion` only ever rises. */
  upsertPeer(id: string, news: PeerNews = {}): void {
    this.open().peers.upsert(id, news);
  }

  setTrust(id: string, trust: StoredTrust): void {
    this.open().peers.setTrust(id, trust);
  }

  /** Drops strangers who wrote nothing, beyond the newest SILENT_STRANGERS_MAX. Returns whom it dropped. */
  dropSilentStrangers(): string[] {
    return this.open().strangers.dropSilent();
  }

  /** A session with a peer was confirmed just now: where, and by which of our interfaces. */
  noteEncounter(peer: string, encounter: Encounter): void {
    this.open().encounters.note(peer, encounter);
  }

  /**
   * Stores a message to send, at the next position of the peer's stream; the first one begins the stream.
   * Throws HistoryError('id-conflict') and changes nothing when the id is taken: by any message we sent, or by one
   * from this peer. A repeated request is for the caller to recognise first, with `findSent`.
   */
  compose(message: NewMessage): { seq: number; n: number; stream: string } {
    return this.open().outbox.compose(message);
  }

  /** All positions up to this one are about to go on the wire. Returns how many of them had not been before. */
  markWired(peer: string, upto: number): number {
    return this.open().outbox.markWired(peer, upto);
  }

  /** The peer holds all positions up to this one, none of which may be unsent. Returns how many of them are news. */
  markAcked(peer: string, upto: number): number {
    return this.open().outbox.markAcked(peer, upto);
  }

  /** The peer lost what it had acknowledged (it was restored from an older copy): it holds no more than this, and what is above counts as sent. */
  rewindAcked(peer: string, mark: number): void {
    this.open().outbox.rewindAcked(peer, mark);
  }

  /** The peer will not take this entry, which is final. False when that is known already or the entry was never sent. */
  markRejected(peer: string, n: number, reason: number): boolean {
    return this.open().outbox.markRejected(peer, n, reason);
  }

  /**
   * Gives up the stream for one with a new random id (wire-v1 §6.5). All that was not rejected is numbered from 1 under
   * it, acknowledged or not, in the same order, with the same ids; what was ever put on the wire counts as sent.
   */
  restartStream(peer: string): OutStream {
    return this.open().outbox.restart(peer);
  }

  /** A history was found to be an older copy; the latest time is kept. */
  noteSetback(peer: string, whose: Setback['whose']): void {
    this.open().peers.noteSetback(peer, whose);
  }

  /** Takes back a message that was never put on the wire, and closes the gap behind it. Again, it answers the same. */
  cancel(id: string): CancelResult {
    return this.open().outbox.cancel(id);
  }

  /** Erases messages with a peer, the oldest first. What of them the peer has not acknowledged goes on the wire as void. */
  forget(what: ToForget): Forgotten {
    return this.open().forgetting.forget(what);
  }

  /** The user has read up to a message, or without one all there is. Returns whether that is further than before. */
  markRead(peer: string, id?: string): boolean {
    return this.open().readMarks.mark(peer, id);
  }

  /**
   * Stores a message at the position that follows the mark of its stream. An id that already stands in the log of this
   * peer leaves a tombstone instead: the position is held, the message not stored twice.
   */
  commitReceived(message: ReceivedMessage): 'stored' | 'duplicate-id' {
    return this.open().inbox.commit(message);
  }

  /** Holds the position of a message whose content its sender has forgotten. */
  commitVoid(position: Position): void {
    this.open().inbox.commitVoid(position);
  }

  /** Holds the position of a message that we refuse, so that the stream goes on behind it. */
  commitRejected(message: RejectedMessage): void {
    this.open().inbox.commitRejected(message);
  }
}
