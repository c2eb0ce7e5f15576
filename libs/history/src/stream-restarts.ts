import type { Database, Statement } from 'better-sqlite3';
import { MEETINGS_REMEMBERED_PER_PEER } from '@earshot/protocol';

/** When our streams were begun anew after a restored copy (wire-v1 §6): what they took over may be with the peer already. */
export class StreamRestarts {
  private readonly insert: Statement<[number, Buffer, number, number]>;
  private readonly forget: Statement<[number, number]>;
  private readonly one: Statement<[number, Buffer], { seq: number; at: number }>;

  constructor(db: Database) {
    this.insert = db.prepare('INSERT INTO stream_restarts (peer, stream, seq, at) VALUES (?, ?, ?, ?)');
    // A peer that lies in every SYNC makes one per session.
    this.forget = db.prepare(`
      DELETE FROM stream_restarts WHERE peer = ? AND key <= (
        SELECT key FROM stream_restarts WHERE peer = ? ORDER BY key DESC LIMIT 1 OFFSET ${MEETINGS_REMEMBERED_PER_PEER})`);
    this.one = db.prepare('SELECT seq, at FROM stream_restarts WHERE peer = ? AND stream = ?');
  }

  /** @param seq the feed's last number: every message up to it came from an earlier stream */
  record(peer: number, stream: Buffer, seq: number, at: number): void {
    this.insert.run(peer, stream, seq, at);
    this.forget.run(peer, peer);
  }

  get(peer: number, stream: Buffer): { seq: number; at: number } | undefined {
    return this.one.get(peer, stream);
  }

  /** The number of the feed up to which messages of a stream came from an earlier one; 0 where none did. */
  upto(peer: number, stream: Buffer): number {
    return this.get(peer, stream)?.seq ?? 0;
  }
}
