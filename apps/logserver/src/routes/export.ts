import { peerId } from '@earshot/protocol/ipc';
import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormatName } from '../export/formats.js';
import { parseQuery } from './query.js';
import { READ, type HttpApp, type RouteParts } from './server-parts.js';
import { sendStreamed } from './streamed.js';

const format = z.enum(Object.keys(EXPORT_FORMATS) as ExportFormatName[]).default('json');

/** A whole conversation as a file. */
export function exportRoutes(app: HttpApp, { history, log }: RouteParts): void {
  app.route({
    method: READ,
    url: '/api/v1/export',
    handler: (request, reply) => {
      const chosen = parseQuery({ peer: peerId, format }, request.query);
      const { contentType, write } = EXPORT_FORMATS[chosen.format];
      // Before the headers are out, so that a history that is not there is said so.
      history.read((reader) => reader.lastSeq());
      void reply.header(
        'Content-Disposition',
        `attachment; filename="earshot-${chosen.peer.slice(0, 10)}.${chosen.format}"`,
      );
      const messages = history.readEach((reader) => reader.iterateConversation(chosen.peer));
      return sendStreamed(reply, contentType, write(messages), log);
    },
  });
}
