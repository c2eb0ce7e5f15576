import type { Database, Statement } from 'better-sqlite3';
import type { OwnPresence, Unread } from '@earshot/protocol/ipc';
import { Encounters } from './encounters.js';
import { guarded, HistoryError } from './errors.js';
import { Forgetting } from './forgetting.js';
import { Inbox, type ReceivedMark, type Rejection } from './inbox.js';
import { BUSY_TIMEOUT_MS, openForWriting } from './open-file.js';
import { Outbox, type OutEntry, type OutStream, type SentMessage } from './outbox.js';
import { PeerTable, type Setback, type StoredPeer, type StoredTrust } from './peer-table.js';
import { ReadMarks } from './read-marks.js';
import { HistoryReader } from './reader.js';
import { SeqCounter } from './seq-counter.js';
import { Strangers, type PendingRequest } from './strangers.js';
import { HistoryTransaction } from './transaction.js';
import { WordIndex } from './word-index.js';

export interface HistoryOptions {
  /** The database; its folder must exist. */
  file: string;
  /** ms since 1970. */
  now: () => number;
  /** Cryptographically random: the ids of our streams must never repeat. */
  randomBytes: (size: number) => Uint8Array;
}

/**
 * The history for its one writer: what it stores, it stores within `transaction`; what it reads, it may read at any
 * moment, and within a transaction it sees what that has written so far. One writer per database is for the messenger's
 * instance lock to guarantee.
 */
export class HistoryWriter extends HistoryReader {
  private readonly seqs: SeqCounter;
  private readonly words: WordIndex;
  private readonly peerTable: PeerTable;
  private readonly outbox: Outbox;
  private readonly inbox: Inbox;
  private readonly strangers: Strangers;
  private readonly readMarks: ReadMarks;
  private readonly probed: Statement<[string]>;
  private readonly probeBytes: (size: number) => Uint8Array;
  private readonly scrubbing: Record<'impatient' | 'checkpoint' | 'patient', Statement<[], number>>;
  private readonly commit: (work: () => unknown) => unknown;
  private readonly tx: HistoryTransaction;

  /** Use `openHistory`. */
  constructor(db: Database, { file, now, randomBytes }: HistoryOptions) {
    super(db, file);
    this.seqs = new SeqCounter(this.lastSeq());
    this.words = new WordIndex(db, this.seqs);
    this.peerTable = new PeerTable(db, now);
    this.outbox = new Outbox(db, this.peerTable, this.seqs, this.words, now, randomBytes);
    this.inbox = new Inbox(db, this.peerTable, this.seqs, now);
    this.strangers = new Strangers(db, this.peerTable);
    this.readMarks = new ReadMarks(db, this.peerTable);
    // Another value each time, or SQLite might have nothing to write.
    this.probed = db.prepare(`INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?)`);
    this.probeBytes = randomBytes;
    // Made once: nothing that is prepared is ever given back (connection.ts).
    const one = (name: string) => db.prepare<[], number>(`PRAGMA ${name}`).pluck();
    this.scrubbing = {
      impatient: one('busy_timeout = 0'),
      checkpoint: one('wal_checkpoint(TRUNCATE)'),
      patient: one(`busy_timeout = ${BUSY_TIMEOUT_MS}`),
    };
    const commit = db.transaction((work: () => unknown) => work());
    this.commit = (work) => commit.immediate(work);

    const setMeta = db.prepare<[string, string]>(`INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)`);
    const writable = {
      peers: this.peerTable,
      outbox: this.outbox,
      inbox: this.inbox,
      strangers: this.strangers,
      readMarks: this.readMarks,
      forgetting: new Forgetting(db, this.peerTable, this.outbox, this.seqs, this.words, now),
      encounters: new Encounters(db, this.peerTable, this.seqs, now),
      setUsername: (username: string): void => void setMeta.run('username', username),
      setOwnPresence: ({ busy, status }: OwnPresence): void => {
        setMeta.run('busy', busy ? '1' : '0');
        setMeta.run('status', status);
      },
    };
    this.tx = new HistoryTransaction(() => {
      if (!db.inTransaction) throw new Error('bug: the history is written outside a transaction');
      return writable;
    });
  }

  /**
   * Runs `work` and commits all of it, or nothing: what it throws undoes it and is thrown on, and so does a failed
   * commit (HistoryError 'store-failed'), after which the writer is as usable as before. When this returns, what was
   * written is on the disk. Not to be nested, and `work` must not be asynchronous.
   */
  transaction<T>(work: (tx: HistoryTransaction) => T): T {
    if (this.db.inTransaction) throw new Error('bug: a transaction within a transaction');
    const mark = this.seqs.mark();
    try {
      return guarded(this.file, () =>
        this.commit(() => {
          const result = work(this.tx);
          this.outbox.flush();
          this.words.catchUp();
          return result;
        }),
      ) as T;
    } catch (err) {
      this.seqs.rewind(mark);
      this.words.rewind();
      this.peerTable.rewind();
      this.outbox.rewind();
      this.inbox.rewind();
      throw err;
    }
  }

  /** Whether the store takes a commit: throws what a transaction would. Leaves nothing behind that anybody reads. */
  probe(): void {
    this.transaction(() => this.probed.run(Buffer.from(this.probeBytes(16)).toString('hex')));
  }

  /** How far a peer is trusted, null for somebody who is not known. As cheap as a look into a map. */
  trustOf(id: string): StoredTrust | null {
    return this.look(() => this.peerTable.trustOf(id));
  }

  peer(id: string): StoredPeer | null {
    return this.read(() => this.peerTable.get(id));
  }

  /** Everybody known, in the order in which they became known. */
  peers(): StoredPeer[] {
    return this.read(() => this.peerTable.all());
  }

  /** Our current stream to a peer, null while nothing was ever sent to it. */
  outStream(peer: string): OutStream | null {
    return this.look(() => this.outbox.stream(peer));
  }

  /** What stands at a position of the current stream, null when nothing does. */
  outEntry(peer: string, n: number): { id: string } | null {
    return this.look(() => this.outbox.entry(peer, n));
  }

  /** Where this history and a peer's were found to differ because one of them had been restored. */
  setbacks(peer: string): Setback[] {
    return this.read(() => this.peerTable.setbacks(peer));
  }

  /** Where a message of ours stands, null when there is none. */
  sentPlace(id: string): { peer: string; stream: string; n: number } | null {
    return this.read(() => this.outbox.place(id));
  }

  /** Entries of the current stream after a position, in order, acknowledged ones too; cut off by number and by bytes of text, but never to none. */
  pending(peer: string, afterN: number, maxRows: number, maxBytes: number): OutEntry[] {
    return this.look(() => this.outbox.pending(peer, afterN, maxRows, maxBytes));
  }

  /** A message of ours by its id, null when there is none. */
  findSent(id: string): SentMessage | null {
    return this.read(() => this.outbox.findSent(id));
  }

  /** Messages that are neither delivered nor refused. */
  undeliveredCount(peer: string): number {
    return this.read(() => this.outbox.undeliveredCount(peer));
  }

  /** What is not acknowledged yet, the places of forgotten messages among it. */
  outboxSize(peer: string): { messages: number; bytes: number } {
    return this.look(() => this.outbox.size(peer));
  }

  peersWithPending(): string[] {
    return this.read(() => this.outbox.peersWithPending());
  }

  /** How far we hold a stream of a peer. */
  receivedMark(peer: string, stream: string): ReceivedMark {
    return this.look(() => this.inbox.mark(peer, stream));
  }

  /** The marks for a SYNC: the peer's streams, most recently used first. */
  receivedMarks(peer: string, max?: number): ReceivedMark[] {
    return this.read(() => this.inbox.marks(peer, max));
  }

  /** Rejections to repeat after a SYNC: those among the last positions of each stream that a SYNC names, in order. */
  recentRejections(peer: string, lastRows?: number): Rejection[] {
    return this.read(() => this.inbox.recentRejections(peer, lastRows));
  }

  /** Rejections of one stream behind a position and up to another one, in order. */
  rejectionsBetween(peer: string, stream: string, afterN: number, upto: number): Rejection[] {
    return this.look(() => this.inbox.rejectionsBetween(peer, stream, afterN, upto));
  }

  /**
   * How many positions a peer has taken with us, counted up to REQUEST_MAX_MESSAGES. Tombstones count: each is a row
   * on our disk, and a stranger must not be able to fill it with duplicates.
   */
  pendingRequestCount(peer: string): number {
    return this.read(() => this.inbox.requestCount(peer));
  }

  /** Whether a stranger that has left nothing yet may leave something. */
  hasRoomForRequest(peer: string): boolean {
    return this.read(() => this.strangers.hasRoomFor(peer));
  }

  /** Strangers whose messages wait for the user to decide, the longest waiting first. */
  requests(): PendingRequest[] {
    return this.read(() => this.strangers.requests());
  }

  /** What the user has not read of a conversation. */
  unread(peer: string): Unread {
    return this.read(() => this.readMarks.of(peer));
  }

  /** The same of every conversation that there is. */
  allUnread(): Unread[] {
    return this.read(() => this.readMarks.all());
  }

  /** Without a snapshot: only this connection writes, and never while something else of this process runs. */
  protected override read<T>(work: () => T): T {
    return guarded(this.file, () => {
      // The database works out the states, from the counters as it has them.
      if (this.db.inTransaction) this.outbox.flush();
      return work();
    });
  }

  /** A read of what is kept at hand, or of messages alone: it needs no counters in the database. */
  private look<T>(work: () => T): T {
    return guarded(this.file, work);
  }

  /**
   * Leaves no page in the WAL, where those from before a change stay otherwise until newer ones happen to lie over them.
   * @returns false while a reader is in the middle of something, for which nobody waits here, or the disk is full
   */
  scrub(): boolean {
    try {
      return guarded(this.file, () => {
        const { impatient, checkpoint, patient } = this.scrubbing;
        impatient.get();
        try {
          return checkpoint.get() === 0;
        } finally {
          patient.get();
        }
      });
    } catch (err) {
      if (!(err instanceof HistoryError) || err.code !== 'store-failed') throw err;
      return false;
    }
  }

  /** Leaves a database of one file behind, unless a reader is in the middle of something or the disk is full: the next start sees to it then. */
  override close(): void {
    if (!this.db.open) return;
    try {
      this.scrub();
    } finally {
      super.close();
    }
  }
}

/** Opens the history for writing; a new file is created, an older one brought up to date, a damaged or newer one refused. */
export function openHistory(options: HistoryOptions): HistoryWriter {
  const db = openForWriting(options.file, (created) => {
    const id = Buffer.from(options.randomBytes(16)).toString('hex');
    created.prepare(`INSERT INTO meta (key, value) VALUES ('database', ?)`).run(id);
  });
  try {
    return guarded(options.file, () => new HistoryWriter(db, options));
  } catch (err) {
    db.close();
    throw err;
  }
}
