import type { AppName } from './repository.js';

/** What keeps a node's processes alive: pm2 itself, or a stand-in that keeps the same promises and starts faster. */
export interface Supervisor {
  /** Starts processes and answers when each has said that it is ready. */
  start(apps: readonly AppName[]): Promise<void>;
  /** The pid of a process that runs now, undefined while there is none. */
  pid(app: AppName): Promise<number | undefined>;
  restart(app: AppName): Promise<void>;
  stop(apps: readonly AppName[]): Promise<void>;
  /** What a process has printed, as far as the supervisor sees it. */
  output(app: AppName): string;
  close(): Promise<void>;
}
