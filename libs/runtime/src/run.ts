import { isConfigError } from './config-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Logger } from './log-fields.js';
import { watchForEnd, type EndWatch } from './watch-for-end.js';

/** Something a service is made of. */
export interface Part {
  readonly name: string;
  /** Resolves when it really serves. `fail` reports, at any later time, that it cannot go on: the service then stops. */
  start(fail: (err: unknown) => void): Promise<void> | void;
  /** Called only after `start` has succeeded. */
  stop(): Promise<void> | void;
  /** How long `stop` may take; 2 s unless told. All together must fit the supervisor's kill_timeout. */
  readonly stopTimeoutMs?: number;
}

export interface RunOptions {
  readonly log: Logger;
  /** All parts serve; the supervisor is told next. */
  readonly onReady?: () => void;
}

const STOP_TIMEOUT_MS = 2_000;

/**
 * Runs a service from its first part's start to its last one's stop: starts the parts in order, tells the supervisor that it
 * is ready, and stops them in reverse when it is told to end (SIGINT, SIGTERM, pm2's `shutdown` message), when a part
 * fails, or when anything throws where nobody catches. A second signal exits at once.
 *
 * @returns what to exit with: 0 when told to end and everything stopped cleanly
 * @throws what kept it from getting ready, after what had started was stopped
 */
export async function run(parts: readonly Part[], { log, onReady }: RunOptions): Promise<ExitCode> {
  const watch = watchForEnd(log);
  const started: Part[] = [];
  let ready = false;
  try {
    if (await startAll(parts, started, watch)) {
      ready = true;
      try {
        onReady?.();
      } catch (err) {
        watch.end({ why: 'failure', err });
      }
      log.info('ready', { ms: Math.round(process.uptime() * 1000) });
      tellSupervisor();
    }
    const end = await watch.ended;
    if (end.why === 'failure') log.error('failed', { ...(end.part !== undefined && { part: end.part }), err: end.err });
    else log.info('told to stop', { signal: end.signal });

    const clean = await stopAll(started, log);
    if (end.why === 'failure' && !ready) throw end.err;
    if (end.why === 'failure' && isConfigError(end.err)) return EXIT.misconfigured;
    return end.why === 'signal' && clean && !watch.crashedSince() ? EXIT.ok : EXIT.failed;
  } finally {
    watch.dispose();
  }
}

/** @returns whether all of them run; if not, `watch` has ended. */
async function startAll(parts: readonly Part[], started: Part[], watch: EndWatch): Promise<boolean> {
  let ended = false as boolean;
  void watch.ended.then(() => (ended = true));
  for (const part of parts) {
    const fail = (err: unknown): void => {
      watch.end({ why: 'failure', err, part: part.name });
    };
    const starting = attempt(() => part.start(fail)).then(() => started.push(part), fail);
    await Promise.race([starting, watch.ended]);
    // Told to end in the middle of a start: what comes of it must be stopped too.
    if (ended) await within(STOP_TIMEOUT_MS, starting);
    if (ended) return false;
  }
  return true;
}

async function stopAll(started: readonly Part[], log: Logger): Promise<boolean> {
  let clean = true;
  for (const part of [...started].reverse()) {
    const ms = part.stopTimeoutMs ?? STOP_TIMEOUT_MS;
    try {
      if (
        await within(
          ms,
          attempt(() => part.stop()),
        )
      )
        continue;
      log.error('part did not stop in time', { part: part.name, ms });
    } catch (err) {
      log.error('part did not stop cleanly', { part: part.name, err });
    }
    clean = false;
  }
  return clean;
}

async function attempt(act: () => Promise<void> | void): Promise<void> {
  await act();
}

/** Whether it settled in time; its error, if that is how it settled, is thrown. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** pm2's wait_ready. A supervisor that has just gone is no reason to stop serving. */
function tellSupervisor(): void {
  process.send?.('ready', undefined, undefined, () => undefined);
}
