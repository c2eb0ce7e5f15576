import type { Database } from 'better-sqlite3';
import { CONTENT_TYPE } from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import { PROGRESS, type ProgressKind } from './change-feed.js';
import { CancelledMessages } from './cancelled-messages.js';
import { HistoryError } from './errors.js';
import { inChunks } from './in-chunks.js';
import { idBytes, idFromBytes, streamFromBytes } from './identifiers.js';
import { selectMessages, SHOWN, takePage, textBytes, type MessageRow } from './message-row.js';
import type { PeerTable } from './peer-table.js';
import type { SeqCounter } from './seq-counter.js';
import { StreamRestarts } from './stream-restarts.js';
import type { WordIndex } from './word-index.js';

/** Our current sending stream to a peer. `0 <= acked <= wired <= made`. */
export interface OutStream {
  /** 16 hex digits. */
  stream: string;
  /** The highest position made, which is the number of entries of the stream. */
  made: number;
  /** The highest position that may have been put on the wire. */
  wired: number;
  /** The highest position that the peer holds durably. */
  acked: number;
}

export interface NewMessage {
  id: string;
  peer: string;
  text: string;
  ctype: number;
  /** Our clock, ms. */
  sentAt: number;
  /** It goes on the wire right after this commit: so does, then, everything before it. */
  wired: boolean;
}

/** An entry of the current stream, as it goes on the wire. */
export interface OutEntry {
  n: number;
  id: string;
  /** Null where the content was blanked since: the entry is sent as void, or positions would be missing. */
  text: string | null;
  ctype: number;
  sentAt: number;
}

export interface SentMessage {
  id: string;
  peer: string;
  text: string | null;
  state: MessageState;
}

export type CancelResult = 'cancelled' | 'already-sent' | 'unknown';

/** A row of `out_streams`. */
interface StreamRow {
  peer: number;
  stream: Buffer;
  made: number;
  wired: number;
  acked: number;
  pendingBytes: number;
}

interface EntryRow {
  n: number;
  id: Buffer;
  text: string | null;
  ctype: number;
  sentAt: number;
}

/**
 * What we send: one numbered stream per peer (wire-v1 §6). Writes belong in a transaction of the writer. Its counters
 * change with every message, so within a transaction they change in memory, and `flush` stores them once, before the commit.
 */
export class Outbox {
  private readonly statements: ReturnType<typeof prepare>;
  private readonly streams = new Map<number, StreamRow>();
  private readonly changed = new Set<StreamRow>();
  private readonly cancelled: CancelledMessages;
  private readonly restarts: StreamRestarts;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
    private readonly seqs: SeqCounter,
    private readonly words: WordIndex,
    private readonly now: () => number,
    private readonly randomBytes: (size: number) => Uint8Array,
  ) {
    this.statements = prepare(db);
    this.cancelled = new CancelledMessages(db);
    this.restarts = new StreamRestarts(db);
  }

  compose({ id, peer, text, ctype, sentAt, wired }: NewMessage): { seq: number; n: number; stream: string } {
    const key = this.peers.ensure(peer);
    const idBlob = idBytes(id);
    if (this.statements.taken.get(idBlob, key, idBlob) !== undefined) throw new HistoryError('id-conflict', id);
    const row = this.streamOf(key) ?? this.begin(key);
    const n = row.made + 1;
    const seq = this.seqs.take();
    this.statements.insert.run(seq, key, idBlob, row.stream, n, ctype, sentAt, this.now(), text);
    this.change(row, { made: n, pendingBytes: row.pendingBytes + textBytes(text) });
    if (wired) this.wire(row, n);
    return { seq, n, stream: streamFromBytes(row.stream) };
  }

  stream(peer: string): OutStream | null {
    const row = this.row(peer);
    return row === undefined ? null : toOutStream(row);
  }

  entry(peer: string, n: number): { id: string } | null {
    const row = this.row(peer);
    const id = row && this.statements.idAt.get(row.peer, row.stream, n);
    return id === undefined ? null : { id: idFromBytes(id) };
  }

  pending(peer: string, afterN: number, maxRows: number, maxBytes: number): OutEntry[] {
    const row = this.row(peer);
    if (row === undefined) return [];
    const { entriesAfter } = this.statements;
    const read = (after: number, limit: number) => entriesAfter.all(row.peer, row.stream, after, limit);
    const entries = inChunks(read, afterN, ({ n }) => n);
    return takePage(entries, maxRows, maxBytes).taken.map((entry) => ({ ...entry, id: idFromBytes(entry.id) }));
  }

  markWired(peer: string, upto: number): number {
    const row = this.existing(peer);
    if (upto > row.made) throw new Error(`bug: position ${upto} was never made, only ${row.made}`);
    return this.wire(row, upto);
  }

  markAcked(peer: string, upto: number): number {
    const row = this.existing(peer);
    if (upto > row.wired) throw new Error(`bug: position ${upto} was never sent, only ${row.wired}`);
    if (upto <= row.acked) return 0;
    const before = row.acked;
    this.change(row, { acked: upto, pendingBytes: row.pendingBytes - this.bytesBetween(row, before + 1, upto) });
    this.record(row, 'acked', before + 1, upto);
    return upto - before;
  }

  rewindAcked(peer: string, mark: number): void {
    const row = this.existing(peer);
    if (mark >= row.acked) throw new Error(`bug: ${mark} is no step back from ${row.acked}`);
    const before = row.acked;
    this.change(row, { acked: mark, pendingBytes: row.pendingBytes + this.bytesBetween(row, mark + 1, before) });
    this.record(row, 'unacked', mark + 1, before);
  }

  markRejected(peer: string, n: number, reason: number): boolean {
    const row = this.row(peer);
    if (row === undefined || n > row.wired) return false;
    if (this.statements.reject.run(reason, row.peer, row.stream, n).changes === 0) return false;
    this.record(row, 'rejected', n, n);
    return true;
  }

  restart(peer: string): OutStream {
    const key = this.peers.ensure(peer);
    const row = this.streamOf(key);
    if (row === undefined) return toOutStream(this.begin(key));
    const next = this.newStreamId();
    // The first ones of those that move, since a stream is sent in its order. The peer may have them: sent stays sent.
    const wired = this.statements.wiredOf.get(row) ?? 0;
    // What was rejected stays behind: that is final, and the user was told.
    const made = this.statements.moveTo.run({ peer: key, stream: row.stream, next }).changes;
    this.change(row, { stream: next, made, wired, acked: 0 });
    this.change(row, { pendingBytes: this.bytesBetween(row, 1, made) });
    this.restarts.record(key, next, this.seqs.mark(), this.now());
    if (wired > 0) this.record(row, 'sent', 1, wired);
    return toOutStream(row);
  }

  cancel(id: string): CancelResult {
    const idBlob = idBytes(id);
    const found = this.statements.position.get(idBlob);
    if (found === undefined) return this.cancelled.get(idBlob) === undefined ? 'unknown' : 'cancelled';
    if (found.ctype === CONTENT_TYPE.void) return 'cancelled';
    const row = this.streamOf(found.peer);
    if (row === undefined || !row.stream.equals(found.stream) || found.n <= row.wired) return 'already-sent';
    // What an earlier stream had may have been sent by the history that this one is an older copy of.
    if (found.seq <= this.restarts.upto(row.peer, row.stream)) return 'already-sent';
    this.words.catchUp();
    this.statements.remove.run(found.seq);
    // By way of negative numbers: an update may visit the rows in any order, and positions are unique at every step.
    this.statements.lift.run(row.peer, row.stream, found.n);
    this.statements.settle.run(row.peer, row.stream);
    this.change(row, { made: row.made - 1, pendingBytes: row.pendingBytes - found.bytes });
    // Its number also keeps those of the feed from being used twice when the newest message is the one removed.
    const seq = this.record(row, 'cancelled', found.n, found.n);
    this.cancelled.record(seq, row.peer, idBlob, found.queuedAt);
    return 'cancelled';
  }

  findSent(id: string): SentMessage | null {
    const row = this.statements.sent.get(idBytes(id));
    return row === undefined ? null : { id, peer: row.peer, text: row.text, state: row.state };
  }

  place(id: string): { peer: string; stream: string; n: number } | null {
    const row = this.statements.place.get(idBytes(id));
    return row === undefined ? null : { ...row, stream: streamFromBytes(row.stream) };
  }

  size(peer: string): { messages: number; bytes: number } {
    const row = this.row(peer);
    return row === undefined ? { messages: 0, bytes: 0 } : { messages: row.made - row.acked, bytes: row.pendingBytes };
  }

  undeliveredCount(peer: string): number {
    const row = this.row(peer);
    return row === undefined ? 0 : (this.statements.undelivered.get(row) ?? 0);
  }

  peersWithPending(): string[] {
    return this.statements.withPending.all();
  }

  /** Stores the counters that changed: to be called before the transaction commits. */
  flush(): void {
    for (const row of this.changed) this.statements.store.run(row);
    this.changed.clear();
  }

  /** The transaction was rolled back. */
  rewind(): void {
    this.streams.clear();
    this.changed.clear();
  }

  /** Texts that were not acknowledged are gone, and their entries void. */
  blanked(peer: number, bytes: number): void {
    const row = this.streamOf(peer);
    if (row !== undefined && bytes > 0) this.change(row, { pendingBytes: row.pendingBytes - bytes });
  }

  private wire(row: StreamRow, upto: number): number {
    if (upto <= row.wired) return 0;
    const before = row.wired;
    this.change(row, { wired: upto });
    this.record(row, 'sent', before + 1, upto);
    return upto - before;
  }

  private record(row: StreamRow, kind: ProgressKind, fromN: number, upto: number): number {
    const seq = this.seqs.take(upto - fromN + 1);
    this.statements.progress.run(seq, row.peer, PROGRESS[kind], row.stream, fromN, upto, this.now());
    return seq;
  }

  private bytesBetween(row: StreamRow, fromN: number, upto: number): number {
    return this.statements.bytesBetween.get(row.peer, row.stream, fromN, upto) ?? 0;
  }

  private row(peer: string): StreamRow | undefined {
    const key = this.peers.keyOf(peer);
    return key === undefined ? undefined : this.streamOf(key);
  }

  private streamOf(peer: number): StreamRow | undefined {
    const row = this.streams.get(peer) ?? this.statements.stream.get(peer);
    if (row !== undefined) this.streams.set(peer, row);
    return row;
  }

  private existing(peer: string): StreamRow {
    const row = this.row(peer);
    if (row === undefined) throw new Error('bug: nothing was ever sent to this peer');
    return row;
  }

  private begin(peer: number): StreamRow {
    const row = { peer, stream: this.newStreamId(), made: 0, wired: 0, acked: 0, pendingBytes: 0 };
    this.streams.set(peer, row);
    this.changed.add(row);
    return row;
  }

  private change(row: StreamRow, news: Partial<StreamRow>): void {
    Object.assign(row, news);
    this.changed.add(row);
  }

  private newStreamId(): Buffer {
    return Buffer.from(this.randomBytes(8));
  }
}

function toOutStream({ stream, made, wired, acked }: StreamRow): OutStream {
  return { stream: streamFromBytes(stream), made, wired, acked };
}

function prepare(db: Database) {
  const entry = 'peer = ? AND direction = 0 AND stream = ?';
  return {
    taken: db
      .prepare<[Buffer, number, Buffer], number>(
        `SELECT 1 FROM messages WHERE kind = 0 AND id = ? AND (direction = 0 OR peer = ?)
         UNION ALL SELECT 1 FROM cancelled_messages WHERE id = ?`,
      )
      .pluck(),
    stream: db.prepare<[number], StreamRow>(
      'SELECT peer, stream, made, wired, acked, pending_bytes AS pendingBytes FROM out_streams WHERE peer = ?',
    ),
    store: db.prepare<[StreamRow]>(`
      INSERT INTO out_streams (peer, stream, made, wired, acked, pending_bytes)
      VALUES (@peer, @stream, @made, @wired, @acked, @pendingBytes)
      ON CONFLICT (peer) DO UPDATE SET stream = excluded.stream, made = excluded.made, wired = excluded.wired,
        acked = excluded.acked, pending_bytes = excluded.pending_bytes`),
    insert: db.prepare<[number, number, Buffer, Buffer, number, number, number, number, string]>(`
      INSERT INTO messages (seq, peer, direction, kind, id, stream, n, ctype, sent_at, committed_at, text)
      VALUES (?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?)`),
    reject: db.prepare<[number, number, Buffer, number]>(
      `UPDATE messages SET reject_reason = ? WHERE ${entry} AND n = ? AND reject_reason IS NULL`,
    ),
    progress: db.prepare<[number, number, number, Buffer, number, number, number]>(
      'INSERT INTO progress (seq, peer, kind, stream, from_n, upto, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    idAt: db.prepare<[number, Buffer, number], Buffer>(`SELECT id FROM messages WHERE ${entry} AND n = ?`).pluck(),
    entriesAfter: db.prepare<[number, Buffer, number, number], EntryRow>(
      `SELECT n, id, text, ctype, sent_at AS sentAt FROM messages WHERE ${entry} AND n > ? ORDER BY n LIMIT ?`,
    ),
    bytesBetween: db
      .prepare<[number, Buffer, number, number], number>(
        `SELECT coalesce(sum(octet_length(text)), 0) FROM messages WHERE ${entry} AND n BETWEEN ? AND ?`,
      )
      .pluck(),
    wiredOf: db
      .prepare<[StreamRow], number>(
        `SELECT count(*) FROM messages
         WHERE peer = @peer AND direction = 0 AND stream = @stream AND n <= @wired AND reject_reason IS NULL`,
      )
      .pluck(),
    moveTo: db.prepare<[{ peer: number; stream: Buffer; next: Buffer }]>(`
      UPDATE messages SET stream = @next, n = moved.n
      FROM (
        SELECT seq, row_number() OVER (ORDER BY n) AS n FROM messages
        WHERE peer = @peer AND direction = 0 AND stream = @stream AND reject_reason IS NULL
      ) AS moved
      WHERE messages.seq = moved.seq`),
    position: db.prepare<
      [Buffer],
      { seq: number; peer: number; stream: Buffer; n: number; ctype: number; bytes: number; queuedAt: number }
    >(`
      SELECT seq, peer, stream, n, ctype, coalesce(octet_length(text), 0) AS bytes, committed_at AS queuedAt FROM messages
      WHERE kind = 0 AND id = ? AND direction = 0`),
    place: db.prepare<[Buffer], { peer: string; stream: Buffer; n: number }>(`
      SELECT p.id AS peer, m.stream, m.n FROM messages m JOIN peers p ON p.key = m.peer
      WHERE m.kind = 0 AND m.id = ? AND m.direction = 0`),
    remove: db.prepare<[number]>('DELETE FROM messages WHERE seq = ?'),
    lift: db.prepare<[number, Buffer, number]>(`UPDATE messages SET n = 1 - n WHERE ${entry} AND n > ?`),
    settle: db.prepare<[number, Buffer]>(`UPDATE messages SET n = -n WHERE ${entry} AND n < 0`),
    sent: db.prepare<[Buffer], MessageRow>(selectMessages('WHERE m.kind = 0 AND m.id = ? AND m.direction = 0')),
    undelivered: db
      .prepare<[StreamRow], number>(
        `SELECT count(*) FROM messages m
         WHERE m.peer = @peer AND m.direction = 0 AND m.stream = @stream AND m.n > @acked AND m.reject_reason IS NULL AND ${SHOWN}`,
      )
      .pluck(),
    withPending: db
      .prepare<[], string>(
        'SELECT p.id FROM out_streams o JOIN peers p ON p.key = o.peer WHERE o.made > o.acked ORDER BY p.key',
      )
      .pluck(),
  };
}
