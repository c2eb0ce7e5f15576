/** Who is in the list, in which order, and how they are called. */
import { foldName, sameName } from '@earshot/protocol';
import { taggedName } from '../text/lines.js';
import { sanitizeName } from '../text/sanitize.js';
import { conversationWith, type Conversation, type Model } from './model.js';

/** How often each name is there, whatever its spelling; worked out once for each list of people. */
const counted = new WeakMap<Model['peers'], ReadonlyMap<string, number>>();

function countsOf(peers: Model['peers']): ReadonlyMap<string, number> {
  let counts = counted.get(peers);
  if (counts === undefined) {
    const fresh = new Map<string, number>();
    for (const { username } of peers.values()) {
      const name = foldName(username);
      fresh.set(name, (fresh.get(name) ?? 0) + 1);
    }
    counts = fresh;
    counted.set(peers, counts);
  }
  return counts;
}

/** The name, with its tag where two share it. */
export function nameOf(model: Model, peerId: string): string {
  const peer = model.peers.get(peerId);
  if (peer === undefined) return peerId.slice(0, 10);
  const isShared = (countsOf(model.peers).get(foldName(peer.username)) ?? 0) > 1;
  return isShared || sameName(peer.username, model.username ?? '') ? taggedName(peer) : sanitizeName(peer.username);
}

/**
 * Who stands in the list: whom there are messages with, the newest first when this console began, those who came since below them,
 * and then who else is around. Nobody changes their place while one looks, or Alt+1 would mean somebody else each time. Blocked
 * people and users of the original program cannot be talked with.
 */
export function listed(model: Model): string[] {
  const rank = new Map<string, number>();
  for (const one of model.conversations.values())
    if (hasBegun(one) || model.open === one.peer) rank.set(one.peer, one.rank ?? (one.lastMs || -Infinity));
  for (const { id, presence, trust } of model.peers.values())
    if (id !== null && !rank.has(id) && presence === 'online' && trust !== 'blocked') rank.set(id, -Infinity);
  const nameFor = (id: string) => model.peers.get(id)?.username ?? id;
  const isBlocked = (id: string) => model.peers.get(id)?.trust === 'blocked' && model.open !== id;
  return [...rank]
    .filter(([id]) => !isBlocked(id))
    .sort(([a, above], [b, below]) => (above === below ? (nameFor(a) < nameFor(b) ? -1 : 1) : below - above))
    .map(([id]) => id);
}

function hasBegun({ lastMs, unread }: Conversation): boolean {
  return lastMs > 0 || unread > 0;
}

/** The place of a conversation that has begun just now: below all that have one. */
export function rankBelow({ conversations }: Model): number {
  return Math.min(0, ...[...conversations.values()].map(({ rank }) => rank ?? 0)) - 1;
}

/** Where there is something new: requests of strangers first, then what waits longest. */
export function withActivity(model: Model): string[] {
  const isRequest = (id: string) => (model.peers.get(id)?.trust === 'new' ? 0 : 1);
  return listed(model)
    .filter((id) => conversationWith(model, id).unread > 0)
    .reverse()
    .sort((a, b) => isRequest(a) - isRequest(b));
}

/** Everybody whose name holds these letters in this order, those that begin with them first. */
export function matching(model: Model, letters: string): string[] {
  const wanted = letters.normalize('NFC').toLowerCase();
  const order = listed(model);
  const place = new Map(order.map((id, index) => [id, index]));
  const all = new Set([...order, ...[...model.peers.values()].flatMap(({ id }) => id ?? [])]);
  const scored = [...all].flatMap((id) => {
    const name = nameOf(model, id).toLowerCase();
    const score = name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : isSpread(wanted, name) ? 2 : -1;
    return score < 0 ? [] : [{ id, score }];
  });
  return scored
    .sort((a, b) => a.score - b.score || (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0)
    .map(({ id }) => id);
}

function isSpread(wanted: string, name: string): boolean {
  let at = 0;
  for (const letter of wanted) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Whom a name means, with its tag or without where only one has it; undefined for nobody, or more than one. */
export function peerNamed(model: Model, name: string): string | undefined {
  const wanted = name.replace(/^@/, '');
  const found = [...model.peers.values()].filter(
    (peer) => peer.id !== null && (taggedName(peer) === wanted || sameName(peer.username, wanted)),
  );
  return found.length === 1 ? (found[0]?.id ?? undefined) : undefined;
}
