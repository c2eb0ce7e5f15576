/** What discovery offers the other processes. */
import { z } from 'zod';
import { defineService } from './contract.js';
import { rosterEntry } from './entities.js';

export const discoveryContract = defineService({
  name: 'discovery',
  methods: {
    /** The interfaces in use, and what each path of each last did. */
    interfaces: {
      request: z.object({}),
      reply: z.object({
        announcing: z.boolean(),
        items: z.array(
          z.object({
            name: z.string(),
            ip: z.ipv4(),
            broadcast: z.string(),
            lastSent: z.iso.datetime().nullable(),
            /** Our own announcement came back on it. */
            hearsItself: z.boolean(),
            /** errno name of the last failure per path; absent when it works. */
            errors: z.record(z.string(), z.string()),
          }),
        ),
      }),
    },
  },
  event: z.discriminatedUnion('event', [
    /** Somebody appeared, changed, moved, or went away (presence `away`). */
    z.object({ event: z.literal('roster'), ...rosterEntry.shape }),
    /** Forgotten to make room, or long gone. */
    z.object({ event: z.literal('roster.removed'), key: z.string() }),
  ]),
});
export type DiscoveryContract = typeof discoveryContract;
