import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { openConnection, pragma } from './connection.js';
import { asHistoryError, damaged, guarded, HistoryError } from './errors.js';
import { MIGRATIONS, migrate, schemaVersion } from './schema.js';

/** How long a statement waits for a lock. Readers never block a commit; only a recovery after a crash takes a moment. */
export const BUSY_TIMEOUT_MS = 5_000;
/** A WAL that grew beyond this (one huge transaction, a slow reader) is cut back by the next checkpoint. */
const WAL_KEEP_BYTES = 16 * 1024 * 1024;
/** A checkpoint holds up a commit, so it comes seldom; pages that change often are then copied once for many commits. */
const CHECKPOINT_PAGES = 4_000;
/** Up to here a full check after an unclean stop takes about a second (measured: 16 ms of processor per MiB, and reading it). */
const FULL_CHECK_MAX_BYTES = 64 * 1024 * 1024;

/** Opens the database for its one writer, creating and migrating it. */
export function openForWriting(file: string, firstRows: (db: Database.Database) => void): Database.Database {
  if (!existsSync(file)) create(file, firstRows);
  // A file of ours never is empty (see create); SQLite would take one for a new database.
  if (statSync(file).size === 0) throw damaged(file, 'empty');
  ownerOnly(file);
  const stoppedUncleanly = hasWal(file);
  return connect(file, { timeout: BUSY_TIMEOUT_MS }, (db) => {
    configure(db);
    if (stoppedUncleanly) check(db, file);
    refuseNewer(db, file);
    migrate(db);
    scour(db);
  });
}

/**
 * Once in the life of a database that was begun before deleted content was overwritten: what had been moved or taken out by
 * then still lay between its rows, where nothing that is forgotten later would have reached it. A second for 250 MB.
 */
function scour(db: Database.Database): void {
  if (db.prepare(`SELECT 1 FROM meta WHERE key = 'scoured'`).get() !== undefined) return;
  // It goes by way of a file, which must not lie anywhere but here.
  process.env['SQLITE_TMPDIR'] = dirname(db.name);
  try {
    db.exec('VACUUM');
    noteScoured(db);
  } catch (err) {
    // It takes twice the room of the database: where there is none, another start finds some.
    const refused = asHistoryError(err, db.name);
    if (!(refused instanceof HistoryError) || refused.code !== 'store-failed') throw err;
  } finally {
    delete process.env['SQLITE_TMPDIR'];
  }
}

function noteScoured(db: Database.Database): void {
  db.exec(`INSERT OR REPLACE INTO meta (key, value) VALUES ('scoured', '1')`);
}

/** Opens the database for looking at: SQLite itself refuses every write. */
export function openForReading(file: string): Database.Database {
  if (!existsSync(file)) throw new HistoryError('missing', `${file}: no history yet; the messenger creates it`);
  if (statSync(file).size === 0) throw damaged(file, 'empty');
  return connect(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }, (db) => {
    refuseNewer(db, file);
    if (schemaVersion(db) < MIGRATIONS.length) {
      throw new HistoryError('older-schema', `${file}: the messenger has not updated it yet`);
    }
  });
}

/**
 * Creates the database under another name and renames it when it is complete, so that whatever bears its real name
 * holds a schema: an empty file is a damaged one, not one that a crash left half made.
 */
function create(file: string, firstRows: (db: Database.Database) => void): void {
  // SQLite would replay it into the new database.
  if (hasWal(file)) throw damaged(file, 'missing, but its -wal is still there');
  const unfinished = `${file}.new`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true });
  guarded(file, () => {
    // SQLite gives -wal and -shm the mode of the database itself, whatever the umask.
    closeSync(openSync(unfinished, 'wx', 0o600));
  });
  connect(unfinished, {}, (db) => {
    configure(db);
    migrate(db);
    db.transaction(() => {
      firstRows(db);
      noteScoured(db);
    })();
  }).close();
  renameSync(unfinished, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function connect(file: string, options: Database.Options, prepare: (db: Database.Database) => void): Database.Database {
  return guarded(file, () => {
    const db = openConnection(file, options);
    try {
      prepare(db);
      return db;
    } catch (err) {
      db.close();
      throw err;
    }
  });
}

function configure(db: Database.Database): void {
  db.exec('PRAGMA journal_mode = WAL');
  // This build's default under WAL is NORMAL, which may lose the newest commits when the power goes.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  // What is forgotten is overwritten, and not left in pages that are free.
  db.exec('PRAGMA secure_delete = ON');
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.exec(`PRAGMA journal_size_limit = ${WAL_KEEP_BYTES}`);
}

function refuseNewer(db: Database.Database, file: string): void {
  if (schemaVersion(db) > MIGRATIONS.length) {
    throw new HistoryError('newer-schema', `${file}: written by a newer version of Earshot; update this one`);
  }
}

/**
 * Opening alone finds a file that is no database or shorter than its header says. After a stop in the middle of
 * writing, every page is read too while the file is small enough for that; damage beyond it shows when it is read. Not
 * quick_check, which trusts the indexes: a WAL that is cut after it was copied leaves pages of two moments, and then the
 * order of messages, or which ids are known, would come from an index that does not fit them.
 */
function check(db: Database.Database, file: string): void {
  if (statSync(file).size > FULL_CHECK_MAX_BYTES) return;
  if (verdict(db) !== 'ok') throw damaged(file, 'its pages contradict each other');
}

/** The search index reports some damage of its own as if our SQL were wrong. */
function verdict(db: Database.Database): unknown {
  try {
    return pragma(db, 'integrity_check(1)');
  } catch (err) {
    if ((err as { code?: unknown }).code !== 'SQLITE_ERROR') throw err;
    return 'unreadable';
  }
}

/** A clean stop leaves no WAL, or an empty one. */
function hasWal(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Takes away what a copy, a restore or another umask gave to others. */
function ownerOnly(file: string): void {
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = statSync(name, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) !== 0) chmodSync(name, 0o600);
  }
}
