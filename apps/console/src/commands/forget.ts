/** Erases what was said from this machine: forget. */
import { note } from '../output.js';
import { Progress } from '../progress.js';
import { withMessenger } from '../services/connection.js';
import { resolvePeer } from '../services/peers.js';
import { countOf, taggedName } from '../text/lines.js';

/** A piece at a time, so that the messenger goes on with everything else; what comes meanwhile is not forgotten. */
export function forget(who: string, { before }: { readonly before?: Date }): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const peer = await resolvePeer(messenger, who);
    const name = taggedName(peer);
    const progress = new Progress((count) => `${countOf(count, 'message')} forgotten so far`);
    const until = before === undefined ? {} : { before: before.toISOString() };
    let [messages, undelivered] = [0, 0];
    let upto: number | undefined;
    try {
      for (let isDone = false; !isDone;) {
        const from = upto === undefined ? {} : { upto };
        const piece = await messenger.call('forget', { peer: peer.id, ...until, ...from });
        messages += piece.messages;
        undelivered += piece.undelivered;
        ({ upto, isDone } = piece);
        progress.add(piece.messages);
      }
    } catch (error) {
      progress.clear();
      if (messages > 0)
        note(`forgotten so far: ${countOf(messages, 'message')} with ${name}; the same command goes on`);
      throw error;
    }
    progress.clear();
    if (messages === 0)
      note(`there was nothing to forget with ${name}${before === undefined ? '' : ' from before then'}`);
    else note(`forgotten: ${countOf(messages, 'message')} with ${name}, on this machine alone`);
    if (undelivered > 0)
      note(
        `${countOf(undelivered, 'message')} of yours had not been acknowledged: what is not there yet is never sent`,
      );
  });
}
