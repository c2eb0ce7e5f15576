import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangePage } from '@earshot/history';
import type { Change } from '@earshot/protocol/ipc';
import { safeJsonLine, type Logger } from '@earshot/runtime';
import type { Person } from '../people/known-people.js';
import type { EventTimes } from '../routes/server-parts.js';

const ROWS_AT_ONCE = 100;

export interface EventStreamOptions extends EventTimes {
  /** The number in the feed after which the stream begins. */
  readonly after: number;
  readonly changes: (after: number, limit: number) => ChangePage;
  readonly log: Logger;
}

/**
 * The durable feed as server-sent events (HTML Living Standard §9.2): one event for each change, with its number in the
 * feed as id. Reads on only when the reader has taken what it was given, so a slow reader costs us one page of memory.
 */
export class EventStream {
  private position: number;
  /** Something may have changed since the feed was last read to its end. */
  private woken = true;
  private beatDue = false;
  private running = false;
  /** The newest of each person that the reader has not been told. */
  private readonly people = new Map<string, Person>();
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: EventStreamOptions,
  ) {
    this.position = options.after;
    this.heartbeat = setInterval(() => {
      this.beatDue = true;
      void this.run();
    }, options.heartbeatMs);
    response.once('close', () => {
      clearInterval(this.heartbeat);
    });
    // An id without data dispatches nothing, but lets a reader resume that lost us before the first event.
    response.write(`id: ${this.position}\n\n`);
    void this.run();
  }

  wake(): void {
    this.woken = true;
    void this.run();
  }

  /** Somebody is otherwise than before: no entry of the feed, so without an id, and a reader that was away learns it anew. */
  tell(person: Person): void {
    this.people.set(person.id, person);
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while ((this.woken || this.people.size > 0 || this.beatDue) && !this.response.destroyed) {
        await this.write(this.nextText());
        this.beatDue = false;
      }
    } catch (err) {
      // The reader comes back with the last id it saw, and then is told what is wrong.
      this.options.log.warn('event stream ended', { err });
      this.response.destroy();
    } finally {
      this.running = false;
    }
  }

  private nextText(): string {
    if (this.woken) return this.nextEvents();
    return this.people.size > 0 ? this.peopleTold() : ':\n\n';
  }

  private nextEvents(): string {
    const { items, upto } = this.options.changes(this.position, ROWS_AT_ONCE);
    this.woken = items.length > 0 || upto > this.position;
    this.position = upto;
    return items.map(eventText).join('');
  }

  private peopleTold(): string {
    const people = [...this.people.values()];
    this.people.clear();
    return people
      .map(({ id, username, address, presence, lastSeen, trust }) => {
        const fields = { id, username, address, presence, lastSeen, trust };
        return `event: peer\ndata: ${safeJsonLine(JSON.stringify(fields))}\n\n`;
      })
      .join('');
  }

  private async write(text: string): Promise<void> {
    // Between pages others get their turn: a reader that starts far back has many.
    if (text === '' || this.response.write(text)) await nextTurn();
    else await this.drained();
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.options.log.warn('event reader cut off', { code: 'no-drain' });
        this.response.destroy();
      }, this.options.drainMs);
      const done = (): void => {
        clearTimeout(late);
        this.response.off('drain', done).off('close', done);
        resolve();
      };
      this.response.on('drain', done).on('close', done);
    });
  }
}

function eventText({ event, seq, ...fields }: Change): string {
  return `event: ${event}\nid: ${seq}\ndata: ${safeJsonLine(JSON.stringify(fields))}\n\n`;
}
