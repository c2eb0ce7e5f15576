import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ConfigError, errnoOf, isDiskFull, isError, PassingError } from './config-error.js';
import { supervisedName, type DataFolder } from './paths.js';

/** A second instance on one data folder. */
export class AlreadyRunningError extends ConfigError {
  override readonly name = 'AlreadyRunningError';
}

export interface InstanceLock {
  release(): void;
}

/**
 * Keeps the connections from the garbage collector, which would close them and so drop the locks. The closed ones stay, too:
 * on Node 24 the collector ends the process with an assertion when it meets one of better-sqlite3 12.
 */
const held = new Set<Database.Database>();

/**
 * Makes sure that a service runs once per data folder. Taken before anything is bound: ZeroMQ would let a second
 * process take over the sockets silently.
 *
 * The lock is SQLite's on an empty database, which is the operating system's on the file: it is gone the moment the process is,
 * however it ends. BEGIN IMMEDIATE and not EXCLUSIVE, since two that start together could each keep the other from
 * getting the latter. Nothing else may open the lock file: closing any descriptor of it would drop the lock (POSIX).
 *
 * @throws AlreadyRunningError naming the process that has it.
 */
export function takeInstanceLock(service: string, paths: DataFolder): InstanceLock {
  const lockFile = join(paths.locks, `${service}.lock`);
  const pidFile = join(paths.locks, `${service}.pid`);
  const database = openDatabase(lockFile);
  held.add(database);
  try {
    chmodSync(lockFile, 0o600);
    // No journal file beside it.
    // exec, not pragma, which leaves a statement to the collector.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN IMMEDIATE');
  } catch (err) {
    database.close();
    if (errnoOf(err)?.startsWith('SQLITE_BUSY')) throw alreadyRunning(service, paths, readPid(pidFile));
    throw unusable(lockFile, err);
  }
  writePid(pidFile);
  return {
    release: () => {
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}

/** Out of the garbage collector's reach, which ends the process on Node 24 when it meets a connection of better-sqlite3 12. */
const opened: unknown[] = [];

function openDatabase(path: string): Database.Database {
  try {
    const database = new Database(path, { timeout: 0 });
    opened.push(database);
    return database;
  } catch (err) {
    if (isForeignBinary(err)) {
      throw new ConfigError(
        `better-sqlite3 was not built for this Node.js (${process.version}): run \`npm rebuild better-sqlite3\` with it`,
      );
    }
    throw unusable(path, err);
  }
}

/** Built for another NODE_MODULE_VERSION, or not built at all (then the loader's error has no code). */
function isForeignBinary(err: unknown): boolean {
  if (errnoOf(err) === 'ERR_DLOPEN_FAILED') return true;
  return isError(err) && err.message.startsWith('Could not locate the bindings file');
}

function unusable(path: string, err: unknown): Error {
  if (isDiskFull(err)) return new PassingError(`${path} cannot be locked: its disk is full; free some space`);
  return new ConfigError(
    `${path} cannot be locked (${errnoOf(err) ?? 'unknown'}): remove it, or choose another folder with EARSHOT_HOME`,
  );
}

/** Only for the text of the refusal: a full disk must not keep a service from starting. */
function writePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid} ${new Date().toISOString()}\n`, { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

/** Undefined while the one that won has not written it yet, and when it could not. */
function readPid(path: string): { pid: number; since: string } | undefined {
  try {
    const [, pid, since] = /^([1-9]\d*) ([\d:.TZ-]+)\n$/.exec(readFileSync(path, 'utf8')) ?? [];
    if (pid === undefined || since === undefined) return undefined;
    // Throws when that process is gone: then the file is of an earlier one.
    process.kill(Number(pid), 0);
    return { pid: Number(pid), since };
  } catch {
    return undefined;
  }
}

function alreadyRunning(
  service: string,
  paths: DataFolder,
  holder: { pid: number; since: string } | undefined,
): AlreadyRunningError {
  const who = holder === undefined ? '' : ` (pid ${holder.pid}, since ${holder.since})`;
  return new AlreadyRunningError(
    `${service} is already running for the data folder ${paths.home}${who}: stop it (pm2 stop ${supervisedName(paths.profile, service)}) or choose another EARSHOT_PROFILE`,
  );
}
