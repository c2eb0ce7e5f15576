/**
 * The identity: an Ed25519 key in a PKCS8 PEM file that nobody else can read (wire-v1 §7). It is made once, and who
 * has the file is that person; so it is never overwritten, never repaired, and never taken from a readable place.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { erase, generateIdentity, identityFromPem, identityToPem, type IdentityKey } from '@earshot/crypto';
import { ConfigError, errnoOf, isDiskFull, PassingError } from '@earshot/runtime';

/** Reads the identity, or makes one where there is none. Throws ConfigError naming the file and the way out. */
export function loadIdentity(file: string): IdentityKey {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return createIdentity(file);
    throw new ConfigError(
      `cannot read the identity ${file} (${code ?? 'error'}): it must be a regular file of yours, mode 0600`,
    );
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile())
      throw new ConfigError(`the identity ${file} is not a regular file: move it away, or restore it from a backup`);
    if (process.getuid !== undefined && stat.uid !== process.getuid())
      throw new ConfigError(`the identity ${file} belongs to another user: earshot must run as its owner`);
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
      throw new ConfigError(
        `the identity ${file} can be read by others (mode ${(stat.mode & 0o777).toString(8)}): if nobody copied it, run "chmod 600 ${file}"; otherwise move it away and a new one is made, which your peers will see as a new person`,
      );
    const pem = readFileSync(descriptor);
    try {
      return identityFromPem(pem);
    } catch {
      throw new ConfigError(
        `the identity ${file} is damaged: restore it from a backup, or move it away and a new one is made, which your peers will see as a new person`,
      );
    } finally {
      erase(pem);
    }
  } finally {
    closeSync(descriptor);
  }
}

function createIdentity(file: string): IdentityKey {
  const identity = generateIdentity();
  const pem = Buffer.from(identityToPem(identity));
  // Complete before it bears its name: half a key, left by a full disk or a crash, would be refused by every later start.
  const unfinished = `${file}.new`;
  try {
    rmSync(unfinished, { force: true });
    writeDurably(unfinished, pem);
    // Unlike a rename, it does not replace one that somebody else has made meanwhile.
    linkSync(unfinished, file);
  } catch (error) {
    if (isDiskFull(error))
      throw new PassingError(`cannot create the identity ${file}: its disk is full; free some space`);
    throw new ConfigError(
      `cannot create the identity ${file} (${errnoOf(error) ?? 'error'}): the folder must be writable`,
    );
  } finally {
    erase(pem);
    rmSync(unfinished, { force: true });
  }
  // The name as well as the bytes must survive a power cut, or the next start would make another person.
  const folder = openSync(dirname(file), constants.O_RDONLY);
  fsyncSync(folder);
  closeSync(folder);
  return identity;
}

function writeDurably(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    // Not writeSync, which may write a part of it and call that success.
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
