import { z } from 'zod';
import { EventStream } from '../events/event-stream.js';
import { HttpError } from '../http/errors.js';
import { parseQuery } from './query.js';
import { READ, type HttpApp, type RouteParts } from './server-parts.js';

/**
 * What happens, as it happens, after `Last-Event-ID` or from now on. With `?peers=true` also how people are otherwise than
 * before, which most readers of messages do not ask for.
 */
export function eventRoutes(app: HttpApp, { history, feed, eventTimes, log }: RouteParts): void {
  app.route({
    method: READ,
    url: '/api/v1/events',
    handler: (request, reply) => {
      const { peers } = parseQuery({ peers: z.literal('true').optional() }, request.query);
      const after = startOf(
        request.headers['last-event-id'],
        history.read((reader) => reader.lastSeq()),
      );
      void reply.hijack();
      const response = reply.raw;
      // Not for the ordinary time limit: the stream has its own.
      request.socket.setTimeout(0);
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      const stream = new EventStream(response, {
        ...eventTimes,
        after,
        changes: (from, limit) => history.read((reader) => reader.changes(from, limit)),
        log,
      });
      response.once(
        'close',
        feed.onWake(() => {
          stream.wake();
        }),
      );
      if (peers === undefined) return;
      response.once(
        'close',
        feed.people.onChange((person) => {
          stream.tell(person);
        }),
      );
    },
  });
}

function startOf(lastEventId: string | string[] | undefined, lastSeq: number): number {
  if (lastEventId === undefined) return lastSeq;
  if (typeof lastEventId !== 'string' || !/^\d{1,15}$/.test(lastEventId)) {
    throw new HttpError('bad-request', 'Last-Event-ID must be the id of an event');
  }
  // An older copy of the history was restored: to wait for its feed to get there would lose what comes until then.
  if (Number(lastEventId) > lastSeq) {
    throw new HttpError('unknown-position', 'the history does not reach that far: read it again from the start');
  }
  return Number(lastEventId);
}
