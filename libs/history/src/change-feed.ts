import type { Database, Statement } from 'better-sqlite3';
import { PAGE_MAX_TEXT_BYTES } from '@earshot/protocol';
import type { Change } from '@earshot/protocol/ipc';
import { inChunks } from './in-chunks.js';
import { idFromBytes } from './identifiers.js';
import { selectMessages, seqOf, SHOWN, textBytes, toMessage, type MessageRow } from './message-row.js';

/**
 * The durable feed of what changed. One counter numbers all of it: a message takes one number, a progress row takes
 * one for each position it covers and is stored under the last of them.
 *
 *   seq       1        2        3       4     5
 *             message  message  message sent  sent         one progress row: seq 5, from_n 1, upto 2
 *
 * That messages were forgotten takes one number, too. So every change has a number of its own, a page may end anywhere, and `after` alone says where to go on: of a row,
 * the positions above `upto - (seq - after)` are still to come. A number without a change is a gap and means nothing.
 */
export const PROGRESS = { sent: 0, acked: 1, rejected: 2, cancelled: 3, unacked: 4 } as const;
export type ProgressKind = keyof typeof PROGRESS;

/** Of a row of `forgettings`, among those of `progress`: it is none, and covers no positions. */
const FORGOTTEN = 5;

/** What a reader is told of a position, by the kind of its progress row; of a cancelled one, see `cancelled`. */
const STATES = new Map<number, 'sent' | 'delivered' | 'rejected'>([
  [PROGRESS.sent, 'sent'],
  [PROGRESS.acked, 'delivered'],
  [PROGRESS.rejected, 'rejected'],
  [PROGRESS.unacked, 'sent'],
]);

/** Progress rows gone over for a page, whatever they have to tell: some 25 µs each. */
const PAGE_MAX_PROGRESS_ROWS = 2_000;

/** Enough was gone over for a page: the next one begins behind this number. */
interface Pause {
  event: 'pause';
  seq: number;
}

interface ProgressRow {
  seq: number;
  peer: number;
  kind: number;
  stream: Buffer;
  /** The first position that the reader has not had yet. */
  fromN: number;
  upto: number;
}

/** A page of the feed; `upto` is the next page's `after`. The end is an empty page that reaches no further. */
export interface ChangePage {
  items: Change[];
  upto: number;
}

export class ChangeFeed {
  private readonly messages: Statement<[number, number], MessageRow>;
  private readonly progress: Statement<[{ after: number; limit: number }], ProgressRow>;
  private readonly covered: Statement<[ProgressRow & { limit: number }], { n: number; id: Buffer; peer: string }>;
  private readonly cancelled: Statement<[number], { id: Buffer; peer: string }>;
  private readonly peerId: Statement<[number], string>;
  private readonly last: Statement<[], number>;

  constructor(db: Database) {
    this.messages = db.prepare(selectMessages(`WHERE m.seq > ? AND ${SHOWN} ORDER BY m.seq LIMIT ?`));
    this.progress = db.prepare(`
      SELECT seq, peer, kind, stream, max(from_n, upto - (seq - @after) + 1) AS fromN, upto
      FROM progress WHERE seq > @after
      UNION ALL SELECT seq, peer, ${FORGOTTEN}, x'', 0, 0 FROM forgettings WHERE seq > @after
      ORDER BY seq LIMIT @limit`);
    // A rejected message stays rejected, whatever becomes of its position.
    this.covered = db.prepare(`
      SELECT m.n, m.id, p.id AS peer FROM messages m CROSS JOIN peers p ON p.key = m.peer
      WHERE m.peer = @peer AND m.direction = 0 AND m.stream = @stream AND m.n BETWEEN @fromN AND @upto
        AND ${SHOWN} AND (m.reject_reason IS NULL OR @kind IN (${PROGRESS.sent}, ${PROGRESS.rejected}))
      ORDER BY m.n LIMIT @limit`);
    // The message itself is gone, and its position is another's.
    this.cancelled = db.prepare(
      'SELECT c.id, p.id AS peer FROM cancelled_messages c JOIN peers p ON p.key = c.peer WHERE c.seq = ?',
    );
    this.peerId = db.prepare<[number], string>('SELECT id FROM peers WHERE key = ?').pluck();
    const lastOf = (table: string) => `coalesce((SELECT max(seq) FROM ${table}), 0)`;
    this.last = db
      .prepare<[], number>(`SELECT max(${lastOf('messages')}, ${lastOf('progress')}, ${lastOf('forgettings')})`)
      .pluck();
  }

  lastSeq(): number {
    return this.last.get() ?? 0;
  }

  /** To be called within a transaction: all tables must be seen at the same commit. */
  page(after: number, limit: number): ChangePage {
    const items: Change[] = [];
    let bytes = 0;
    for (const change of this.inOrder(after, limit)) {
      if (change.event === 'pause') return { items, upto: change.seq };
      if (change.event === 'message') bytes += textBytes(change.text);
      const full = items.length === limit || (items.length > 0 && bytes > PAGE_MAX_TEXT_BYTES);
      if (full) return { items, upto: items.at(-1)?.seq ?? after };
      items.push(change);
    }
    return { items, upto: this.lastSeq() };
  }

  private *inOrder(after: number, limit: number): Generator<Change | Pause, void, undefined> {
    const messages = inChunks((cursor, rows) => this.messages.all(cursor, rows), after, seqOf);
    const states = this.states(after, limit);
    let message = messages.next();
    let state = states.next();
    for (;;) {
      if (!message.done && (state.done || message.value.seq < state.value.seq)) {
        yield newMessage(message.value);
        message = messages.next();
      } else if (!state.done) {
        yield state.value;
        state = states.next();
      } else return;
    }
  }

  private *states(after: number, limit: number): Generator<Change | Pause, void, undefined> {
    let [rowsRead, last] = [0, after];
    for (const row of inChunks((cursor, rows) => this.progress.all({ after: cursor, limit: rows }), after, seqOf)) {
      // Those of what was forgotten tell nothing, and there may be a million of them.
      if (rowsRead++ === PAGE_MAX_PROGRESS_ROWS) {
        yield { event: 'pause', seq: last };
        return;
      }
      last = row.seq;
      if (row.kind === FORGOTTEN) {
        yield { event: 'forgotten', seq: row.seq, peer: this.peerId.get(row.peer) ?? '' };
        continue;
      }
      const state = STATES.get(row.kind);
      if (state === undefined) {
        const taken = this.cancelled.get(row.seq);
        if (taken !== undefined)
          yield { event: 'state', seq: row.seq, id: idFromBytes(taken.id), peer: taken.peer, state: 'cancelled' };
        continue;
      }
      // One more than fits, so that the page knows that it is full.
      for (const { n, id, peer } of this.covered.all({ ...row, limit: limit + 1 })) {
        yield { event: 'state', seq: row.seq - (row.upto - n), id: idFromBytes(id), peer, state };
      }
    }
  }
}

/** A message as it was when it was stored: what became of it has entries of its own, further on. */
function newMessage(row: MessageRow): Change {
  const message = toMessage(row);
  return { event: 'message', seq: row.seq, ...message, state: message.direction === 'sent' ? 'queued' : 'received' };
}
