import type { Database, Statement } from 'better-sqlite3';
import type { SeqCounter } from './seq-counter.js';

/**
 * Brings new messages into the search index, in the transaction that stores them but all at once, before it commits.
 * A trigger per row would cost several times as much as the row itself: each firing opens a savepoint, and with every
 * savepoint FTS5 writes out what it has gathered. Deleted and blanked rows are rare, and left to triggers (schema.ts).
 */
export class WordIndex {
  private upto: number;
  private readonly indexAfter: Statement<[number]>;

  constructor(
    db: Database,
    private readonly seqs: SeqCounter,
  ) {
    this.upto = seqs.mark();
    this.indexAfter = db.prepare(`
      INSERT INTO message_words (rowid, text, peer)
      SELECT seq, text, peer FROM messages WHERE seq > ? AND text IS NOT NULL ORDER BY seq`);
  }

  /** Also to be called before an indexed column changes: the triggers take every row for indexed. */
  catchUp(): void {
    const last = this.seqs.mark();
    if (last === this.upto) return;
    this.indexAfter.run(this.upto);
    this.upto = last;
  }

  /** The transaction was rolled back. */
  rewind(): void {
    this.upto = this.seqs.mark();
  }
}
