/** Messages that are on their way, and what became of one: outbox, cancel, why. */
import { note, print, printJson, printLines } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { outboxLines, outboxPages } from '../services/outbox.js';
import { taggedName } from '../text/lines.js';
import { lifeLines } from '../text/outbox.js';

interface Json {
  readonly json?: boolean;
}

export function outbox({ json }: Json): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    if (json === true) {
      for await (const { items } of outboxPages(messenger)) for (const message of items) printJson(message);
      return;
    }
    let empty = true;
    for await (const line of outboxLines(messenger, process.stdout.columns)) {
      print(line);
      empty = false;
    }
    if (empty) note('nothing waits: all that you wrote is delivered');
  });
}

export function cancel(id: string): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    await messenger.call('cancel', { id });
    note('taken back: it was never sent, and is not in the history any more');
  });
}

export function why(id: string, { json }: Json): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { peer, username, events, waiting } = await messenger.call('why', { id });
    if (json !== true) {
      printLines(lifeLines(events, taggedName({ id: peer, username }), waiting));
      return;
    }
    for (const event of events) printJson(event);
    if (waiting === null) return;
    const { cause, lastSeen, address, nextTryMs, failure } = waiting;
    printJson({ event: 'waiting', at: new Date().toISOString(), cause, lastSeen, address, nextTryMs, failure });
  });
}
