/** What can go wrong with the store itself; what a caller did wrong with its arguments is a plain "bug: …" error. */
export type HistoryErrorCode =
  /** There is no database yet (readers only: the writer creates it). */
  | 'missing'
  /** The messenger has not brought the database to this version yet (readers only). */
  | 'older-schema'
  /** A newer version of the program wrote it. */
  | 'newer-schema'
  /** Not a database, or one whose pages contradict each other. */
  | 'damaged'
  /** better-sqlite3 was built for another Node. */
  | 'wrong-node-build'
  /** A commit failed (disk full, I/O error, no permission): nothing of it was stored, and it may be tried again. */
  | 'store-failed'
  /** A message id that is taken already. */
  | 'id-conflict';

/** What no restart will cure: a service that meets one of these exits with 78 (EX_CONFIG), and the supervisor leaves it. */
const LASTING: readonly HistoryErrorCode[] = ['damaged', 'newer-schema', 'wrong-node-build'];

/** The history could not do it; `code` decides what the caller does, `detail` is for people and holds no message text. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  constructor(
    readonly code: HistoryErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }

  /** What a service that could not start because of it exits with; 1 is answered with another attempt. Undefined for what is no reason to end. */
  get exitCode(): 78 | 1 | undefined {
    if (LASTING.includes(this.code)) return 78;
    return this.code === 'store-failed' ? 1 : undefined;
  }
}

/** The error for a file that cannot be trusted. It is never replaced by an empty one: that would lose every message in it silently. */
export function damaged(file: string, what: string): HistoryError {
  return new HistoryError('damaged', `${file}: ${what}; restore it from a backup, or move it and its -wal aside`);
}

/** Codes of SQLite that speak of our SQL, not of the world: they stay what they are and crash the process. */
const OUR_MISTAKES = [
  'SQLITE_ERROR',
  'SQLITE_CONSTRAINT',
  'SQLITE_MISUSE',
  'SQLITE_RANGE',
  'SQLITE_MISMATCH',
  'SQLITE_TOOBIG',
];

/** No room for rows; none for the index of the WAL, which is made anew after a clean stop. */
const NO_ROOM = ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

/**
 * What better-sqlite3 threw as a HistoryError, or the same error where it is none of the store's.
 * Told by the code, not by the class: the native part keeps the class of the first copy of the package in a process.
 */
export function asHistoryError(err: unknown, file: string): unknown {
  if (typeof err !== 'object' || err === null) return err;
  const { code, message } = err as { code?: unknown; message?: unknown };
  if (
    code === 'ERR_DLOPEN_FAILED' ||
    (typeof message === 'string' && message.startsWith('Could not locate the bindings'))
  ) {
    return new HistoryError(
      'wrong-node-build',
      `better-sqlite3 does not fit Node ${process.version}: run "npm rebuild better-sqlite3" with this Node`,
    );
  }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return err;
  if (code === 'SQLITE_NOTADB') return damaged(file, 'not a history database');
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(file, 'damaged');
  if (OUR_MISTAKES.some((mistake) => code.startsWith(mistake))) return err;
  const wayOut = NO_ROOM.includes(code) ? ': its disk is full; free some space' : '';
  return new HistoryError('store-failed', `${file} cannot be written (${code})${wayOut}`);
}

/** Runs a piece of work on the database and translates what it throws. */
export function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (err) {
    throw asHistoryError(err, file);
  }
}
