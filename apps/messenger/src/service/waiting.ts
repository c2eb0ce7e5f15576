/** Why messages for a peer are not delivered yet: the one answer out of what delivery, dialler and directory know. */
import type { Peer, Waiting } from '@earshot/protocol/ipc';
import type { Delivery } from '../delivery/delivery.js';
import type { Dialler } from '../net/dialler.js';
import type { Directory } from '../peers/directory.js';
import type { SessionRegistry } from '../session/session-registry.js';

export interface WaitingParts {
  readonly delivery: Pick<Delivery, 'standingOf'>;
  readonly registry: Pick<SessionRegistry, 'current'>;
  readonly dialler: Pick<Dialler, 'stateOf'>;
  readonly directory: Pick<Directory, 'addressesOf'>;
}

/** @param peer one that messages wait for, so with an identity */
export function waitingFor(peer: Peer, parts: WaitingParts): Waiting {
  const { id, username, lastSeen } = peer;
  if (id === null) throw new Error('bug: nothing waits for a legacy peer');
  const [address = ''] = parts.directory.addressesOf(id);
  return { peer: id, username, cause: causeFor(id, peer, parts), lastSeen, address, ...parts.dialler.stateOf(id) };
}

/** From what no waiting would cure to what is a matter of moments. */
function causeFor(id: string, { trust, presence }: Peer, { delivery, registry }: WaitingParts): Waiting['cause'] {
  const standing = delivery.standingOf(id);
  if (standing === 'store-failed') return standing;
  if (trust === 'blocked') return 'blocked';
  if (standing !== 'none') return standing;
  // A session that is not through its beginning: a sign of life, whatever discovery says.
  if (registry.current(id) !== undefined) return 'dialling';
  if (trust === 'new') return 'not-accepted';
  return presence === 'away' ? 'away' : 'dialling';
}
