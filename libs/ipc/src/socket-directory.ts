/**
 * The folder of the sockets (ipc-v1.md §2). Whoever may write into it can pass for a service, since ZeroMQ lets a second
 * bind take a path over; so it belongs to one user alone, and clients look as well before they say anything.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { IPC_PATH_MAX_BYTES } from '@earshot/protocol';
import type { ServiceName } from '@earshot/protocol/ipc';

/** Makes the folder (0700) where it is missing. Throws where it is not ours alone; the text names the path and the way out. */
export function ensureSocketDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  checkSocketDirectory(path);
}

/** Whether the folder is there. Throws where it is not ours alone. */
export function checkSocketDirectory(path: string): boolean {
  // lstat: a link could be turned to another folder after the check.
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.isSymbolicLink()) throw unsafe(path, 'is a symbolic link', 'remove the link');
  if (!stats.isDirectory()) throw unsafe(path, 'is not a directory', 'move it away');
  // Windows has neither owner nor mode; its sockets live in the user's own profile.
  if (process.getuid === undefined) return true;
  if (stats.uid !== process.getuid()) throw unsafe(path, 'belongs to somebody else', 'move it away');
  if ((stats.mode & 0o077) !== 0) throw unsafe(path, 'is open to other users', 'chmod 700 it');
  return true;
}

/** The path of a service's socket. Throws where it would not fit into a socket address. */
export function socketPath(directory: string, service: ServiceName, kind: 'rpc' | 'events'): string {
  const path = join(directory, `${service}.${kind}`);
  const bytes = Buffer.byteLength(path);
  if (bytes > IPC_PATH_MAX_BYTES) {
    throw new Error(
      `socket path too long: ${path} has ${bytes} bytes and ${IPC_PATH_MAX_BYTES} fit; choose a shorter directory`,
    );
  }
  return path;
}

/**
 * Looks before a bind, which deletes a file that stands in its place; a socket there is a left-over of ours, since nobody else
 * may write into the folder. Throws where it is anything else; the text names the path and the way out.
 */
export function refuseOccupied(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isSocket()) return;
  const what = stats.isSymbolicLink() ? 'a symbolic link' : stats.isFile() ? 'a file' : 'something else';
  throw new UnsafePathError(`socket ${path}: ${what} stands in its place: move it away, then start again`);
}

function unsafe(path: string, problem: string, wayOut: string): Error {
  return new UnsafePathError(`socket directory ${path} ${problem}: ${wayOut}, then start again`);
}

/** For the user to cure: no restart will. Known to whoever ends the process by its exit code, EXIT.misconfigured of libs/runtime. */
class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
  readonly exitCode = 78;
}
