/** The methods that every service answers beside those of its contract (ipc-v1.md §6). */
import { healthReply } from '@earshot/protocol/ipc';
import { z } from 'zod';
import { instanceId } from './frames.js';

const position = z.object({
  instance: instanceId,
  /** Of the newest event published, 0 before the first. */
  sequence: z.int().nonnegative(),
});
/** A point in the events of one instance of a service. */
export type Position = z.infer<typeof position>;

export const standardMethods = {
  health: { request: z.object({}), reply: healthReply },
  /** Where the events stand: shows a subscriber that the newest ones never reached it. */
  position: { request: z.object({}), reply: position },
  /** The events that build the state as it was at the position, in pages. */
  snapshot: {
    request: z.object({ cursor: z.string().max(64).optional() }),
    reply: position.extend({
      items: z.array(z.unknown()),
      /** The cursor of the next page; null on the last one. */
      next: z.string().nullable(),
    }),
  },
};
export type StandardMethods = typeof standardMethods;
export type SnapshotPage = z.infer<StandardMethods['snapshot']['reply']>;
