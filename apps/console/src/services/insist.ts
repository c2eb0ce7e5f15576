/** Asking a service that may be restarting. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestLostError } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';

const RETRY_MS = 200;

/** Whether the service was away, or did not answer: the same request may be repeated, and may have been carried out. */
export function isAway(error: unknown): error is IpcError {
  return error instanceof IpcError && (error.code === 'not-running' || error.code === 'timed-out');
}

/** Whether the request may have been carried out although it failed. */
export function mayBeDone(error: IpcError): boolean {
  return error instanceof RequestLostError || error.code === 'timed-out';
}

/**
 * Repeats a request while the service is away; for requests that change nothing when they are carried out twice.
 *
 * @param deadline of `performance.now()`. After it: `not-running` where it was certainly never carried out, else `timed-out`.
 */
export async function insist<T>(ask: () => Promise<T>, deadline = Infinity): Promise<T> {
  for (let unclear = false; ;) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
      unclear ||= mayBeDone(error);
      if (performance.now() >= deadline) throw new IpcError(unclear ? 'timed-out' : 'not-running');
    }
    await sleep(RETRY_MS);
  }
}
