import { AWAY_AFTER_MS } from '@earshot/protocol';
import type { DiscoveryContract, ReplyOf } from '@earshot/protocol/ipc';
import type { Skipped } from './network/interfaces.js';
import type { Link } from './network/link.js';

/** What `interfaces` answers: for a person who wonders why nobody is around. */
export function reportInterfaces(
  links: readonly Link[],
  announcing: boolean,
  nowMs: number,
  skipped: readonly Skipped[],
): ReplyOf<DiscoveryContract, 'interfaces'> {
  return {
    announcing,
    items: links.map(({ at, lastSent, heardSelfMs, errors }) => ({
      name: at.name,
      ip: at.ip,
      broadcast: at.broadcast,
      lastSent,
      // For as long as a peer would take us for present.
      hearsItself: nowMs - heardSelfMs < AWAY_AFTER_MS,
      errors: Object.fromEntries(errors),
    })),
    skipped: [...skipped],
  };
}
