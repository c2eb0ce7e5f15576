import type { Database, Statement } from 'better-sqlite3';
import {
  CONTENT_TYPE,
  REQUEST_MAX_MESSAGES,
  REQUESTS_MAX,
  REQUESTS_MAX_PER_IP,
  SILENT_STRANGERS_MAX,
} from '@earshot/protocol';
import { KIND, SHOWN } from './message-row.js';
import type { PeerTable } from './peer-table.js';

/** Messages that wait for the user to decide about their writer. */
export interface PendingRequest {
  peer: string;
  messages: number;
}

/**
 * Those about whom the user has not decided. Identities cost nothing, so what all of them together can leave here is
 * bounded: whoever wrote is kept until the user decides, since it was told that its messages are stored, and when there are
 * too many of those no more of them are taken; whoever wrote nothing is dropped when there are too many.
 */
export class Strangers {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
  ) {
    this.statements = prepare(db);
  }

  /** The longest waiting first; of more than there can be by these rules (some were unblocked), the first REQUESTS_MAX. */
  requests(): PendingRequest[] {
    return this.statements.requests.all();
  }

  /** Whether a stranger that has left nothing yet may: there are not too many that did, in all and from its address. */
  hasRoomFor(peer: string): boolean {
    const key = this.peers.keyOf(peer) ?? 0;
    const address = this.statements.lastAddress.get(key) ?? '';
    const ip = address.slice(0, address.lastIndexOf(':'));
    const { total, fromIp } = this.statements.room.get(`${ip}:`) ?? { total: 0, fromIp: 0 };
    return total < REQUESTS_MAX && fromIp < REQUESTS_MAX_PER_IP;
  }

  /** Drops those of whom there is nothing but that they came by, the ones seen longest ago first. Returns whom it dropped. */
  dropSilent(): string[] {
    const dropped = this.statements.silent.all();
    for (const id of dropped) {
      const key = this.peers.keyOf(id) ?? 0;
      for (const statement of this.statements.traces) statement.run(key);
      this.peers.drop(id);
    }
    return dropped;
  }
}

function prepare(db: Database) {
  const wrote = 'EXISTS (SELECT 1 FROM messages m WHERE m.peer = p.key)';
  // Whose every message the user had forgotten has been decided about, as far as room goes.
  const isKept = `EXISTS (SELECT 1 FROM messages m WHERE m.peer = p.key AND NOT (m.kind = ${KIND.content} AND m.ctype = ${CONTENT_TYPE.void}))`;
  const wasWrittenTo = 'EXISTS (SELECT 1 FROM out_streams o WHERE o.peer = p.key)';
  const lastAddress = 'SELECT address FROM encounters WHERE peer = p.key ORDER BY key DESC LIMIT 1';
  return {
    requests: db.prepare<[], PendingRequest>(`
      SELECT p.id AS peer, (
        SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.peer = p.key AND m.direction = 1 AND ${SHOWN} LIMIT ${REQUEST_MAX_MESSAGES})
      ) AS messages
      FROM peers p WHERE p.trust = 'new' AND EXISTS (SELECT 1 FROM messages m WHERE m.peer = p.key AND m.direction = 1 AND ${SHOWN})
      ORDER BY p.key LIMIT ${REQUESTS_MAX}`),
    room: db.prepare<[string], { total: number; fromIp: number }>(`
      SELECT count(*) AS total, coalesce(sum(substr(address, 1, length(ip)) = ip), 0) AS fromIp
      FROM (SELECT (${lastAddress}) AS address, ? AS ip FROM peers p WHERE p.trust = 'new' AND ${isKept})`),
    lastAddress: db
      .prepare<[number], string>('SELECT address FROM encounters WHERE peer = ? ORDER BY key DESC LIMIT 1')
      .pluck(),
    silent: db
      .prepare<[], string>(
        `SELECT id FROM peers p WHERE p.trust = 'new' AND NOT ${wrote} AND NOT ${wasWrittenTo} ORDER BY p.last_seen DESC LIMIT -1 OFFSET ${SILENT_STRANGERS_MAX}`,
      )
      .pluck(),
    traces: [
      db.prepare<[number]>('DELETE FROM encounters WHERE peer = ?'),
      db.prepare<[number]>('DELETE FROM setbacks WHERE peer = ?'),
    ],
  } satisfies Record<string, Statement<never[]> | Statement<never[]>[]>;
}
