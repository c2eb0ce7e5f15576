/** What the feed brings: messages, what became of them, and whom to tell. Pure. */
import type { Message, MessageState, Peer } from '@earshot/protocol/ipc';
import { notTheOne, taggedName } from '../text/lines.js';
import { sanitizeLine, sanitizeText } from '../text/sanitize.js';
import { claimSeen } from './banners.js';
import { conversationWith, step, withConversation, type Effect, type Model, type Step } from './model.js';
import type { NotifyLevel } from '../slash/commands.js';
import { nameOf, rankBelow } from './people.js';
import { kept, markSeen } from './reading.js';

export function messageCame(model: Model, message: Message): Step {
  const { peer } = message;
  const conversation = conversationWith(model, peer);
  if (conversation.messages.some(({ id }) => id === message.id)) return step(model);
  const isReceived = message.direction === 'received';
  const isFollowed = model.open === peer && conversation.place === 'bottom';
  const isNew = isReceived && !isFollowed;
  const pending = model.pending.filter(({ id }) => id !== message.id);
  let next = withConversation(
    { ...model, pending: pending.length === model.pending.length ? model.pending : pending },
    peer,
    {
      messages: [...conversation.messages, message],
      lastMs: Date.parse(message.committedAt),
      rank: conversation.rank ?? (conversation.lastMs || rankBelow(model)),
      below: conversation.below + (model.open === peer && !isFollowed ? 1 : 0),
      ...(isNew && model.open === peer && conversation.unreadFrom === null ? { unreadFrom: message.id } : {}),
    },
  );
  if (message.direction === 'sent') next = withConversation(next, peer, { unreadFrom: null });
  next = withConversation(next, peer, kept(conversationWith(next, peer)));
  return step(markSeen(next), ...(isNew ? tell(next, message) : []));
}

/** Level of a conversation: its own, or that of all. Of strangers nothing is told but a bell: anybody can write. */
function notifyLevel(model: Model, peer: string): NotifyLevel {
  const own = conversationWith(model, peer).notify ?? model.notify;
  const isStranger = model.peers.get(peer)?.trust === 'new';
  return isStranger && own !== 'off' ? 'bell' : own;
}

function tell(model: Model, message: Message): Effect[] {
  const level = notifyLevel(model, message.peer);
  if (level === 'off') return [];
  if (level === 'bell') return [{ do: 'bell' }];
  const text = level === 'text' ? sanitizeText(message.text ?? '', '').replaceAll('\n', ' ') : 'wrote to you';
  return [{ do: 'bell' }, { do: 'notify', title: nameOf(model, message.peer), text }];
}

export function stateChanged(model: Model, peer: string, id: string, state: MessageState): Model {
  const { messages } = conversationWith(model, peer);
  const index = messages.findLastIndex((one) => one.id === id);
  const message = messages[index];
  if (message === undefined || message.state === state) return model;
  const changed = state === 'cancelled' ? messages.toSpliced(index, 1) : messages.with(index, { ...message, state });
  return withConversation(model, peer, { messages: changed });
}

/** Somebody changed: their name, presence, trust. What that means for a conversation is said in it. */
export function peerCame(model: Model, peer: Peer): Model {
  const { id } = peer;
  const key = id ?? `${peer.address} ${peer.username}`;
  const before = model.peers.get(key);
  const peers = new Map(model.peers).set(key, peer);
  let next: Model = claimSeen({ ...model, peers }, peer);
  if (id === null || before === undefined) return next;
  if (before.username !== peer.username)
    next = remark(next, id, `${sanitizeLine(before.username)} is called ${sanitizeLine(peer.username)} now`, false);
  if (before.presence !== peer.presence && model.open === id)
    next = remark(next, id, `${nameOf(next, id)} is ${peer.presence === 'online' ? 'here' : 'away'}`, false);
  if (before.namesakeOf === undefined && peer.namesakeOf !== undefined)
    next = remark(next, id, `${taggedName(peer)} is ${notTheOne(peer.namesakeOf)}`, true);
  return next;
}

/** A line in a conversation that is no message. */
export function remark(model: Model, peer: string, text: string, isWarning: boolean): Model {
  const { messages, remarks } = conversationWith(model, peer);
  const after = messages.at(-1)?.id ?? null;
  return withConversation(model, peer, { remarks: [...remarks, { after, text, isWarning }].slice(-REMARKS_MAX) });
}

const REMARKS_MAX = 50;
