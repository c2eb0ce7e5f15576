import { subscribe, type Subscription } from '@earshot/ipc';
import { messengerContract } from '@earshot/protocol/ipc';
import { KnownPeople } from '../people/known-people.js';

/**
 * Tells when the history may have grown. The messenger only wakes us: what happened is read from the history, so that
 * nothing is lost or told twice when it restarts, and nothing breaks while it is down.
 */
export class LiveFeed {
  /** Who is known, as of now. */
  readonly people = new KnownPeople();
  private readonly listeners = new Set<() => void>();
  private subscription: Subscription | undefined;

  /** Follows the messenger whose sockets are in this folder. */
  start(directory: string): void {
    this.subscription = subscribe(messengerContract, {
      directory,
      onReset: () => {
        this.people.reset();
      },
      onEvent: (event) => {
        if (event.event === 'feed') this.wake();
        else if (event.event === 'peer') this.people.set(event);
      },
    });
  }

  stop(): void {
    this.subscription?.close();
  }

  /** @returns what ends it */
  onWake(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private wake(): void {
    for (const listener of this.listeners) listener();
  }
}
