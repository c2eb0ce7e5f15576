/** What waits to be delivered, page by page. */
import type { OutboxCursor } from '@earshot/protocol/ipc';
import type { Columns } from '../text/fold.js';
import { outboxLine, waitingLine } from '../text/outbox.js';
import type { Messenger } from './connection.js';

/** All pages. */
export async function* outboxPages(messenger: Messenger) {
  let after: OutboxCursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof askPage>> = await askPage(messenger, after);
    yield page;
    after = page.next;
  } while (after !== null);
}

/** As people read it: for each peer why it waits, then its messages. */
export async function* outboxLines(messenger: Messenger, columns: Columns): AsyncGenerator<string, void, undefined> {
  let shown = '';
  for await (const { items, waiting } of outboxPages(messenger)) {
    for (const message of items) {
      const why = waiting.find(({ peer }) => peer === message.peer);
      // A peer's messages may fill several pages.
      if (message.peer !== shown && why !== undefined) yield waitingLine(why);
      shown = message.peer;
      yield outboxLine(message, columns);
    }
  }
}

function askPage(messenger: Messenger, after: OutboxCursor | null) {
  return messenger.call('outbox', after === null ? {} : { after });
}
