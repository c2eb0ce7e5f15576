/** Following the messenger until the user has seen enough. */
import { createClient, subscribe } from '@earshot/ipc';
import { messengerContract, type Change, type Peer } from '@earshot/protocol/ipc';
import type { DataFolder } from '@earshot/runtime';
import { FeedReader } from './feed-reader.js';

export interface Follower {
  readonly onChange?: (change: Change) => void;
  readonly onPeer: (peer: Peer) => void;
  /** Whether the peers that are there at the start are passed on too, or only what changes. */
  readonly presentPeers: boolean;
}

/**
 * Passes on what happens from now on, across restarts of the messenger; ends on SIGINT and SIGTERM.
 * Rejects with `not-running` where there is no messenger at the start.
 */
export async function follow({ sockets }: DataFolder, { onChange, onPeer, presentPeers }: Follower): Promise<void> {
  const stopped = stopSignal();
  const messenger = createClient(messengerContract, { directory: sockets });
  const { upto } = await messenger.call('changes', {});
  const feed = onChange === undefined ? undefined : new FeedReader(messenger, upto, onChange);
  const known = new Map<string, string>();
  let started = false;
  const subscription = subscribe(messengerContract, {
    directory: sockets,
    // What is known stays: after a restart only differences are news.
    onReset: () => undefined,
    onUp: () => {
      started = true;
    },
    onEvent: (event) => {
      if (event.event === 'feed') feed?.reaches(event.upto, event.after, event.items);
      if (event.event !== 'peer') return;
      const key = event.id ?? `${event.address} ${event.username}`;
      // When it was last heard changes all the time and is no news.
      const text = JSON.stringify({ ...event, lastSeen: '' });
      if (known.get(key) === text) return;
      known.set(key, text);
      if (started || presentPeers) onPeer(event);
    },
  });
  await stopped;
  subscription.close();
  messenger.close();
}

/** Resolves on the first of them; the second one ends the process at once, as if nobody listened. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      resolve();
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
}
