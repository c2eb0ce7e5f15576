import type { FastifyInstance } from 'fastify';
import type { Logger } from '@earshot/runtime';
import type { LiveFeed } from '../events/live-feed.js';
import type { HistoryAccess } from '../history/history-access.js';

export type HttpApp = FastifyInstance;

/** What the routes work with. */
export interface RouteParts {
  readonly history: HistoryAccess;
  readonly feed: LiveFeed;
  readonly eventTimes: EventTimes;
  readonly log: Logger;
}

export interface EventTimes {
  /** A comment this often, so that both sides notice when the other is gone. */
  readonly heartbeatMs: number;
  /** How long a reader may leave us with more than fits in its buffers. */
  readonly drainMs: number;
}

/** Every route is for both: Node leaves the body out of an answer to HEAD. */
export const READ: ['GET', 'HEAD'] = ['GET', 'HEAD'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no token. */
    public?: boolean;
  }
}
