import { EXIT } from './exit-codes.js';
import type { Logger } from './log-fields.js';

/** Why a service ends. */
export type End =
  | { readonly why: 'signal'; readonly signal: string }
  | { readonly why: 'failure'; readonly err: unknown; readonly part?: string };

export interface EndWatch {
  /** The first reason; later ones change nothing. */
  readonly ended: Promise<End>;
  end(end: End): void;
  /** Whether something threw unexpectedly after the first reason. */
  crashedSince(): boolean;
  dispose(): void;
}

/** Listens for everything that ends a process, and keeps it alive until then. */
export function watchForEnd(log: Logger): EndWatch {
  let first: End | undefined;
  let crashed = false;
  let resolve: (end: End) => void;
  const ended = new Promise<End>((done) => {
    resolve = done;
  });
  const end = (reason: End): void => {
    if (first === undefined) {
      first = reason;
      resolve(reason);
    } else if (reason.why === 'failure') {
      crashed = true;
      log.error('failed while stopping', { ...(reason.part !== undefined && { part: reason.part }), err: reason.err });
    }
  };
  let signals = 0;
  const onSignal = (signal: string): void => {
    // Whoever asks twice does not want to wait.
    if (++signals > 1) process.exit(EXIT.failed);
    end({ why: 'signal', signal });
  };
  // pm2 has no signals on Windows and sends this.
  const onMessage = (message: unknown): void => {
    if (message === 'shutdown') onSignal('shutdown');
  };
  const onCrash = (err: unknown): void => {
    end({ why: 'failure', err });
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('message', onMessage);
  // Unhandled rejections come as such, too.
  process.on('uncaughtException', onCrash);
  // Parts that only wait for others hold nothing that would keep Node running.
  const alive = setInterval(() => undefined, 0x7fff_ffff);
  return {
    ended,
    end,
    crashedSince: () => crashed,
    dispose: () => {
      clearInterval(alive);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('message', onMessage);
      process.off('uncaughtException', onCrash);
    },
  };
}
