import type { Database } from 'better-sqlite3';
import { UNREAD_COUNTED_MAX } from '@earshot/protocol';
import type { Unread } from '@earshot/protocol/ipc';
import { idBytes, idFromBytes } from './identifiers.js';
import { SHOWN } from './message-row.js';
import type { PeerTable } from './peer-table.js';

interface UnreadRow {
  peer: string;
  messages: number;
  readUpTo: Buffer | null;
}

/** Up to where each conversation was read: by the user, on whichever screen. */
export class ReadMarks {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
  ) {
    this.statements = prepare(db);
  }

  /** @param id of the newest message that was read; without one, all there is. @returns whether that is further than before */
  mark(peer: string, id?: string): boolean {
    const key = this.peers.keyOf(peer);
    if (key === undefined) return false;
    const seq = id === undefined ? this.statements.newest.get(key) : this.statements.seqOf.get(key, idBytes(id));
    return seq !== undefined && this.statements.mark.run(key, seq).changes > 0;
  }

  of(peer: string): Unread {
    const row = this.statements.one.get(peer);
    return row === undefined ? { peer, messages: 0, readUpTo: null } : toUnread(row);
  }

  /** Of every conversation, read or not. */
  all(): Unread[] {
    return this.statements.all.all().map(toUnread);
  }
}

function toUnread({ peer, messages, readUpTo }: UnreadRow): Unread {
  return { peer, messages, readUpTo: readUpTo === null ? null : idFromBytes(readUpTo) };
}

function prepare(db: Database) {
  // By these indexes, or a long conversation would be gone over for each message: SQLite refuses where it cannot.
  const ofPeer = `m.peer = p.key AND ${SHOWN}`;
  const unread = `
    SELECT p.id AS peer,
      (SELECT count(*) FROM (
        SELECT 1 FROM messages m INDEXED BY received_messages WHERE ${ofPeer} AND m.direction = 1 AND m.seq > coalesce(r.seq, 0) LIMIT ${UNREAD_COUNTED_MAX}
      )) AS messages,
      (SELECT m.id FROM messages m INDEXED BY conversations WHERE ${ofPeer} AND m.seq <= r.seq ORDER BY m.seq DESC LIMIT 1) AS readUpTo
    FROM peers p LEFT JOIN read_marks r ON r.peer = p.key`;
  return {
    seqOf: db
      .prepare<[number, Buffer], number>(`SELECT m.seq FROM messages m WHERE m.peer = ? AND m.id = ? AND ${SHOWN}`)
      .pluck(),
    newest: db
      .prepare<[number], number>(
        `SELECT m.seq FROM messages m WHERE m.peer = ? AND ${SHOWN} ORDER BY m.seq DESC LIMIT 1`,
      )
      .pluck(),
    mark: db.prepare<[number, number]>(`
      INSERT INTO read_marks (peer, seq) VALUES (?, ?)
      ON CONFLICT (peer) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > read_marks.seq`),
    one: db.prepare<[string], UnreadRow>(`${unread} WHERE p.id = ?`),
    all: db.prepare<[], UnreadRow>(`${unread} WHERE EXISTS (SELECT 1 FROM messages m WHERE ${ofPeer})`),
  };
}
