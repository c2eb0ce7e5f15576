import { HALF_OPEN_MAX_PER_IP } from '@earshot/protocol';

/** RFC 8305 §8, Connection Attempt Delay: what is usual for the wait before the next address is tried beside the others. */
const ATTEMPT_DELAY_MS = 250;
/** They may all be the same machine's, which serves an address no more at a time (wire-v1 §2). */
const IN_PARALLEL_MAX = HALF_OPEN_MAX_PER_IP;

/**
 * Tries addresses one after the other without waiting for each to fail (RFC 8305, "happy eyeballs"): the next comes 250 ms
 * later, or at once when one fails. The first to succeed ends it, and the others are abandoned.
 *
 * @param attempt answers null when it succeeded, else why not; it is to clean up when the signal comes
 * @returns null, or why the last one to fail did
 */
export function race(
  addresses: readonly string[],
  attempt: (address: string, abandoned: AbortSignal) => Promise<string | null>,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const running = new Set<AbortController>();
    let failure = 'no-address';
    let timer: NodeJS.Timeout | undefined;

    const end = (): void => {
      clearTimeout(timer);
      waiting.length = 0;
      for (const controller of running) controller.abort();
      running.clear();
    };
    const next = (): void => {
      clearTimeout(timer);
      if (running.size >= IN_PARALLEL_MAX) return;
      const address = waiting.shift();
      if (address === undefined) {
        if (running.size === 0) resolve(failure);
        return;
      }
      const controller = new AbortController();
      running.add(controller);
      timer = setTimeout(next, ATTEMPT_DELAY_MS);
      attempt(address, controller.signal).then(
        (reason) => {
          // Not there any more: it was abandoned, and how it ended is of no interest.
          if (!running.delete(controller)) return;
          if (reason === null) {
            end();
            resolve(null);
          } else {
            failure = reason;
            next();
          }
        },
        (error: unknown) => {
          end();
          reject(error instanceof Error ? error : new Error('bug: an attempt failed with no error'));
        },
      );
    };
    next();
  });
}
