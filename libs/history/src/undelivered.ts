import type { Database, Statement } from 'better-sqlite3';
import { PAGE_MAX_TEXT_BYTES } from '@earshot/protocol';
import type { Message, OutboxCursor } from '@earshot/protocol/ipc';
import { inChunks } from './in-chunks.js';
import { selectMessages, seqOf, SHOWN, takePage, toMessage, type MessageRow } from './message-row.js';

export interface UndeliveredPage {
  items: Message[];
  /** The `after` of the page that follows, null when this is the last. */
  next: OutboxCursor | null;
}

/** The outbox as people see it: queued and sent messages of all peers, without what was rejected. */
export class Undelivered {
  private readonly peers: Statement<[string | null], { key: number; id: string }>;
  private readonly entries: Statement<[{ peer: number; after: number; limit: number }], MessageRow>;

  constructor(db: Database) {
    this.peers = db.prepare(`
      SELECT p.key, p.id FROM out_streams o JOIN peers p ON p.key = o.peer
      WHERE o.made > o.acked AND p.key >= coalesce((SELECT key FROM peers WHERE id = ?), 0) ORDER BY p.key`);
    // Positions close up when a message is taken back between two pages, numbers of the feed do not: those decide, and
    // the position of the last one, where it still has it, only saves reading what comes before.
    this.entries = db.prepare(
      selectMessages(`
        WHERE m.peer = @peer AND m.direction = 0 AND m.stream = o.stream AND m.seq > @after AND m.reject_reason IS NULL AND ${SHOWN}
          AND m.n > max(o.acked, coalesce(
            (SELECT l.n FROM messages l WHERE l.seq = @after AND l.peer = @peer AND l.direction = 0 AND l.stream = o.stream), 0))
        ORDER BY m.n LIMIT @limit`),
    );
  }

  /** To be called within a transaction: all of it must be seen at the same commit. */
  page(after: OutboxCursor | undefined, limit: number): UndeliveredPage {
    const { taken, more } = takePage(this.from(after), limit, PAGE_MAX_TEXT_BYTES);
    const last = taken.at(-1);
    return {
      items: taken.map(toMessage),
      next: more && last !== undefined ? { peer: last.peer, seq: last.seq } : null,
    };
  }

  private *from(after: OutboxCursor | undefined): Generator<MessageRow, void, undefined> {
    for (const { key, id } of this.peers.all(after?.peer ?? null))
      yield* inChunks(
        (cursor, limit) => this.entries.all({ peer: key, after: cursor, limit }),
        id === after?.peer ? after.seq : 0,
        seqOf,
      );
  }
}
