/** Tells the messenger what was read here, so that it is read on every screen and after a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { IpcError } from '@earshot/protocol';
import type { Messenger } from './connection.js';
import { isAway } from './insist.js';

/** A conversation that is followed while much comes in is told of once in this time. */
const INTERVAL_MS = 300;
const LAST_MS = 500;

export class ReadMarks {
  /** The newest message that was read and not told yet, by peer. */
  private readonly untold = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly messenger: Messenger) {}

  /** A conversation was read up to a message. */
  readUpTo(peer: string, id: string): void {
    this.untold.set(peer, id);
    if (this.timer !== undefined) return;
    void this.flush();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.untold.size > 0) void this.flush();
    }, INTERVAL_MS);
  }

  /** Resolves when all of it was told, or could not be: what could not is told with the next one, or when this is called again. */
  flush(): Promise<void> {
    this.telling = this.telling.then(() => this.tell());
    return this.telling;
  }

  /** Tells what is left, as far as that takes no time that anybody would notice. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await Promise.race([this.flush(), sleep(LAST_MS, undefined, { ref: false })]);
  }

  private async tell(): Promise<void> {
    for (const [peer, id] of [...this.untold]) {
      try {
        await this.messenger.call('markRead', { peer, id });
      } catch (error) {
        if (!(error instanceof IpcError)) throw error;
        if (error.code === 'store-failed' || isAway(error)) return;
        // Whoever the messenger does not know any more has nothing that could be read.
      }
      if (this.untold.get(peer) === id) this.untold.delete(peer);
    }
  }
}
