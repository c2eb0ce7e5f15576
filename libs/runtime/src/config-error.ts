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
  return err instanceof Error && 'exitCode' in err && err.exitCode === EXIT.misconfigured;
}

/** The errno name of a failed system call, or undefined for any other error. */
export function errnoOf(err: unknown): string | undefined {
  if (!(err instanceof Error) || !('code' in err) || typeof err.code !== 'string') return undefined;
  return err.code;
}
