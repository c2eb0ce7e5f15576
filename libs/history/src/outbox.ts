import type { Database } from 'better-sqlite3';
import type { MessageState } from '@earshot/protocol/ipc';
import { PROGRESS, type ProgressKind } from './change-feed.js';
import { CancelledMessages } from './cancelled-messages.js';
import { HistoryError } from './errors.js';
import { idBytes, idFromBytes, streamFromBytes } from './identifiers.js';
import { selectMessages, takePage, textBytes, type MessageRow } from './message-row.js';
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

/** What we send: one numbered stream per peer (wire-v1 §9). Writes belong in a transaction of the writer. */
export class Outbox {
  private readonly statements: ReturnType<typeof prepare>;
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
    if (this.statements.taken.get(idBlob, key) !== undefined || this.cancelled.get(idBlob) !== undefined)
      throw new HistoryError('id-conflict', id);
    const row = this.statements.stream.get(key) ?? this.begin(key);
    const n = row.made + 1;
    const seq = this.seqs.take();
    this.statements.insert.run(seq, key, idBlob, row.stream, n, ctype, sentAt, this.now(), text);
    this.statements.made.run(n, wired ? n : row.wired, textBytes(text), key);
    if (wired) this.record(row, 'sent', row.wired + 1, n);
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
    const entries = this.statements.entriesAfter.iterate(row.peer, row.stream, afterN);
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
    const bytes = this.statements.bytesBetween.get(row.peer, row.stream, row.acked + 1, upto) ?? 0;
    this.statements.acked.run(upto, bytes, row.peer);
    this.record(row, 'acked', row.acked + 1, upto);
    return upto - row.acked;
  }

  rewindAcked(peer: string, mark: number): void {
    const row = this.existing(peer);
    if (mark >= row.acked) throw new Error(`bug: ${mark} is no step back from ${row.acked}`);
    const bytes = this.statements.bytesBetween.get(row.peer, row.stream, mark + 1, row.acked) ?? 0;
    this.statements.acked.run(mark, -bytes, row.peer);
    this.record(row, 'unacked', mark + 1, row.acked);
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
    const old = this.statements.stream.get(key);
    if (old === undefined) return toOutStream(this.begin(key));
    const stream = this.newStreamId();
    // What was rejected stays behind: that is final, and the user was told.
    const made = this.statements.moveTo.run({ ...old, next: stream }).changes;
    const pendingBytes = this.statements.bytesBetween.get(key, stream, 1, made) ?? 0;
    const row = { peer: key, stream, made, wired: 0, acked: 0, pendingBytes };
    this.statements.restart.run(row);
    this.restarts.record(key, stream, this.seqs.mark(), this.now());
    return toOutStream(row);
  }

  cancel(id: string): CancelResult {
    const idBlob = idBytes(id);
    const found = this.statements.position.get(idBlob);
    if (found === undefined) return this.cancelled.get(idBlob) === undefined ? 'unknown' : 'cancelled';
    const row = this.statements.stream.get(found.peer);
    if (row === undefined || !row.stream.equals(found.stream) || found.n <= row.wired) return 'already-sent';
    // What an earlier stream had may have been sent by the history that this one is an older copy of.
    if (found.seq <= this.restarts.upto(row.peer, row.stream)) return 'already-sent';
    this.words.catchUp();
    this.statements.remove.run(found.seq);
    // By way of negative numbers: an update may visit the rows in any order, and positions are unique at every step.
    this.statements.lift.run(row.peer, row.stream, found.n);
    this.statements.settle.run(row.peer, row.stream);
    this.statements.unmade.run(found.bytes, row.peer);
    // Its number also keeps those of the feed from being used twice when the newest message is the one removed.
    const seq = this.record(row, 'cancelled', found.n, found.n);
    this.cancelled.record(seq, row.peer, idBlob, found.queuedAt);
    return 'cancelled';
  }

  findSent(id: string): SentMessage | null {
    const row = this.statements.sent.get(idBytes(id));
    return row === undefined ? null : { id, peer: row.peer, text: row.text, state: row.state };
  }

  size(peer: string): { messages: number; bytes: number } {
    const row = this.row(peer);
    return row === undefined ? { messages: 0, bytes: 0 } : { messages: row.made - row.acked, bytes: row.pendingBytes };
  }

  peersWithPending(): string[] {
    return this.statements.withPending.all();
  }

  private wire(row: StreamRow, upto: number): number {
    if (upto <= row.wired) return 0;
    this.statements.wired.run(upto, row.peer);
    this.record(row, 'sent', row.wired + 1, upto);
    return upto - row.wired;
  }

  private record(row: StreamRow, kind: ProgressKind, fromN: number, upto: number): number {
    const seq = this.seqs.take(upto - fromN + 1);
    this.statements.progress.run(seq, row.peer, PROGRESS[kind], row.stream, fromN, upto, this.now());
    return seq;
  }

  private row(peer: string): StreamRow | undefined {
    const key = this.peers.keyOf(peer);
    return key === undefined ? undefined : this.statements.stream.get(key);
  }

  private existing(peer: string): StreamRow {
    const row = this.row(peer);
    if (row === undefined) throw new Error('bug: nothing was ever sent to this peer');
    return row;
  }

  private begin(peer: number): StreamRow {
    const row = { peer, stream: this.newStreamId(), made: 0, wired: 0, acked: 0, pendingBytes: 0 };
    this.statements.begin.run(row);
    return row;
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
      .prepare<[Buffer, number], number>(
        'SELECT 1 FROM messages WHERE kind = 0 AND id = ? AND (direction = 0 OR peer = ?)',
      )
      .pluck(),
    stream: db.prepare<[number], StreamRow>(
      'SELECT peer, stream, made, wired, acked, pending_bytes AS pendingBytes FROM out_streams WHERE peer = ?',
    ),
    begin: db.prepare<[StreamRow]>(
      'INSERT INTO out_streams (peer, stream, made, wired, acked, pending_bytes) VALUES (@peer, @stream, 0, 0, 0, 0)',
    ),
    restart: db.prepare<[StreamRow]>(`
      UPDATE out_streams SET stream = @stream, made = @made, wired = 0, acked = 0, pending_bytes = @pendingBytes
      WHERE peer = @peer`),
    insert: db.prepare<[number, number, Buffer, Buffer, number, number, number, number, string]>(`
      INSERT INTO messages (seq, peer, direction, kind, id, stream, n, ctype, sent_at, committed_at, text)
      VALUES (?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?)`),
    made: db.prepare<[number, number, number, number]>(
      'UPDATE out_streams SET made = ?, wired = ?, pending_bytes = pending_bytes + ? WHERE peer = ?',
    ),
    unmade: db.prepare<[number, number]>(
      'UPDATE out_streams SET made = made - 1, pending_bytes = pending_bytes - ? WHERE peer = ?',
    ),
    wired: db.prepare<[number, number]>('UPDATE out_streams SET wired = ? WHERE peer = ?'),
    acked: db.prepare<[number, number, number]>(
      'UPDATE out_streams SET acked = ?, pending_bytes = pending_bytes - ? WHERE peer = ?',
    ),
    reject: db.prepare<[number, number, Buffer, number]>(
      `UPDATE messages SET reject_reason = ? WHERE ${entry} AND n = ? AND reject_reason IS NULL`,
    ),
    progress: db.prepare<[number, number, number, Buffer, number, number, number]>(
      'INSERT INTO progress (seq, peer, kind, stream, from_n, upto, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    idAt: db.prepare<[number, Buffer, number], Buffer>(`SELECT id FROM messages WHERE ${entry} AND n = ?`).pluck(),
    entriesAfter: db.prepare<[number, Buffer, number], EntryRow>(
      `SELECT n, id, text, ctype, sent_at AS sentAt FROM messages WHERE ${entry} AND n > ? ORDER BY n`,
    ),
    bytesBetween: db
      .prepare<[number, Buffer, number, number], number>(
        `SELECT coalesce(sum(octet_length(text)), 0) FROM messages WHERE ${entry} AND n BETWEEN ? AND ?`,
      )
      .pluck(),
    moveTo: db.prepare<[StreamRow & { next: Buffer }]>(`
      UPDATE messages SET stream = @next, n = moved.n
      FROM (
        SELECT seq, row_number() OVER (ORDER BY n) AS n FROM messages
        WHERE peer = @peer AND direction = 0 AND stream = @stream AND n > @acked AND reject_reason IS NULL
      ) AS moved
      WHERE messages.seq = moved.seq`),
    position: db.prepare<
      [Buffer],
      { seq: number; peer: number; stream: Buffer; n: number; bytes: number; queuedAt: number }
    >(`
      SELECT seq, peer, stream, n, coalesce(octet_length(text), 0) AS bytes, committed_at AS queuedAt FROM messages
      WHERE kind = 0 AND id = ? AND direction = 0`),
    remove: db.prepare<[number]>('DELETE FROM messages WHERE seq = ?'),
    lift: db.prepare<[number, Buffer, number]>(`UPDATE messages SET n = 1 - n WHERE ${entry} AND n > ?`),
    settle: db.prepare<[number, Buffer]>(`UPDATE messages SET n = -n WHERE ${entry} AND n < 0`),
    sent: db.prepare<[Buffer], MessageRow>(selectMessages('WHERE m.kind = 0 AND m.id = ? AND m.direction = 0')),
    withPending: db
      .prepare<[], string>(
        'SELECT p.id FROM out_streams o JOIN peers p ON p.key = o.peer WHERE o.made > o.acked ORDER BY p.key',
      )
      .pluck(),
  };
}
