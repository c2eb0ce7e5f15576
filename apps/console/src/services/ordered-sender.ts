/**
 * Messages to one peer on their way to the messenger, stored in the order in which they were given whatever happens to it
 * meanwhile: one request is under way at a time, repeated under the same ids where it may be lost, and carries all that
 * was given since the one before. So a single message goes at once, and a thousand lines cost a handful of commits.
 */
import { PAGE_MAX_ROWS, PAGE_MAX_TEXT_BYTES, IpcError } from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import type { Messenger } from './connection.js';
import { insist } from './insist.js';

export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
}

interface Entry {
  readonly message: OutgoingMessage;
  readonly deadline: number;
  readonly resolve: (state: MessageState) => void;
  readonly reject: (error: unknown) => void;
}

/** Longer than a slow disk needs for all of a request. */
const DEADLINE_MS = 30_000;

export class OrderedSender {
  private readonly waiting: Entry[] = [];
  private sending = false;

  constructor(
    private readonly messenger: Messenger,
    private readonly peer: string,
  ) {}

  /** Resolves once the message is stored. @param deadline of `performance.now()` */
  send(message: OutgoingMessage, deadline: number): Promise<MessageState> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, deadline, resolve, reject });
      if (!this.sending) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.batchSize());
      try {
        await this.request(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.sending = false;
  }

  private async request(batch: readonly Entry[]): Promise<void> {
    const params = { peer: this.peer, messages: batch.map(({ message }) => message) };
    const ask = () => this.messenger.call('sendMany', params, { deadlineMs: DEADLINE_MS });
    const { outcomes } = await insist(ask, Math.max(...batch.map(({ deadline }) => deadline)));
    for (const [i, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) reject(new IpcError('internal', 'no outcome'));
      else if ('error' in outcome) reject(new IpcError(outcome.error.code, outcome.error.detail));
      else resolve(outcome.state);
    }
  }

  /** How many of those that wait fit into one request. */
  private batchSize(): number {
    let bytes = 0;
    const tooMany = this.waiting.findIndex(({ message }, i) => {
      bytes += Buffer.byteLength(message.text);
      return i > 0 && (i === PAGE_MAX_ROWS || bytes > PAGE_MAX_TEXT_BYTES);
    });
    return tooMany === -1 ? this.waiting.length : tooMany;
  }
}
