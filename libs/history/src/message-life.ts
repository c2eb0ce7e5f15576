import type { Database, Statement } from 'better-sqlite3';
import type { LifeEvent, MessageState, RejectReason } from '@earshot/protocol/ipc';
import { CancelledMessages } from './cancelled-messages.js';
import { PROGRESS } from './change-feed.js';
import { idBytes } from './identifiers.js';
import { isoTime, SHOWN, STATE } from './message-row.js';
import { StreamRestarts } from './stream-restarts.js';

export interface MessageLife {
  peer: string;
  username: string;
  state: MessageState;
  /** In the order of the feed, which no clock decides. */
  events: LifeEvent[];
}

interface Row {
  seq: number;
  peerKey: number;
  peer: string;
  username: string;
  direction: number;
  stream: Buffer;
  n: number;
  sentAt: number;
  committedAt: number;
  rejectReason: number | null;
  state: MessageState;
}

/** A progress row that covers a message, or something else with a place in the feed. */
interface Moment {
  seq: number;
  at: number;
}

/** Of a REJECT (wire-v1 §5); a peer of a later revision may know more. */
const REASONS = new Map<number | null, RejectReason>([
  [1, 'too-large'],
  [2, 'malformed'],
  [3, 'unknown-content'],
  [4, 'policy'],
]);

/** What became of single messages, put together from what is kept anyway: the feed, sessions and streams. */
export class MessageLives {
  private readonly statements: ReturnType<typeof prepare>;
  private readonly cancelled: CancelledMessages;
  private readonly restarts: StreamRestarts;

  constructor(db: Database) {
    this.statements = prepare(db);
    this.cancelled = new CancelledMessages(db);
    this.restarts = new StreamRestarts(db);
  }

  /** To be called within a transaction: all of it must be seen at the same commit. */
  of(id: string): MessageLife | null {
    const row = this.statements.message.get(idBytes(id));
    if (row === undefined) return this.ofCancelled(id);
    const { peer, username, state } = row;
    const events: LifeEvent[] =
      row.direction === 0
        ? this.ofSent(row)
        : [
            { event: 'written', at: isoTime(row.sentAt) },
            { event: 'stored', at: isoTime(row.committedAt) },
          ];
    return { peer, username, state, events };
  }

  private ofCancelled(id: string): MessageLife | null {
    const row = this.cancelled.get(idBytes(id));
    if (row === undefined) return null;
    const { peer, username, queuedAt, cancelledAt } = row;
    return {
      peer,
      username,
      state: 'cancelled',
      events: [
        { event: 'queued', at: isoTime(queuedAt) },
        { event: 'cancelled', at: isoTime(cancelledAt) },
      ],
    };
  }

  private ofSent(row: Row): LifeEvent[] {
    const restarted = this.restarts.get(row.peerKey, row.stream);
    const takenOver = restarted !== undefined && row.seq <= restarted.seq ? restarted : undefined;
    const begun = Math.max(row.seq, takenOver?.seq ?? 0);
    const sent = row.state === 'queued' ? undefined : this.first(row, 'sent', begun);
    const met = this.statements.encounter.get(row.peerKey, sent?.seq ?? Number.MAX_SAFE_INTEGER);
    const moments: (Moment & { event: LifeEvent })[] = [];
    const add = (moment: Moment | undefined, event: (at: string) => LifeEvent) => {
      if (moment !== undefined) moments.push({ ...moment, event: event(isoTime(moment.at)) });
    };
    add({ seq: row.seq, at: row.committedAt }, (at) => ({ event: 'queued', at }));
    add(met, (at) => ({ event: 'met', at, address: met?.address ?? '', interface: met?.interface ?? '' }));
    add(takenOver, (at) => ({ event: 'restarted', at }));
    add(sent, (at) => ({ event: 'sent', at }));
    if (row.state === 'rejected') {
      const reason = REASONS.get(row.rejectReason) ?? 'other';
      add(this.rare(row, 'rejected')[0], (at) => ({ event: 'rejected', at, reason }));
    } else {
      let after = sent?.seq ?? begun;
      for (const lost of this.rare(row, 'unacked')) {
        add(this.first(row, 'acked', after), (at) => ({ event: 'delivered', at }));
        add(lost, (at) => ({ event: 'lost', at }));
        after = lost.seq;
      }
      if (row.state === 'delivered') add(this.first(row, 'acked', after), (at) => ({ event: 'delivered', at }));
    }
    // A session has no number of its own, so it may share one: the order of adding then stands.
    return moments.sort((a, b) => a.seq - b.seq).map(({ event }) => event);
  }

  /** Reads on from where the message was written: what is looked for is there, and mostly near. */
  private first({ peerKey, stream, n }: Row, kind: 'sent' | 'acked', after: number): Moment | undefined {
    return this.statements.first.get({ peerKey, stream, n, kind: PROGRESS[kind], after });
  }

  private rare({ peerKey, stream, n }: Row, kind: 'rejected' | 'unacked'): Moment[] {
    return this.statements.rare.all({ peerKey, stream, n, kind: PROGRESS[kind] });
  }
}

function prepare(db: Database) {
  const covers = 'peer = @peerKey AND stream = @stream AND kind = @kind AND @n BETWEEN from_n AND upto';
  type Position = Pick<Row, 'peerKey' | 'stream' | 'n'> & { kind: number };
  return {
    message: db.prepare<[Buffer], Row>(`
      SELECT m.seq, m.peer AS peerKey, p.id AS peer, p.username, m.direction, m.stream, m.n, m.sent_at AS sentAt,
        m.committed_at AS committedAt, m.reject_reason AS rejectReason, ${STATE} AS state
      FROM messages m JOIN peers p ON p.key = m.peer LEFT JOIN out_streams o ON o.peer = m.peer
      WHERE ${SHOWN} AND m.id = ? ORDER BY m.direction LIMIT 1`),
    encounter: db.prepare<[number, number], Moment & { address: string; interface: string }>(
      'SELECT seq, at, address, interface FROM encounters WHERE peer = ? AND seq < ? ORDER BY key DESC LIMIT 1',
    ),
    first: db.prepare<[Position & { after: number }], Moment>(
      `SELECT seq, at FROM progress NOT INDEXED WHERE seq > @after AND ${covers} ORDER BY seq LIMIT 1`,
    ),
    rare: db.prepare<[Position], Moment>(
      `SELECT seq, at FROM progress WHERE kind IN (${PROGRESS.rejected}, ${PROGRESS.unacked}) AND ${covers} ORDER BY seq`,
    ),
  } satisfies Record<string, Statement<never[]>>;
}
