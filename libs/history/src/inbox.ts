import type { Database } from 'better-sqlite3';
import {
  REJECT_REPEAT_MESSAGES,
  REQUEST_MAX_MESSAGES,
  STREAMS_REMEMBERED_PER_PEER,
  SYNC_MAX_STREAMS,
} from '@earshot/protocol';
import { idBytes, idFromBytes, streamBytes, streamFromBytes } from './identifiers.js';
import { DIRECTION, KIND } from './message-row.js';
import type { PeerTable } from './peer-table.js';
import type { SeqCounter } from './seq-counter.js';

/** The last moment that ISO 8601 can write with a four-digit year. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A position of a peer's stream. */
interface Position {
  peer: string;
  /** 16 hex digits. */
  stream: string;
  n: number;
  id: string;
}

export interface ReceivedMessage extends Position {
  /** The sender's clock, ms: a claim, brought into the range that can be shown. */
  sentAt: number;
  ctype: number;
  /** Null for content of a kind that this version does not know. */
  text: string | null;
}

export interface RejectedMessage extends Position {
  /** The reason of the REJECT record. */
  reason: number;
}

/** How far we hold a peer's stream durably; `n` is 0 and `id` null for a stream of which we hold nothing. */
export interface ReceivedMark {
  stream: string;
  n: number;
  id: string | null;
}

export interface Rejection {
  stream: string;
  n: number;
  reason: number;
}

/** What peers send: the log itself says how far each of their streams is held (wire-v1 §9). */
export class Inbox {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
    private readonly seqs: SeqCounter,
    private readonly now: () => number,
  ) {
    this.statements = prepare(db);
  }

  commit({ peer, stream, n, id, sentAt, ctype, text }: ReceivedMessage): 'stored' | 'duplicate-id' {
    const key = this.peers.ensure(peer);
    const idBlob = idBytes(id);
    if (this.statements.known.get(idBlob, key) !== undefined) {
      this.tombstone(key, KIND.duplicate, idBlob, stream, n, null);
      return 'duplicate-id';
    }
    const sent = Math.min(Math.max(sentAt, 0), LAST_TIME_MS);
    this.insert(key, KIND.content, idBlob, stream, n, ctype, sent, null, text);
    return 'stored';
  }

  commitRejected({ peer, stream, n, id, reason }: RejectedMessage): void {
    this.tombstone(this.peers.ensure(peer), KIND.rejected, idBytes(id), stream, n, reason);
  }

  mark(peer: string, stream: string): ReceivedMark {
    const key = this.peers.keyOf(peer);
    const row = key === undefined ? undefined : this.statements.mark.get(key, streamBytes(stream));
    return { stream, n: row?.n ?? 0, id: row === undefined ? null : idFromBytes(row.id) };
  }

  marks(peer: string, max: number = SYNC_MAX_STREAMS): ReceivedMark[] {
    const key = this.peers.keyOf(peer);
    if (key === undefined) return [];
    return this.statements.starts
      .all(key)
      .flatMap((stream) => this.statements.mark.get(key, stream) ?? [])
      .sort((a, b) => b.seq - a.seq)
      .slice(0, max)
      .map(({ stream, n, id }) => ({ stream: streamFromBytes(stream), n, id: idFromBytes(id) }));
  }

  recentRejections(peer: string, lastRows: number = REJECT_REPEAT_MESSAGES): Rejection[] {
    const key = this.peers.keyOf(peer);
    if (key === undefined) return [];
    return this.marks(peer).flatMap(({ stream, n }) =>
      this.statements.rejections.all(key, streamBytes(stream), n - lastRows).map((row) => ({ stream, ...row })),
    );
  }

  requestCount(peer: string): number {
    const key = this.peers.keyOf(peer);
    return key === undefined ? 0 : (this.statements.received.get(key) ?? 0);
  }

  private tombstone(peer: number, kind: number, id: Buffer, stream: string, n: number, reason: number | null): void {
    this.insert(peer, kind, id, stream, n, 0, this.now(), reason, null);
  }

  private insert(
    peer: number,
    kind: number,
    id: Buffer,
    stream: string,
    n: number,
    ctype: number,
    sentAt: number,
    reason: number | null,
    text: string | null,
  ): void {
    const streamBlob = streamBytes(stream);
    // The caller has seen to it. A gap here would acknowledge what never came, so it is worth looking twice.
    const held = this.statements.held.get(peer, streamBlob) ?? 0;
    if (n !== held + 1) throw new Error(`bug: position ${n} does not follow ${held}`);
    const seq = this.seqs.take();
    this.statements.insert.run(
      seq,
      peer,
      DIRECTION.received,
      kind,
      id,
      streamBlob,
      n,
      ctype,
      sentAt,
      this.now(),
      reason,
      text,
    );
  }
}

function prepare(db: Database) {
  return {
    known: db
      .prepare<[Buffer, number], number>('SELECT 1 FROM messages WHERE kind = 0 AND id = ? AND peer = ?')
      .pluck(),
    held: db
      .prepare<[number, Buffer], number>('SELECT max(n) FROM messages WHERE peer = ? AND direction = 1 AND stream = ?')
      .pluck(),
    insert: db.prepare<
      [number, number, number, number, Buffer, Buffer, number, number, number, number, number | null, string | null]
    >(`
      INSERT INTO messages (seq, peer, direction, kind, id, stream, n, ctype, sent_at, committed_at, reject_reason, text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    mark: db.prepare<[number, Buffer], { seq: number; stream: Buffer; n: number; id: Buffer }>(`
      SELECT seq, stream, n, id FROM messages WHERE peer = ? AND direction = 1 AND stream = ? ORDER BY n DESC LIMIT 1`),
    starts: db
      .prepare<[number], Buffer>(
        `SELECT stream FROM messages WHERE peer = ? AND direction = 1 AND n = 1 ORDER BY seq DESC LIMIT ${STREAMS_REMEMBERED_PER_PEER}`,
      )
      .pluck(),
    rejections: db.prepare<[number, Buffer, number], { n: number; reason: number }>(`
      SELECT n, reject_reason AS reason FROM messages WHERE kind = 2 AND peer = ? AND stream = ? AND n > ? ORDER BY n`),
    received: db
      .prepare<[number], number>(
        `SELECT count(*) FROM (SELECT 1 FROM messages WHERE peer = ? AND direction = 1 LIMIT ${REQUEST_MAX_MESSAGES})`,
      )
      .pluck(),
  };
}
