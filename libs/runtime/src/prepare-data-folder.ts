import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, statSync, unlinkSync, writeFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, errnoOf, isDiskFull, PassingError } from './config-error.js';
import { makeFolder } from './make-folder.js';
import type { DataFolder } from './paths.js';

const CHOOSE_ANOTHER = 'choose another folder with EARSHOT_HOME';

/**
 * Creates what is missing, for the owner alone (0700), and tightens what is ours and was open to others.
 * Keys, history and sockets are only as safe as these folders, so anything else about them is refused.
 *
 * @throws ConfigError naming the folder, the problem and the way out.
 */
export function prepareDataFolder(paths: DataFolder): void {
  // Before, so that nothing is created in a folder of somebody else; after, since it may have appeared in between.
  checkDataFolder(paths);
  for (const path of [paths.home, paths.logs, paths.locks, paths.sockets]) {
    try {
      makeFolder(path);
    } catch (err) {
      if (isDiskFull(err))
        throw new PassingError(`folder ${path} cannot be created: its disk is full; free some space`);
      throw refusal(path, `cannot be created (${errnoOf(err) ?? 'unknown'})`, CHOOSE_ANOTHER);
    }
  }
  checkDataFolder(paths);
  refuseUnwritable(paths.home);
}

/**
 * For commands, before they trust the sockets: the same demands on what exists, and nothing is created.
 * The short sockets folder lies where others can write: without this, somebody could be there first and play our messenger.
 */
export function checkDataFolder(paths: DataFolder): void {
  // A data folder on another disk is often a link; the inner ones are made by us and never are.
  examine(paths.home, { link: 'to-ours' });
  for (const path of [paths.logs, paths.locks, paths.sockets]) examine(path, { link: 'never' });
}

function examine(path: string, { link }: { link: 'to-ours' | 'never' }): void {
  let stats = statOrUndefined(path, lstatSync);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) {
    if (link === 'never')
      throw refusal(path, 'is a symbolic link, where only a folder made by Earshot may be', 'remove it');
    stats = statOrUndefined(path, statSync);
    if (stats === undefined) throw refusal(path, 'is a symbolic link to nowhere', `remove it, or ${CHOOSE_ANOTHER}`);
    refuseForeign(path, stats, 'is a symbolic link to a folder of another user');
  }
  if (!stats.isDirectory()) throw refusal(path, 'is not a folder', `move it away, or ${CHOOSE_ANOTHER}`);
  refuseForeign(path, stats, 'belongs to another user');
  if (isOpenToOthers(stats)) tighten(path);
}

function refuseForeign(path: string, stats: Stats, problem: string): void {
  const uid = process.getuid?.();
  if (uid === undefined || stats.uid === uid) return;
  throw refusal(
    path,
    `${problem} (uid ${stats.uid}, this is uid ${uid})`,
    `run Earshot as its owner, or ${CHOOSE_ANOTHER}`,
  );
}

/** Windows reports modes that mean nothing. */
function isOpenToOthers(stats: Stats): boolean {
  return process.platform !== 'win32' && (stats.mode & 0o077) !== 0;
}

function tighten(path: string): void {
  try {
    chmodSync(path, 0o700);
  } catch {
    // The look below decides.
  }
  // Some file systems (FAT, shares) accept the change and ignore it.
  if (isOpenToOthers(statSync(path))) {
    throw refusal(path, 'is open to other users, and its file system does not let that be changed', CHOOSE_ANOTHER);
  }
}

/** By trying: permissions alone do not tell of read-only file systems. */
function refuseUnwritable(path: string): void {
  const probe = join(path, `.write-test-${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(probe, '', { flag: 'wx', mode: 0o600 });
    unlinkSync(probe);
  } catch (err) {
    // Full is not forbidden, and passes: whoever writes there says so, and goes on when there is room again.
    if (isDiskFull(err)) return;
    throw refusal(path, `is not writable (${errnoOf(err) ?? 'unknown'})`, `make it writable, or ${CHOOSE_ANOTHER}`);
  }
}

function statOrUndefined(path: string, stat: typeof lstatSync): Stats | undefined {
  try {
    return stat(path);
  } catch (err) {
    if (errnoOf(err) === 'ENOENT') return undefined;
    throw refusal(path, `cannot be looked at (${errnoOf(err) ?? 'unknown'})`, CHOOSE_ANOTHER);
  }
}

function refusal(path: string, problem: string, wayOut: string): ConfigError {
  return new ConfigError(`folder ${path} ${problem}: ${wayOut}`);
}
