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

/** Streams whose marks are kept at hand; of the others the log is asked. */
const MARKS_REMEMBERED = 4_096;
/** The last moment that ISO 8601 can write with a four-digit year. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A position of a peer's stream. */
export interface Position {
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
  /** What the log says of streams in use, by peer and stream: read from it once, and moved along with it. */
  private readonly held = new Map<string, { n: number; id: Buffer }>();

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
    const sent = Math.min(Math.max(sentAt, 0), LAST_TIME_MS);
    if (this.insert(key, KIND.content, idBlob, stream, n, ctype, sent, null, text)) return 'stored';
    this.tombstone(key, KIND.silent, idBlob, stream, n, null);
    return 'duplicate-id';
  }

  commitVoid({ peer, stream, n, id }: Position): void {
    this.tombstone(this.peers.ensure(peer), KIND.silent, idBytes(id), stream, n, null);
  }

  commitRejected({ peer, stream, n, id, reason }: RejectedMessage): void {
    this.tombstone(this.peers.ensure(peer), KIND.rejected, idBytes(id), stream, n, reason);
  }

  mark(peer: string, stream: string): ReceivedMark {
    const key = this.peers.keyOf(peer);
    const held = key === undefined ? undefined : this.heldOf(key, stream);
    return { stream, n: held?.n ?? 0, id: held === undefined ? null : idFromBytes(held.id) };
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
    return this.marks(peer).flatMap(({ stream, n }) => this.rejectionsBetween(peer, stream, n - lastRows, n));
  }

  rejectionsBetween(peer: string, stream: string, afterN: number, upto: number): Rejection[] {
    const key = this.peers.keyOf(peer);
    if (key === undefined) return [];
    return this.statements.rejections.all(key, streamBytes(stream), afterN, upto).map((row) => ({ stream, ...row }));
  }

  requestCount(peer: string): number {
    const key = this.peers.keyOf(peer);
    return key === undefined ? 0 : (this.statements.received.get(key) ?? 0);
  }

  /** The transaction was rolled back. */
  rewind(): void {
    this.held.clear();
  }

  private heldOf(peer: number, stream: string): { n: number; id: Buffer } | undefined {
    const name = `${peer} ${stream}`;
    const known = this.held.get(name);
    if (known !== undefined) return known;
    const held = this.statements.mark.get(peer, streamBytes(stream));
    // A peer can name as many streams as it likes: only those count of which there is something.
    if (held !== undefined) this.remember(name, held);
    return held;
  }

  private remember(name: string, held: { n: number; id: Buffer }): void {
    this.held.set(name, held);
    if (this.held.size > MARKS_REMEMBERED) for (const oldest of this.held.keys()) return void this.held.delete(oldest);
  }

  private tombstone(peer: number, kind: number, id: Buffer, stream: string, n: number, reason: number | null): void {
    this.insert(peer, kind, id, stream, n, 0, this.now(), reason, null);
  }

  /** False when it is content and its id stands in the log already. */
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
  ): boolean {
    // The caller has seen to it. A gap here would acknowledge what never came, so it is worth looking twice.
    const held = this.heldOf(peer, stream);
    if (n !== (held?.n ?? 0) + 1) throw new Error(`bug: position ${n} does not follow ${held?.n ?? 0}`);
    const streamBlob = streamBytes(stream);
    const mark = this.seqs.mark();
    const { changes } = this.statements.insert.run(
      this.seqs.take(),
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
    if (changes === 0) {
      this.seqs.rewind(mark);
      return false;
    }
    if (held === undefined) this.remember(`${peer} ${stream}`, { n, id });
    else Object.assign(held, { n, id });
    return true;
  }
}

function prepare(db: Database) {
  return {
    insert: db.prepare<
      [number, number, number, number, Buffer, Buffer, number, number, number, number, number | null, string | null]
    >(`
      INSERT INTO messages (seq, peer, direction, kind, id, stream, n, ctype, sent_at, committed_at, reject_reason, text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id, peer) WHERE kind = 0 DO NOTHING`),
    mark: db.prepare<[number, Buffer], { seq: number; stream: Buffer; n: number; id: Buffer }>(`
      SELECT seq, stream, n, id FROM messages WHERE peer = ? AND direction = 1 AND stream = ? ORDER BY n DESC LIMIT 1`),
    starts: db
      .prepare<[number], Buffer>(
        `SELECT stream FROM messages WHERE peer = ? AND direction = 1 AND n = 1 ORDER BY seq DESC LIMIT ${STREAMS_REMEMBERED_PER_PEER}`,
      )
      .pluck(),
    rejections: db.prepare<[number, Buffer, number, number], { n: number; reason: number }>(`
      SELECT n, reject_reason AS reason FROM messages WHERE kind = 2 AND peer = ? AND stream = ? AND n > ? AND n <= ?
      ORDER BY n`),
    received: db
      .prepare<[number], number>(
        `SELECT count(*) FROM (SELECT 1 FROM messages WHERE peer = ? AND direction = 1 LIMIT ${REQUEST_MAX_MESSAGES})`,
      )
      .pluck(),
  };
}
