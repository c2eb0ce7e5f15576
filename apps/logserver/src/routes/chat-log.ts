import type { Message } from '@earshot/protocol/ipc';
import { jsonArray } from '../export/batches.js';
import { HttpError } from '../http/errors.js';
import { parseQuery } from './query.js';
import { READ, type HttpApp, type RouteParts } from './server-parts.js';
import { sendStreamed } from './streamed.js';

/** The chat log at the address and in the shape of the program that this one re-creates. */
export function chatLogRoute(app: HttpApp, { history, log }: RouteParts): void {
  app.route<{ Params: { file: string } }>({
    method: READ,
    url: '/:file',
    handler: (request, reply) => {
      const username = history.read((reader) => reader.username());
      if (username === null || request.params.file !== `${username}_chat_log.json`) {
        throw new HttpError('not-found', 'there is nothing here');
      }
      parseQuery({}, request.query);
      const entries = history.readEach((reader) => entriesOf(reader.iterateAll()));
      return sendStreamed(reply, 'application/json; charset=utf-8', jsonArray(entries), log);
    },
  });
}

function* entriesOf(messages: Iterable<Message>): Generator<object, void, undefined> {
  for (const { committedAt, direction, text } of messages) {
    yield { timestamp: committedAt, direction: direction === 'sent' ? 'SENT' : 'RECEIVED', message: text };
  }
}
