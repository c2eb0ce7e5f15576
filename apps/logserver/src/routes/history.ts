import { PAGE_MAX_ROWS } from '@earshot/protocol';
import { messageId, peerId } from '@earshot/protocol/ipc';
import { z } from 'zod';
import { limit, parseQuery } from './query.js';
import { READ, type HttpApp, type RouteParts } from './server-parts.js';

/** Conversations, their messages, and search: pages of `{items, next}`. */
export function historyRoutes(app: HttpApp, { history, feed }: RouteParts): void {
  app.route({
    method: READ,
    url: '/api/v1/conversations',
    handler: ({ query }) => {
      const { before } = parseQuery({ before: peerId.optional() }, query);
      const all = history.read((reader) => reader.conversations());
      const start = before === undefined ? 0 : all.findIndex(({ peer }) => peer === before) + 1;
      const items = all.slice(start, start + PAGE_MAX_ROWS).map((conversation) => ({
        ...conversation,
        namesakeOf: feed.people.namesakeOf(conversation.peer),
        claims: feed.people.claimsOn(conversation.peer),
      }));
      return { items, next: start + items.length < all.length ? (items.at(-1)?.peer ?? null) : null };
    },
  });

  app.route({
    method: READ,
    url: '/api/v1/conversations/:peer/messages',
    handler: ({ params, query }) => {
      const { peer } = parseQuery({ peer: peerId }, params);
      const page = parseQuery({ before: messageId.optional(), limit }, query);
      return history.read((reader) => reader.page(peer, page));
    },
  });

  app.route({
    method: READ,
    url: '/api/v1/search',
    handler: ({ query }) => {
      const { q, ...options } = parseQuery({ q: z.string().min(1), peer: peerId.optional(), limit }, query);
      return { items: history.read((reader) => reader.search(q, options)), next: null };
    },
  });
}
