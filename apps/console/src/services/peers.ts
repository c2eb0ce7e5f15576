/** Whom the user means. */
import { IpcError } from '@earshot/protocol';
import type { Peer } from '@earshot/protocol/ipc';
import { EXIT } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { taggedName } from '../text/lines.js';
import { sentenceFor } from '../text/messages.js';
import { sanitizeLine } from '../text/sanitize.js';
import type { Messenger } from './connection.js';

/** The longest query that the messenger takes. */
const QUERY_MAX = 256;

/** A peer with an identity, which everybody but a legacy peer has. */
export type IdentifiedPeer = Peer & { readonly id: string };

/**
 * The one peer that a name, `name#tag` or id prefix stands for. Somebody blocked is meant only where nobody else can be, so
 * that whoever took another's name and was blocked for it is no longer in the way; to unblock, the other way round.
 */
export async function resolvePeer(
  messenger: Messenger,
  query: string,
  prefer: 'not-blocked' | 'blocked' = 'not-blocked',
): Promise<IdentifiedPeer> {
  if (query === '' || query.length > QUERY_MAX)
    throw new CommandError(EXIT.usage, 'give a username, name#tag or peer id');
  const { items } = await messenger.call('resolve', { query });
  const preferred = items.filter(({ trust }) => (trust === 'blocked') === (prefer === 'blocked'));
  const candidates = preferred.length > 0 ? preferred : items;
  const [peer, ...others] = candidates;
  if (peer === undefined)
    throw new CommandError(EXIT.unknownPeer, `${sanitizeLine(query)}: ${sentenceFor('unknown-peer')}`);
  if (others.length > 0) throw new CommandError(EXIT.unknownPeer, ambiguous(candidates));
  const { id } = peer;
  if (id === null) throw new IpcError('legacy-peer');
  return { ...peer, id };
}

function ambiguous(candidates: readonly Peer[]): string {
  const lines = candidates.map((p) => {
    const mark = p.trust === 'verified' || p.trust === 'accepted' ? '*' : ' ';
    const warning = p.namesakeOf === undefined ? '' : '  ! NOT the one you know';
    return `  ${mark} ${taggedName(p)}  ${p.trust}  ${p.address || 'no address'}  last seen ${p.lastSeen}${warning}`;
  });
  return [sentenceFor('ambiguous-peer'), ...lines].join('\n');
}

/** Every peer known. */
export async function allPeers(messenger: Messenger): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: { items: Peer[]; next: number | null } = await messenger.call('peers', { after });
    peers.push(...page.items);
    after = page.next;
  }
  return peers;
}
