/** Whoever waits until a message has come as far as it should. */
import type { HistoryWriter } from '@earshot/history';
import { IpcError } from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';

interface Waiter {
  readonly id: string;
  readonly goal: Goal;
  /** Where the message stood when the wait began: asked of the history only once that may have changed. */
  place: { readonly peer: string; readonly stream: string; readonly n: number } | undefined;
  readonly settle: (state: MessageState) => void;
}
type Goal = 'queued' | 'sent' | 'delivered';

/** How far along a message is; a state that was passed cannot be waited for any more. */
const PROGRESS: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  rejected: 3,
  cancelled: 3,
  received: 3,
};

export class StateWaiters {
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly history: HistoryWriter) {}

  /** Resolves when a message has come as far as `goal` or to its end, or with what it is after `timeoutMs`. */
  waitFor(id: string, goal: Goal, timeoutMs: number): Promise<MessageState> {
    const current = this.history.messageState(id);
    if (current === null) throw new IpcError('bad-request', 'no message of ours has this id');
    if (PROGRESS[current] >= PROGRESS[goal] || timeoutMs === 0) return Promise.resolve(current);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiter.settle(this.history.messageState(id) ?? current);
      }, timeoutMs);
      const waiter: Waiter = {
        id,
        goal,
        place: this.history.sentPlace(id) ?? undefined,
        settle: (state) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(state);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Something was committed. */
  check(): void {
    for (const waiter of this.waiters) {
      if (!this.mayHaveCome(waiter)) continue;
      const state = this.history.messageState(waiter.id);
      if (state !== null && PROGRESS[state] >= PROGRESS[waiter.goal]) waiter.settle(state);
    }
  }

  /** A message was taken back: others behind it moved up. */
  forgetPlaces(): void {
    for (const waiter of this.waiters) waiter.place = undefined;
  }

  /** Nothing more will happen: everybody gets what there is. */
  settleAll(): void {
    for (const waiter of [...this.waiters]) waiter.settle(this.history.messageState(waiter.id) ?? 'queued');
  }

  /** Thousands may wait while every commit moves one stream: most of them are told apart by its counters. */
  private mayHaveCome(waiter: Waiter): boolean {
    const { goal, place } = waiter;
    const out = place === undefined ? undefined : this.history.outStream(place.peer);
    if (place === undefined || out?.stream !== place.stream) {
      waiter.place = this.history.sentPlace(waiter.id) ?? undefined;
      return true;
    }
    return place.n <= (goal === 'delivered' ? out.acked : out.wired);
  }
}
