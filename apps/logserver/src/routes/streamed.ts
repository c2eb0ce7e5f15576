import { Readable } from 'node:stream';
import type { Logger } from '@earshot/runtime';
import type { FastifyReply } from 'fastify';
import { batches } from '../export/batches.js';

/**
 * Sends text as it is made, no faster than it is taken. It is not begun for HEAD. When it fails in the middle, the
 * connection is cut, so that half a file does not look like a whole one.
 */
export function sendStreamed(
  reply: FastifyReply,
  contentType: string,
  pieces: Iterable<string>,
  log: Logger,
): FastifyReply {
  const stream = Readable.from(reply.request.method === 'HEAD' ? [] : batches(pieces));
  stream.once('error', (err) => {
    log.warn('stream cut short', { err });
  });
  return reply.type(contentType).send(stream);
}
