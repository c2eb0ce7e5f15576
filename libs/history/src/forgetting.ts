import type { Database } from 'better-sqlite3';
import { CONTENT_TYPE } from '@earshot/protocol';
import { SHOWN } from './message-row.js';
import type { Outbox } from './outbox.js';
import type { PeerTable } from './peer-table.js';
import type { SeqCounter } from './seq-counter.js';
import type { WordIndex } from './word-index.js';

export interface ToForget {
  peer: string;
  /** Only what was stored before this moment, our clock, ms. */
  before?: number | undefined;
  /** The highest number of the feed whose message is forgotten. */
  upto: number;
  limit: number;
  /** An earlier piece of the same has been forgotten already. */
  goesOn?: boolean;
}

export interface Forgotten {
  messages: number;
  /** Of those, the ones of ours that the peer had not acknowledged: it will get them as void, or has them already. */
  undelivered: number;
  /** There was no more to forget. */
  isDone: boolean;
}

/**
 * Erases what was said, and keeps what the protocol needs (wire-v1 §6.2): of every message its id, its stream and its position.
 * Without the position the mark of a stream would go back, and the peer send everything again; without the id, a message that
 * comes under another stream would be stored anew. Erased is what SQLite overwrites (secure_delete) and takes from its index
 * of words; older pages are in the WAL until that is cut back (`HistoryWriter.scrub`).
 */
export class Forgetting {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
    private readonly outbox: Outbox,
    private readonly seqs: SeqCounter,
    private readonly words: WordIndex,
    private readonly now: () => number,
  ) {
    this.statements = prepare(db);
  }

  forget({ peer, before = Number.MAX_SAFE_INTEGER, upto, limit, goesOn = false }: ToForget): Forgotten {
    const key = this.peers.keyOf(peer);
    if (key === undefined) return { messages: 0, undelivered: 0, isDone: true };
    const found = this.statements.find.all(key, upto, before, limit);
    const isDone = found.length < limit;
    const undelivered = found.length === 0 ? 0 : this.blank(key, JSON.stringify(found));
    // Readers look again at what there is when it begins, since it may be broken off, and when it is done.
    if (goesOn ? isDone : found.length > 0) this.note(key);
    return { messages: found.length, undelivered, isDone };
  }

  private blank(peer: number, seqs: string): number {
    this.outbox.flush();
    this.words.catchUp();
    const { undelivered, bytes } = this.statements.unacknowledged.get(peer, seqs) ?? { undelivered: 0, bytes: 0 };
    this.statements.blank.run(seqs);
    this.outbox.blanked(peer, bytes);
    return undelivered;
  }

  private note(peer: number): void {
    const seq = this.seqs.take();
    this.statements.dropNotes.run(peer);
    this.statements.note.run(seq, peer, this.now());
  }
}

function prepare(db: Database) {
  const these = 'seq IN (SELECT value FROM json_each(?))';
  return {
    find: db
      .prepare<[number, number, number, number], number>(
        `SELECT m.seq FROM messages m WHERE m.peer = ? AND ${SHOWN} AND m.seq <= ? AND m.committed_at < ? ORDER BY m.seq LIMIT ?`,
      )
      .pluck(),
    unacknowledged: db.prepare<[number, string], { undelivered: number; bytes: number }>(`
      SELECT coalesce(sum(m.reject_reason IS NULL), 0) AS undelivered, coalesce(sum(octet_length(m.text)), 0) AS bytes
      FROM out_streams o JOIN messages m ON m.peer = o.peer AND m.direction = 0 AND m.stream = o.stream AND m.n > o.acked
      WHERE o.peer = ? AND m.${these}`),
    blank: db.prepare<[string]>(
      `UPDATE messages SET text = NULL, ctype = ${CONTENT_TYPE.void}, sent_at = 0, committed_at = 0 WHERE ${these}`,
    ),
    // Of each peer the newest says it all.
    dropNotes: db.prepare<[number]>('DELETE FROM forgettings WHERE peer = ?'),
    note: db.prepare<[number, number, number]>('INSERT INTO forgettings (seq, peer, at) VALUES (?, ?, ?)'),
  };
}
