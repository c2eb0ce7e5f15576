/** What was said and what happens: history, tail. */
import type { Message } from '@earshot/protocol/ipc';
import { note, print, printJson } from '../output.js';
import { Progress } from '../progress.js';
import { withMessenger } from '../services/connection.js';
import { follow } from '../services/follow.js';
import { resolvePeer } from '../services/peers.js';
import { countOf, messageLine, notTheOne, peerFields, taggedName } from '../text/lines.js';

/** The most that the messenger gives at once. */
const PAGE = 500;

export function history(
  who: string,
  options: { readonly limit: number; readonly before?: string; readonly json?: boolean },
): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const peer = await resolvePeer(messenger, who);
    const pages: Message[][] = [];
    let left = options.limit;
    let before = options.before ?? null;
    const progress = new Progress((count) => `${countOf(count, 'message')} so far`);
    do {
      const page = await messenger.call('history', {
        peer: peer.id,
        limit: Math.min(left, PAGE),
        ...(before === null ? {} : { before }),
      });
      pages.push(page.items);
      progress.add(page.items.length);
      left -= page.items.length;
      before = page.next;
    } while (left > 0 && before !== null);
    progress.clear();
    const items = pages.reverse().flat();
    for (const message of items) {
      if (options.json === true) printJson(message);
      else print(messageLine(message, process.stdout.columns));
    }
    if (items.length === 0) note(`nothing with ${taggedName(peer)} yet`);
  });
}

export function tail({ json }: { readonly json?: boolean }): Promise<void> {
  return withMessenger(({ paths }) =>
    follow(paths, {
      presentPeers: false,
      onChange: (change) => {
        // What was printed stays where it was printed.
        if (change.event === 'forgotten') return;
        // The cursor is nobody's business: undefined leaves it out.
        if (json === true) printJson({ ...change, seq: undefined });
        else
          print(
            change.event === 'message' ? messageLine(change, process.stdout.columns) : `${change.state}  ${change.id}`,
          );
      },
      onPeer: (peer) => {
        if (json === true) printJson({ event: 'peer', ...peerFields(peer) });
        else {
          const warning = peer.namesakeOf === undefined ? '' : `  ! ${notTheOne(peer.namesakeOf)}`;
          print(`${peer.presence}  ${taggedName(peer)}${warning}`);
        }
      },
    }),
  );
}
