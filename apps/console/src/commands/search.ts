/** Looking for words in everything that was ever said: search. */
import { note, print, printJson } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { search as ask } from '../services/log-server.js';
import { resolvePeer } from '../services/peers.js';
import { messageLine } from '../text/lines.js';

/** Oldest first, as the history is; the newest ones where there are more than the limit. */
export function search(
  words: readonly string[],
  { peer, limit, json }: { readonly peer?: string; readonly limit: number; readonly json?: boolean },
): Promise<void> {
  return withMessenger(async ({ messenger, paths }) => {
    const id = peer === undefined ? undefined : (await resolvePeer(messenger, peer)).id;
    const found = await ask(paths, words.join(' '), { limit, ...(id === undefined ? {} : { peer: id }) });
    for (const message of found.reverse()) {
      if (json === true) printJson(message);
      else print(messageLine(message, process.stdout.columns));
    }
    if (found.length === 0) note('nothing found');
  });
}
