import type { Database, Statement } from 'better-sqlite3';
import { PAGE_MAX_ROWS, PAGE_MAX_TEXT_BYTES } from '@earshot/protocol';
import type { Message, MessageState, OutboxCursor, OwnPresence } from '@earshot/protocol/ipc';
import { CancelledMessages } from './cancelled-messages.js';
import { ChangeFeed, type ChangePage } from './change-feed.js';
import { guarded } from './errors.js';
import { inChunks } from './in-chunks.js';
import { idBytes } from './identifiers.js';
import { MessageLives, type MessageLife } from './message-life.js';
import { isoTime, selectMessages, seqOf, SHOWN, takePage, toMessage, type MessageRow } from './message-row.js';
import { openForReading } from './open-file.js';
import type { StoredTrust } from './peer-table.js';
import { wordsQuery } from './search-words.js';
import { Undelivered, type UndeliveredPage } from './undelivered.js';

/** Characters of a conversation's newest text that its list shows. */
const PREVIEW_CHARACTERS = 200;

export interface Conversation {
  peer: string;
  username: string;
  trust: StoredTrust;
  /** The beginning of the newest message; null where it has no text to show. */
  lastText: string | null;
  lastAt: string;
  count: number;
}

export interface MessagePage {
  /** Oldest first. */
  items: Message[];
  /** The `before` of the page further back, null when this is the first of the conversation. */
  next: string | null;
}

type ConversationRow = Omit<Conversation, 'lastAt'> & { lastAt: number };

/** The history as others see it. All of it is synchronous, and every call sees one commit as a whole. */
export class HistoryReader {
  private readonly feed: ChangeFeed;
  private readonly snapshot: (work: () => unknown) => unknown;
  private readonly statements: ReturnType<typeof prepare>;
  private readonly waiting: Undelivered;
  private readonly lives: MessageLives;
  private readonly cancelled: CancelledMessages;

  /** Use `openHistoryReader` or `openHistory`. */
  constructor(
    protected readonly db: Database,
    /** Where the database is. */
    readonly file: string,
  ) {
    this.feed = new ChangeFeed(db);
    this.snapshot = db.transaction((work: () => unknown) => work());
    this.statements = prepare(db);
    this.waiting = new Undelivered(db);
    this.lives = new MessageLives(db);
    this.cancelled = new CancelledMessages(db);
  }

  /** Our own name, null until somebody registered. */
  username(): string | null {
    return this.read(() => this.statements.meta.get('username') ?? null);
  }

  /** What the user says of themselves to everybody around. */
  ownPresence(): OwnPresence {
    const get = (key: string) => this.statements.meta.get(key);
    return this.read(() => ({ busy: get('busy') === '1', status: get('status') ?? '' }));
  }

  /** Random, and another for each database ever created: a cursor into the feed of one means nothing in another. */
  databaseId(): string {
    return this.read(() => this.statements.meta.get('database') ?? '');
  }

  /** Everybody there are messages with, the newest conversation first. */
  conversations(): Conversation[] {
    return this.read(() => this.statements.conversations.all().map((row) => ({ ...row, lastAt: isoTime(row.lastAt) })));
  }

  /** The newest messages with a peer, or the newest before one of them. An unknown `before` has nothing before it. */
  page(peer: string, { limit, before }: { limit: number; before?: string | undefined }): MessagePage {
    return this.read(() => {
      const beforeSeq =
        before === undefined ? Number.MAX_SAFE_INTEGER : (this.statements.seqOf.get(idBytes(before), peer) ?? 0);
      const rows = inChunks((cursor, limit) => this.statements.newest.all(peer, cursor, limit), beforeSeq, seqOf);
      const { taken, more } = takePage(rows, Math.min(limit, PAGE_MAX_ROWS), PAGE_MAX_TEXT_BYTES);
      const items = taken.reverse().map(toMessage);
      return { items, next: more ? (items[0]?.id ?? null) : null };
    });
  }

  /** What changed after a number of the feed, oldest first; `after` 0 is the beginning. */
  changes(after: number, limit: number): ChangePage {
    return this.read(() => this.feed.page(after, Math.min(limit, PAGE_MAX_ROWS)));
  }

  /** The highest number of the feed. */
  lastSeq(): number {
    return this.read(() => this.feed.lastSeq());
  }

  /** Messages that hold all the words, newest first; a word is matched as a whole, without case and accents. */
  search(words: string, { peer, limit }: { peer?: string | undefined; limit: number }): Message[] {
    return this.read(() => {
      const peerKey = peer === undefined ? undefined : (this.statements.peerKey.get(peer) ?? 0);
      const query = wordsQuery(words, peerKey);
      if (query === null) return [];
      const read = (cursor: number, rows: number) => this.statements.search.all(query, cursor, rows);
      const rows = inChunks(read, Number.MAX_SAFE_INTEGER, seqOf);
      return takePage(rows, Math.min(limit, PAGE_MAX_ROWS), PAGE_MAX_TEXT_BYTES).taken.map(toMessage);
    });
  }

  /** Null for an id that is unknown. Where an id went both ways, it is the state of what we sent. */
  messageState(id: string): MessageState | null {
    return this.read(() => {
      const idBlob = idBytes(id);
      const row = this.statements.byId.get(idBlob);
      if (row !== undefined) return row.state;
      return this.cancelled.get(idBlob) === undefined ? null : 'cancelled';
    });
  }

  /** What is not delivered yet, by peer, each peer's in the order in which it was written; `after` is the `next` of the page before. */
  undelivered(after: OutboxCursor | undefined, limit: number): UndeliveredPage {
    return this.read(() => this.waiting.page(after, Math.min(limit, PAGE_MAX_ROWS)));
  }

  /** What became of a message, from its beginning to now. Null for an id that is unknown. */
  life(id: string): MessageLife | null {
    return this.read(() => this.lives.of(id));
  }

  /** A whole conversation as it stands now, oldest first, in bounded memory and without holding a snapshot open. */
  iterateConversation(peer: string): Generator<Message, void, undefined> {
    return this.iterate((after, upto, limit) => this.statements.conversationAfter.all(peer, after, upto, limit));
  }

  /** Every conversation as it stands now, in the order of the store. */
  iterateAll(): Generator<Message, void, undefined> {
    return this.iterate((after, upto, limit) => this.statements.allAfter.all(after, upto, limit));
  }

  close(): void {
    this.db.close();
  }

  /** Runs reads at one commit, and translates what SQLite throws. */
  protected read<T>(work: () => T): T {
    return guarded(this.file, () => this.snapshot(work)) as T;
  }

  private *iterate(
    rowsAfter: (after: number, upto: number, limit: number) => MessageRow[],
  ): Generator<Message, void, undefined> {
    const upto = this.lastSeq();
    const read = (after: number, limit: number) => this.read(() => rowsAfter(after, upto, limit));
    for (const row of inChunks(read, 0, seqOf)) yield toMessage(row);
  }
}

/** Opens the history read-only, beside the writer and in another process. */
export function openHistoryReader({ file }: { file: string }): HistoryReader {
  const db = openForReading(file);
  try {
    return guarded(file, () => new HistoryReader(db, file));
  } catch (err) {
    db.close();
    throw err;
  }
}

function prepare(db: Database) {
  const messages = <P extends unknown[]>(rest: string, source?: string): Statement<P, MessageRow> =>
    db.prepare<P, MessageRow>(selectMessages(rest, source));
  const ofPeer = `${SHOWN} AND m.peer = (SELECT key FROM peers WHERE id = ?)`;
  return {
    meta: db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck(),
    peerKey: db.prepare<[string], number>('SELECT key FROM peers WHERE id = ?').pluck(),
    conversations: db.prepare<[], ConversationRow>(`
      SELECT p.id AS peer, p.username, p.trust, substr(m.text, 1, ${PREVIEW_CHARACTERS}) AS lastText, m.committed_at AS lastAt, c.count
      FROM (SELECT m.peer, count(*) AS count, max(m.seq) AS last FROM messages m WHERE ${SHOWN} GROUP BY m.peer) c
      JOIN messages m ON m.seq = c.last JOIN peers p ON p.key = c.peer
      ORDER BY c.last DESC`),
    seqOf: db
      .prepare<[Buffer, string], number>(
        'SELECT seq FROM messages WHERE kind = 0 AND id = ? AND peer = (SELECT key FROM peers WHERE id = ?)',
      )
      .pluck(),
    byId: messages<[Buffer]>('WHERE m.kind = 0 AND m.id = ? ORDER BY m.direction LIMIT 1'),
    newest: messages<[string, number, number]>(`WHERE ${ofPeer} AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`),
    conversationAfter: messages<[string, number, number, number]>(
      `WHERE ${ofPeer} AND m.seq > ? AND m.seq <= ? ORDER BY m.seq LIMIT ?`,
    ),
    allAfter: messages<[number, number, number]>(`WHERE ${SHOWN} AND m.seq > ? AND m.seq <= ? ORDER BY m.seq LIMIT ?`),
    search: messages<[string, number, number]>(
      'WHERE w.message_words MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?',
      'message_words w CROSS JOIN messages m ON m.seq = w.rowid',
    ),
  };
}
