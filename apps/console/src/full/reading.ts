/** What is read, what is new, and where in a conversation one is. Pure. */
import { UNREAD_COUNTED_MAX } from '@earshot/protocol';
import type { Message, Unread } from '@earshot/protocol/ipc';
import { entriesOf, indexOfMessage } from './conversation/entries.js';
import type { RowContext } from './conversation/rows.js';
import { placeAt, scrolled, see, type Entries, type Place } from './conversation/viewport.js';
import { layoutOf } from './layout.js';
import {
  conversationWith,
  step,
  withConversation,
  type Conversation,
  type FullEvent,
  type Model,
  type Step,
} from './model.js';
import { typedFor } from '../slash/parse.js';
import { nameOf } from './people.js';

/** Rows of the page before that stay on the screen. */
const OVERLAP = 2;
/** Messages on either side of what is seen before more are asked for. */
const LOAD_AHEAD = 20;
/** As far back as a screen goes: the log has the rest. */
const LOADED_MAX = 20_000;
/** Of what was written in a conversation, as far as keys bring it back. */
export const WRITTEN_MAX = 100;

function contextFor(model: Model, conversation: Conversation): RowContext {
  const { overlay } = model;
  return {
    columns: layoutOf(model).pane,
    name: nameOf(model, conversation.peer),
    isImpostor: model.peers.get(conversation.peer)?.namesakeOf !== undefined,
    unreadFrom: conversation.unreadFrom,
    match: overlay?.kind === 'find' ? overlay.editor.text.toLowerCase() : '',
  };
}

export function entriesFor(model: Model, conversation: Conversation): Entries {
  return entriesOf(conversation, model.pending, contextFor(model, conversation));
}

/** Opens a conversation: the one that was open is read, and keeps its place. */
export function openConversation(model: Model, peer: string): Step {
  if (model.open === peer) return step({ ...model, overlay: null });
  let next = leave(model);
  const conversation = conversationWith(next, peer);
  const unreadFrom = firstUnread(conversation) ?? null;
  next = withConversation({ ...next, open: peer, overlay: null, completion: null, mayQuit: false }, peer, {
    unreadFrom,
  });
  return loadWhatIsMissing(markSeen(next));
}

/** The line that says what is new has been seen, and what was loaded to be read is not kept for it. */
function leave(model: Model): Model {
  if (model.open === null) return model;
  return withConversation(model, model.open, {
    unreadFrom: null,
    seeking: null,
    ...kept(conversationWith(model, model.open), KEPT_ELSEWHERE),
  });
}

/** Messages that stay loaded where one follows what comes, and in a conversation that is not open. */
const KEPT_MAX = 2_000;
const KEPT_ELSEWHERE = 200;

/** The newest of its messages, as long as nothing further back is looked at: a screen may be open for months. */
export function kept(conversation: Conversation, most = KEPT_MAX): Partial<Conversation> {
  const { messages, place, isWhole, seeking } = conversation;
  // Going back further is under way.
  if (seeking !== null || firstUnread(conversation) === undefined) return { messages, isWhole };
  // Some more, so that not every message cuts.
  if (place !== 'bottom' || messages.length <= most * 1.25) return { messages, isWhole };
  return { messages: messages.slice(-most), isWhole: false };
}

/**
 * Null where nothing is unread, or it is still to come; undefined where it begins before what is loaded. It is what follows the
 * message that was read last; where that is not loaded, as many as there are, from the end.
 */
function firstUnread({ messages, unread, readUpTo, isWhole }: Conversation): string | null | undefined {
  if (unread === 0) return null;
  const readAt = messages.findLastIndex(({ id }) => id === readUpTo);
  if (readAt >= 0) return messages.slice(readAt + 1).find(({ direction }) => direction === 'received')?.id ?? null;
  // There may be more than were counted: then only the message that was read last tells.
  const isCounted = unread < UNREAD_COUNTED_MAX;
  let first: string | undefined;
  let left = isCounted ? unread : Infinity;
  for (let index = messages.length - 1; index >= 0 && left > 0; index--) {
    const message = messages[index];
    if (message?.direction !== 'received') continue;
    first = message.id;
    left--;
  }
  return left === 0 || isWhole || messages.length >= LOADED_MAX ? (first ?? null) : undefined;
}

/** What is at the end of the open conversation is seen, and so read. */
export function markSeen(model: Model): Model {
  if (model.open === null) return model;
  const conversation = conversationWith(model, model.open);
  const { place, messages, readUpTo, unread } = conversation;
  const newest = messages.at(-1);
  // Of what is not loaded yet nothing was seen.
  if (place !== 'bottom' || newest === undefined || firstUnread(conversation) === undefined) return model;
  if (newest.id === readUpTo && unread === 0) return model;
  return withConversation(model, model.open, { readUpTo: newest.id, unread: 0, below: 0 });
}

/** The user says so, of these. */
export function markRead(model: Model, peers: readonly string[]): Step {
  const next = peers.reduce((now, peer) => withConversation(now, peer, { unread: 0, unreadFrom: null }), model);
  return step(next, ...peers.map((peer) => ({ do: 'read' as const, peer })));
}

export function markAllRead(model: Model): Step {
  const unread = [...model.conversations.values()].filter((one) => one.unread > 0);
  return markRead(
    model,
    unread.map(({ peer }) => peer),
  );
}

/** What is unread in a conversation now, as the messenger says, whichever screen it was read on. */
export function unreadCame(model: Model, { peer, messages: unread, readUpTo }: Unread): Model {
  if (unread === 0 && !model.conversations.has(peer)) return model;
  return markSeen(withConversation(model, peer, { unread, readUpTo }));
}

export function scroll(model: Model, by: 'page-up' | 'page-down' | 'top' | 'bottom' | number): Step {
  if (model.open === null) return step(model);
  const isBack = by === 'page-up' || by === 'top' || (typeof by === 'number' && by < 0);
  if (isBack && conversationWith(model, model.open).clearedUpTo !== null)
    return loadWhatIsMissing(withConversation(model, model.open, { clearedUpTo: null }));
  if (conversationWith(model, model.open).seeking !== null)
    return scroll(withConversation(model, model.open, { seeking: null }), by);
  const conversation = conversationWith(model, model.open);
  const entries = entriesFor(model, conversation);
  const { height } = layoutOf(model);
  const page = Math.max(1, height - OVERLAP);
  const place: Place =
    by === 'bottom'
      ? 'bottom'
      : by === 'top'
        ? placeAt(entries, 0, height)
        : scrolled(entries, conversation.place, by === 'page-up' ? -page : by === 'page-down' ? page : by, height);
  return goTo(model, place);
}

function goTo(model: Model, place: Place): Step {
  if (model.open === null) return step(model);
  return loadWhatIsMissing(
    markSeen(withConversation(model, model.open, { place, ...(place === 'bottom' ? { below: 0 } : {}) })),
  );
}

/** A message of the open conversation in the upper part of the screen. */
export function showMessage(from: Model, id: string): Step {
  if (from.open === null) return step(from);
  const notice = conversationWith(from, from.open).seeking === null ? from.notice : null;
  const model = withConversation({ ...from, notice }, from.open, { clearedUpTo: null, seeking: null });
  const entries = entriesFor(model, conversationWith(model, from.open));
  const { height } = layoutOf(model);
  const index = entries.indexOf(id);
  if (index < 0) return step(model);
  const above = placeAt(entries, index, height);
  return goTo(model, above === 'bottom' ? above : scrolled(entries, above, -Math.floor(height / 3), height));
}

/** A message that is not loaded yet, however far back. */
export function seek(model: Model, id: string): Step {
  if (model.open === null) return step(model);
  const conversation = conversationWith(model, model.open);
  return sought(withConversation(model, model.open, { seeking: id }), conversation, id);
}

function sought(model: Model, { peer, messages, isWhole }: Conversation, id: string): Step {
  if (messages.some((message) => message.id === id)) return showMessage(model, id);
  if (!isWhole && messages.length < LOADED_MAX)
    return loadWhatIsMissing({ ...model, notice: { text: 'Going back to it …', isWarning: false } });
  const text = 'It is too far back for this screen: `earshot logs --open` has it.';
  return step({ ...withConversation(model, peer, { seeking: null }), notice: { text, isWarning: true } });
}

export function toUnread(model: Model): Step {
  const id = model.open === null ? null : conversationWith(model, model.open).unreadFrom;
  return id === null
    ? step({ ...model, notice: { text: 'Nothing new here.', isWarning: false } })
    : showMessage(model, id);
}

/** Asks for older messages where the beginning of what is loaded is near, or what is new begins before it. */
export function loadWhatIsMissing(model: Model): Step {
  if (model.open === null || model.messenger !== 'up') return step(model);
  const conversation = conversationWith(model, model.open);
  const { isWhole, isLoading, messages } = conversation;
  if (isWhole || isLoading || messages.length >= LOADED_MAX) return step(model);
  if (conversation.seeking === null && firstUnread(conversation) !== undefined) {
    if (conversation.clearedUpTo !== null) return step(model);
    const { first } = see(entriesFor(model, conversation), conversation.place, layoutOf(model).height);
    if (first > LOAD_AHEAD) return step(model);
  }
  const before = conversation.messages[0]?.id ?? null;
  return step(withConversation(model, model.open, { isLoading: true }), {
    do: 'load',
    peer: model.open,
    before,
    generation: conversation.generation,
  });
}

/** Messages are gone, and with them what was written here: what is left is read anew. */
export function forgotten(model: Model, peer: string): Step {
  const generation = conversationWith(model, peer).generation + 1;
  const next = withConversation({ ...model, overlay: overlayWithout(model.overlay, peer) }, peer, {
    messages: [],
    isWhole: false,
    isLoading: true,
    generation,
    seeking: null,
    place: 'bottom',
    below: 0,
    unreadFrom: null,
    lastMs: 0,
    written: [],
    recalled: null,
  });
  return step(next, { do: 'load', peer, before: null, generation });
}

/** Without the messages of somebody. */
function overlayWithout(overlay: Model['overlay'], peer: string): Model['overlay'] {
  const others = (messages: readonly Message[]) => messages.filter((message) => message.peer !== peer);
  if (overlay?.kind === 'search' && overlay.results !== null)
    return { ...overlay, results: others(overlay.results), selected: 0 };
  return overlay?.kind === 'outbox' ? { ...overlay, items: others(overlay.items), selected: 0 } : overlay;
}

/** What the user wrote, for the keys that bring it back: an earlier run's is in the conversation. */
function writtenIn(messages: readonly Message[]): string[] {
  return messages
    .filter(({ direction, text }) => direction === 'sent' && text !== null)
    .slice(-WRITTEN_MAX)
    .map(({ text }) => typedFor(text ?? ''));
}

/** A page that was asked for has come. */
export function pageCame(model: Model, page: Extract<FullEvent, { type: 'page' }>): Step {
  const { peer, before, items, isWhole } = page;
  const conversation = conversationWith(model, peer);
  const known = conversation.messages;
  if (page.generation !== conversation.generation) return step(model);
  // Asked for when nothing was known: what came meanwhile is in it, or behind it.
  const have = new Set(items.map(({ id }) => id));
  if (before !== null && known[0]?.id !== before) {
    const next = withConversation(model, peer, { isLoading: false });
    return model.open === peer ? loadWhatIsMissing(next) : step(next);
  }
  const messages = [...items, ...known.filter(({ id }) => !have.has(id))];
  const lastMs = Math.max(conversation.lastMs, Date.parse(messages.at(-1)?.committedAt ?? '') || 0);
  // Where one was may lie further back than what is loaded.
  const { place } = conversation;
  const isLost = place !== 'bottom' && place.key !== 'top' && indexOfMessage(messages, place.key) < 0;
  let next = withConversation(model, peer, {
    messages,
    isWhole,
    isLoading: false,
    lastMs,
    ...(conversation.written.length === 0 ? { written: writtenIn(messages) } : {}),
    ...(isLost ? { place: 'bottom' as const } : {}),
  });
  if (model.open !== peer) return step(next);
  const loaded = conversationWith(next, peer);
  if (loaded.seeking !== null) return sought(next, loaded, loaded.seeking);
  if (loaded.unreadFrom === null) next = withConversation(next, peer, { unreadFrom: firstUnread(loaded) ?? null });
  return loadWhatIsMissing(markSeen(next));
}
