/** Following the messenger across its restarts: the durable feed of messages and states, and changes of peers. */
import { createClient, subscribe, type Client } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import { messengerContract, type Change, type MessengerContract, type Peer } from '@earshot/protocol/ipc';
import { EXIT, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { notRunning } from './connection.js';

export interface FeedListener {
  readonly onChange: (change: Change) => void;
  readonly onPeer: (peer: Peer) => void;
}

/**
 * Follows what happens from now on, until the process ends. The history is the source: an event only says that there is
 * more of it, so nothing is missed while the messenger restarts or this process is slow, and nothing comes twice.
 */
export async function followFeed(paths: DataFolder, { onChange, onPeer }: FeedListener): Promise<never> {
  const messenger = createClient(messengerContract, { directory: paths.sockets });
  let cursor = (await messenger.call('changes', {})).upto;
  let reading: Promise<void> | undefined;
  let more = false;
  const read = () => {
    more = true;
    reading ??= (async () => {
      while (more) {
        more = false;
        cursor = await readAll(messenger, cursor, onChange);
      }
    })()
      .catch((error: unknown) => {
        // It went away in the middle: its next snapshot brings us back here.
        if (!(error instanceof IpcError)) throw error;
      })
      .finally(() => {
        reading = undefined;
      });
  };
  const known = new Map<string, string>();
  subscribe(messengerContract, {
    directory: paths.sockets,
    onReset: () => undefined,
    onEvent: (event) => {
      if (event.event === 'feed') read();
      if (event.event !== 'peer') return;
      const { event: _, ...peer } = event;
      const key = peer.id ?? `${peer.address} ${peer.username}`;
      // When it was last heard changes all the time and is no news.
      const text = JSON.stringify({ ...peer, lastSeen: '' });
      if (known.get(key) === text) return;
      known.set(key, text);
      onPeer(peer);
    },
  });
  return new Promise(() => undefined);
}

async function readAll(
  messenger: Client<MessengerContract>,
  after: number,
  onChange: (change: Change) => void,
): Promise<number> {
  for (let cursor = after; ;) {
    const { items, upto } = await messenger.call('changes', { after: cursor });
    for (const change of items) onChange(change);
    if (items.length === 0) return cursor;
    cursor = upto;
  }
}

/** Shows every peer, and then each again when something about it changes. */
export async function followPeers(paths: DataFolder, onPeer: (peer: Peer) => void): Promise<void> {
  await followFeed(paths, { onChange: () => undefined, onPeer });
}

export function requireRunning(error: unknown, paths: DataFolder): never {
  if (error instanceof IpcError && error.code === 'not-running')
    throw new CommandError(EXIT.notRunning, notRunning('messenger', paths));
  throw error;
}
