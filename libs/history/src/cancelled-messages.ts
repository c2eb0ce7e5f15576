import type { Database, Statement } from 'better-sqlite3';

export interface CancelledRow {
  peer: string;
  username: string;
  /** Our clock, ms. */
  queuedAt: number;
  cancelledAt: number;
}

/**
 * The ids of messages that were taken back, for good: a command that repeats its request under such an id must not
 * send the message after all, and whoever showed it must learn that it is gone. No text is kept.
 */
export class CancelledMessages {
  private readonly insert: Statement<[number, number, Buffer, number]>;
  private readonly one: Statement<[Buffer], CancelledRow>;

  constructor(db: Database) {
    this.insert = db.prepare('INSERT INTO cancelled_messages (seq, peer, id, queued_at) VALUES (?, ?, ?, ?)');
    this.one = db.prepare(`
      SELECT p.id AS peer, p.username, c.queued_at AS queuedAt, g.at AS cancelledAt
      FROM cancelled_messages c JOIN peers p ON p.key = c.peer JOIN progress g ON g.seq = c.seq WHERE c.id = ?`);
  }

  /** @param seq of the progress row that says so */
  record(seq: number, peer: number, id: Buffer, queuedAt: number): void {
    this.insert.run(seq, peer, id, queuedAt);
  }

  get(id: Buffer): CancelledRow | undefined {
    return this.one.get(id);
  }
}
