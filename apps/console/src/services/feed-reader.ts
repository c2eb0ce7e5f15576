/** The durable feed of messages and states, read onward without a gap and without a repeat. */
import { setTimeout as sleep } from 'node:timers/promises';
import { IpcError } from '@earshot/protocol';
import type { Change } from '@earshot/protocol/ipc';
import type { Messenger } from './connection.js';

const RETRY_MS = 500;

/**
 * The history is the source: an event says how far it reaches, and brings along what is new where that is little. So nothing is missed while the messenger restarts or
 * this process is slow, and nothing comes twice.
 */
export class FeedReader {
  private announced = 0;
  private reading: Promise<void> | undefined;

  /** @param cursor what lies before it is history, not news; undefined for what the first announcement says. */
  constructor(
    private readonly messenger: Messenger,
    private cursor: number | undefined,
    private readonly onChange: (change: Change) => void,
  ) {}

  /** The feed reaches at least this far; `items` are what lies behind `after`. */
  reaches(upto: number, after?: number, items?: readonly Change[]): void {
    this.cursor ??= upto;
    this.announced = Math.max(this.announced, upto);
    if (items !== undefined && after === this.cursor && this.reading === undefined) {
      for (const change of items) this.onChange(change);
      this.cursor = upto;
    }
    if (this.announced > this.cursor) this.reading ??= this.readOn();
  }

  /** Resolves when everything that is in the feed by now has been passed on. Rejects where the messenger does not answer. */
  async catchUp(): Promise<void> {
    if (this.cursor === undefined) return;
    this.reaches((await this.messenger.call('changes', {})).upto);
    await this.reading;
  }

  private async readOn(): Promise<void> {
    try {
      while (this.announced > (this.cursor ?? 0)) await this.readPage();
    } finally {
      this.reading = undefined;
    }
  }

  private async readPage(): Promise<void> {
    const after = this.cursor ?? 0;
    try {
      const { items, upto } = await this.messenger.call('changes', { after });
      for (const change of items) this.onChange(change);
      // Where nothing is left, what was announced is not in this history: it was replaced by an older copy.
      if (items.length === 0 && upto <= after) this.announced = after;
      this.cursor = Math.max(after, upto);
    } catch (error) {
      if (!(error instanceof IpcError)) throw error;
      // It went away, or is slow. The page was not passed on, so it is asked for again.
      await sleep(RETRY_MS);
    }
  }
}
