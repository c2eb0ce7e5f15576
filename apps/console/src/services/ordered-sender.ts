/**
 * Many messages to one peer under way at once, and stored in the order in which they were given, whatever happens to the
 * messenger meanwhile: it takes requests in order, so those that are lost with it are a tail. Once all that were under way
 * have ended, the lost ones are repeated one by one under their ids, and only then come later ones.
 */
import type { MessageState } from '@earshot/protocol/ipc';
import type { Messenger } from './connection.js';
import { insist, isAway, mayBeDone } from './insist.js';

export interface OutgoingMessage {
  readonly id: string;
  readonly peer: string;
  readonly text: string;
}

interface Entry {
  readonly turn: number;
  readonly message: OutgoingMessage;
  readonly deadline: number;
  readonly resolve: (state: MessageState) => void;
  readonly reject: (error: unknown) => void;
  uncertain: boolean;
}

/** Longer than a slow disk needs: one request that gives up while later ones succeed would come after them. */
const DEADLINE_MS = 30_000;

export class OrderedSender {
  private turns = 0;
  private underWay = 0;
  private mending = false;
  private readonly lost: Entry[] = [];
  private readonly later: Entry[] = [];

  constructor(private readonly messenger: Messenger) {}

  /** Resolves once the message is stored. @param deadline of `performance.now()` */
  send(message: OutgoingMessage, deadline: number): Promise<MessageState> {
    return new Promise((resolve, reject) => {
      const entry = { turn: (this.turns += 1), message, deadline, resolve, reject, uncertain: false };
      if (this.mending || this.lost.length > 0) this.later.push(entry);
      else this.ask(entry);
    });
  }

  private ask(entry: Entry): void {
    this.underWay += 1;
    void this.call(entry)
      .then(entry.resolve, (error: unknown) => {
        if (!isAway(error)) {
          entry.reject(error);
          return;
        }
        entry.uncertain = mayBeDone(error);
        this.lost.push(entry);
      })
      .then(() => {
        this.underWay -= 1;
        if (this.underWay === 0 && this.lost.length > 0) void this.mend();
      });
  }

  private async mend(): Promise<void> {
    this.mending = true;
    for (const entry of this.lost.splice(0).sort((a, b) => a.turn - b.turn)) {
      await insist(() => this.call(entry), entry.deadline, entry.uncertain).then(entry.resolve, entry.reject);
    }
    this.mending = false;
    for (const entry of this.later.splice(0)) this.ask(entry);
  }

  private async call({ message }: Entry): Promise<MessageState> {
    return (await this.messenger.call('send', message, { deadlineMs: DEADLINE_MS })).state;
  }
}
