/** What discovery offers the other processes. */
import { z } from 'zod';
import { PASSED_ON_MAX } from '../limits.js';
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
        /** Addresses of this machine that nothing is announced on. */
        skipped: z.array(
          z.object({
            name: z.string(),
            ip: z.ipv4(),
            reason: z.enum(['setting', 'link-local', 'virtual']),
          }),
        ),
      }),
    },
    /** Addresses at which somebody may be, as an accepted peer says: asked by unicast, and nobody is present for it. */
    introduce: {
      request: z.object({ ips: z.array(z.ipv4()).max(PASSED_ON_MAX) }),
      reply: z.object({}),
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
