import { types } from 'node:util';
import { EXIT } from './exit-codes.js';

/**
 * Something outside of the program must be changed before it can run: a setting, a folder, a port. The text is shown
 * to the user as it is: what is wrong, where, and the way out. It names settings and paths, never the value of a setting.
 */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly exitCode = EXIT.misconfigured;
}

/**
 * Whether an error is one that the user must cure. Known by its exit code too: libraries that do not know this one
 * (history, ipc) say it that way.
 */
export function isConfigError(err: unknown): err is Error & { readonly exitCode: typeof EXIT.misconfigured } {
  return isError(err) && 'exitCode' in err && err.exitCode === EXIT.misconfigured;
}

/**
 * Something outside of the program is in the way and may pass by itself: a full disk. The text is shown as it is; the
 * process ends as one that failed, so that the supervisor tries again until it works.
 */
export class PassingError extends Error {
  override readonly name = 'PassingError';
  readonly exitCode = EXIT.failed;
}

/** Whether the text of an error is ours and written for the user. */
export function isForUser(err: unknown): err is Error {
  return isConfigError(err) || (isError(err) && 'exitCode' in err && err.exitCode === EXIT.failed);
}

/** Whether an error says that a disk has no room left: for all of us, or for this user. */
export function isDiskFull(err: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(errnoOf(err) ?? '');
}

/** The errno name of a failed system call, or the code of another error that has one; undefined for all else. */
export function errnoOf(err: unknown): string | undefined {
  if (!isError(err) || !('code' in err) || typeof err.code !== 'string') return undefined;
  return err.code;
}

/** Also one of another realm, as Node's own are in a vm context (jest). */
export function isError(err: unknown): err is Error {
  return err instanceof Error || types.isNativeError(err);
}
