import type { Database } from 'better-sqlite3';
import { pragma } from './connection.js';

/**
 * Every step from an empty file to the schema of today. `user_version` counts the steps a file has seen; a step that
 * was ever released is never edited, and keeps what the version before it can read.
 *
 * `messages.seq` and `progress.seq` are one counter (change-feed.ts). Positions of received streams have no table of
 * their own: the mark of a stream is its highest row in `messages`, so that log and mark cannot disagree (wire-v1 §9).
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE peers (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 52),
    username TEXT NOT NULL,
    trust TEXT NOT NULL CHECK (trust IN ('new', 'accepted', 'verified', 'blocked')),
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    proved_address TEXT,
    max_version INTEGER NOT NULL
  ) STRICT;

  -- Our current sending stream to a peer: highest n made, put on the wire, acknowledged; bytes of text not acknowledged.
  CREATE TABLE out_streams (
    peer INTEGER PRIMARY KEY REFERENCES peers (key),
    stream BLOB NOT NULL CHECK (length(stream) = 8),
    made INTEGER NOT NULL,
    wired INTEGER NOT NULL,
    acked INTEGER NOT NULL,
    pending_bytes INTEGER NOT NULL,
    CHECK (0 <= acked AND acked <= wired AND wired <= made AND 0 <= pending_bytes)
  ) STRICT;

  -- direction: 0 sent, 1 received. kind: 0 content, 1 tombstone of a duplicate or of void, 2 tombstone of a rejected message.
  -- Tombstones hold a position of a received stream and nothing else. text is null where there is none to show.
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers (key),
    direction INTEGER NOT NULL CHECK (direction IN (0, 1)),
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),
    id BLOB NOT NULL CHECK (length(id) = 16),
    stream BLOB NOT NULL CHECK (length(stream) = 8),
    n INTEGER NOT NULL,
    ctype INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    reject_reason INTEGER,
    text TEXT
  ) STRICT;
  CREATE UNIQUE INDEX message_positions ON messages (peer, direction, stream, n);
  -- One id means one message between us and a peer, whichever way it went: a peer cannot shadow one of ours by reusing its id.
  CREATE UNIQUE INDEX message_ids ON messages (id, peer) WHERE kind = 0;
  CREATE INDEX conversations ON messages (peer, seq) WHERE kind = 0;
  -- A stream starts at 1: this lists a peer's streams, newest first, without reading their messages.
  CREATE INDEX stream_starts ON messages (peer, seq) WHERE direction = 1 AND n = 1;
  CREATE INDEX rejections ON messages (peer, stream, n) WHERE kind = 2;

  -- What became of positions from_n..upto of a sending stream. kind: 0 sent, 1 acked, 2 rejected, 3 cancelled,
  -- 4 no longer acked.
  CREATE TABLE progress (
    seq INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers (key),
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2, 3, 4)),
    stream BLOB NOT NULL,
    from_n INTEGER NOT NULL,
    upto INTEGER NOT NULL CHECK (from_n <= upto),
    at INTEGER NOT NULL
  ) STRICT;

  -- The peer is indexed as a word beside the text, so that a search within one conversation need not look at the others.
  CREATE VIRTUAL TABLE message_words USING fts5 (
    text, peer, content = 'messages', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
  );
  -- New rows are indexed by the writer, many at a time (word-index.ts).
  CREATE TRIGGER words_of_deleted AFTER DELETE ON messages WHEN old.text IS NOT NULL BEGIN
    INSERT INTO message_words (message_words, rowid, text, peer) VALUES ('delete', old.seq, old.text, old.peer);
  END;
  CREATE TRIGGER words_of_blanked AFTER UPDATE OF text ON messages WHEN old.text IS NOT NULL BEGIN
    INSERT INTO message_words (message_words, rowid, text, peer) VALUES ('delete', old.seq, old.text, old.peer);
  END;
  CREATE TRIGGER words_of_changed AFTER UPDATE OF text ON messages WHEN new.text IS NOT NULL BEGIN
    INSERT INTO message_words (rowid, text, peer) VALUES (new.seq, new.text, new.peer);
  END;
  `,
  `
  -- That a history was found to be an older copy of itself (wire-v1 §6.5). whose: 0 ours, 1 the peer's.
  CREATE TABLE setbacks (
    peer INTEGER NOT NULL REFERENCES peers (key),
    whose INTEGER NOT NULL CHECK (whose IN (0, 1)),
    at INTEGER NOT NULL,
    PRIMARY KEY (peer, whose)
  ) STRICT, WITHOUT ROWID;

  -- A session with a peer was confirmed. seq here and below: the feed's last number at that moment, since the order of
  -- things must not depend on a clock. Only the newest are kept.
  CREATE TABLE encounters (
    key INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers (key),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    address TEXT NOT NULL,
    interface TEXT NOT NULL
  ) STRICT;
  CREATE INDEX encounters_of_peer ON encounters (peer, key);

  -- A sending stream that took over what was not acknowledged of the one before. The peer may hold everything up to seq.
  CREATE TABLE stream_restarts (
    key INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers (key),
    stream BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX restarts_of_peer ON stream_restarts (peer, key);

  -- What is left of a message that was taken back: seq is that of its progress row.
  CREATE TABLE cancelled_messages (
    seq INTEGER PRIMARY KEY REFERENCES progress (seq),
    peer INTEGER NOT NULL REFERENCES peers (key),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    queued_at INTEGER NOT NULL
  ) STRICT;

  -- Refusals and losses are looked for in the whole of a stream; there are few. Sendings and acknowledgements are many,
  -- come soon after their message, and are found by reading on from there.
  CREATE INDEX rare_progress ON progress (peer, stream) WHERE kind IN (2, 4);
  `,
  `
  -- A forgotten message keeps its id and its position, as content of the type void (0): text null, both times 0.
  DROP INDEX conversations;
  CREATE INDEX conversations ON messages (peer, seq) WHERE kind = 0 AND ctype <> 0;

  -- That messages with a peer were forgotten; readers look again at what there is. seq is of the feed.
  CREATE TABLE forgettings (
    seq INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers (key),
    at INTEGER NOT NULL
  ) STRICT;

  -- Up to where the user has read each conversation, by number of the feed. What was there before there were marks counts as read.
  CREATE TABLE read_marks (
    peer INTEGER PRIMARY KEY REFERENCES peers (key),
    seq INTEGER NOT NULL
  ) STRICT;
  INSERT INTO read_marks (peer, seq) SELECT peer, max(seq) FROM messages GROUP BY peer;
  -- What is unread is counted anew each time, and never stored beside the messages.
  CREATE INDEX received_messages ON messages (peer, seq) WHERE direction = 1 AND kind = 0 AND ctype <> 0;

  -- The words of a forgotten text go from the pages of the index at once, and not when its parts are merged one day.
  INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
  `,
];

export function schemaVersion(db: Database): number {
  return pragma(db, 'user_version') as number;
}

/** Takes the missing steps, each in a transaction of its own: a failure leaves the file at the step before. */
export function migrate(db: Database, steps: readonly string[] = MIGRATIONS): void {
  for (const [index, sql] of steps.entries()) {
    if (index < schemaVersion(db)) continue;
    db.transaction(() => {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${index + 1}`);
    }).immediate();
  }
}
