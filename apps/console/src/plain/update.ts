/**
 * The line console's mind. Pure: what happens goes in; lines to print and effects to carry out come back.
 *
 *   starting ──snapshot──▶ up ⇄ down
 *
 * Lines are carried out in order, one after the other, while the messenger is up. Otherwise they are kept, but for those
 * that need no messenger. The terminal and the services are in console.ts.
 */
import type { Peer } from '@earshot/protocol/ipc';
import type { NotifyLevel } from '../slash/commands.js';
import { countOf, notTheOne, requestLine } from '../text/lines.js';
import { sanitizeName } from '../text/sanitize.js';
import { trustInWords } from '../text/trust.js';
import { step, type Model, type PlainEvent, type Step } from './model.js';
import { greeting, messageInLine, nameOf, noticeLines } from './screen.js';
import { interpret, isLocal } from './typed.js';

const RING_INTERVAL_MS = 2_000;

export function update(model: Model, event: PlainEvent): Step {
  const next = apply(model, event);
  if (next.effects.length === 0) return next;
  const leaving = next.model.leaving || next.effects.some((effect) => effect.do === 'quit');
  return { ...next, model: { ...next.model, busy: next.model.busy + 1, leaving } };
}

function apply(model: Model, event: PlainEvent): Step {
  switch (event.type) {
    case 'typed':
      return typed(model, event.line);
    case 'input-ended':
      return advance({ ...model, inputEnded: true });
    case 'done': {
      const busy = model.busy - 1;
      return advance({ ...model, busy, current: busy === 0 ? null : model.current });
    }
    case 'reset':
      return step({ ...model, peers: new Map(), peersBefore: model.peers, unread: new Map() });
    case 'up':
      return up(model);
    case 'down':
      return down(model, event.how);
    case 'self':
      return self(model, event.username);
    case 'peer':
      return peerChanged(model, event.peer);
    case 'notice':
      return step(model, noticeLines(model, event));
    case 'requests':
      return requests(model, event.items);
    case 'message':
      return message(model, event);
    case 'state':
      return stateChanged(model, event);
    case 'unread':
      return step(unreadNow(model, event.peer, event.messages));
    case 'forgotten':
      return forgotten(model, event.peer);
    case 'chosen':
      return chosen(model, event.peer);
    case 'read':
      return readNow(model, event.peer);
    case 'notify':
      return notifyChosen(model, event.peer, event.level);
    case 'sending':
      return step({ ...model, mine: new Set(model.mine).add(event.id) });
  }
}

function typed(model: Model, line: string): Step {
  if (model.messenger === 'down') {
    if (isLocal(line)) return interpret(model, line);
    return step({ ...model, waiting: [...model.waiting, line], mayQuit: false }, [
      '  (kept until the messenger is back)',
    ]);
  }
  return advance({ ...model, waiting: [...model.waiting, line] });
}

/** Begins the next lines, up to the first that has to be waited for; and the end, where nothing more can come. */
function advance(model: Model, before: readonly string[] = []): Step {
  // Else the end of the input would be a reason to leave again as soon as leaving is done, and so on without an end.
  if (model.leaving) return step(model, before);
  const lines = [...before];
  let now = model;
  while (now.busy === 0 && now.messenger === 'up') {
    const [line, ...waiting] = now.waiting;
    if (line === undefined) break;
    const next = interpret({ ...now, waiting }, line);
    lines.push(...next.lines);
    // Leaving is done by being begun: it is nothing that could be lost.
    const current = next.effects.some((effect) => effect.do === 'quit') ? null : line;
    if (next.effects.length > 0) return { ...next, model: { ...next.model, current }, lines };
    now = next.model;
  }
  const over =
    now.inputEnded && !now.supervised && now.messenger !== 'starting' && now.busy === 0 && now.waiting.length === 0;
  return step(now, lines, over ? [{ do: 'quit' }] : []);
}

function up(model: Model): Step {
  const next: Model = { ...model, messenger: 'up', greetedAs: model.username, mayQuit: false };
  if (model.greetedAs !== model.username) return advance(next, greeting(next));
  return advance(next, model.messenger === 'down' ? ['* The messenger is back.'] : []);
}

function down(model: Model, how: string): Step {
  const local = model.waiting.filter(isLocal);
  const waiting = model.waiting.filter((line) => !isLocal(line));
  const kept = waiting.length + (model.current === null ? 0 : 1);
  const lines = [
    `! ${how}`,
    kept === 0
      ? '  What you type is kept until it is back.'
      : `  ${countOf(kept, 'line')} you typed are kept until it is back.`,
  ];
  const effects = [];
  let now: Model = { ...model, messenger: 'down', waiting };
  for (const line of local) {
    const next = interpret(now, line);
    now = next.model;
    lines.push(...next.lines);
    effects.push(...next.effects);
  }
  if (effects.length > 0) return step(now, lines, effects);
  return advance(now, lines);
}

function self(model: Model, username: string | null): Step {
  const next = { ...model, username };
  // What a snapshot says is summed up when it is whole.
  if (model.messenger !== 'up' || username === model.greetedAs) return step(next);
  const greeted = { ...next, greetedAs: username };
  if (typeof model.greetedAs === 'string' && username !== null)
    return step(greeted, [`You are ${sanitizeName(username)} now.`]);
  return step(greeted, greeting(greeted));
}

function peerChanged(model: Model, peer: Peer): Step {
  const key = peer.id ?? `legacy ${peer.address} ${peer.username}`;
  const before = model.peers.get(key) ?? model.peersBefore.get(key);
  const next = { ...model, peers: new Map(model.peers).set(key, peer) };
  const first = model.greetedAs === undefined || model.greetedAs === null || peer.trust === 'blocked';
  const same = before === undefined ? peer.presence === 'away' : before.presence === peer.presence;
  if (first || same) return step(next);
  const name = peer.id === null ? sanitizeName(peer.username) : nameOf(next, key);
  const legacy = peer.trust === 'legacy' ? ` (${trustInWords('legacy')})` : '';
  return step(next, [peer.presence === 'online' ? `* ${name} is here${legacy}` : `* ${name} is away`]);
}

/** What strangers wrote before this console began, of those whom the user was not told of. */
function requests(model: Model, items: Extract<PlainEvent, { type: 'requests' }>['items']): Step {
  const news = items.filter(({ peer }) => peer.id !== null && !model.introduced.has(peer.id));
  const introduced = new Set([...model.introduced, ...news.flatMap(({ peer }) => peer.id ?? [])]);
  return step(
    { ...model, introduced },
    news.map(({ peer, messages }) => requestLine(nameOf(model, peer.id ?? ''), messages)),
  );
}

function message(model: Model, { message, at, columns }: Extract<PlainEvent, { type: 'message' }>): Step {
  if (message.direction === 'sent') {
    const peer = model.peers.get(message.peer);
    const away =
      message.state === 'queued' && peer?.presence === 'away'
        ? [`  (queued: ${nameOf(model, message.peer)} is away, and gets it on coming back)`]
        : [];
    const typedHere = model.mine.has(message.id) && !model.echo;
    return step(model, [...(typedHere ? [] : [messageInLine(model, message, at, columns)]), ...away]);
  }
  const lines = [messageInLine(model, message, at, columns)];
  const name = nameOf(model, message.peer);
  const stranger = model.peers.get(message.peer)?.trust === 'new';
  if (stranger && !model.introduced.has(message.peer))
    lines.push(`  ${name} is new to you: /accept ${name} or /block ${name}. Writing back accepts.`);
  const introduced = stranger ? new Set(model.introduced).add(message.peer) : model.introduced;
  if (isFollowed(model, message.peer)) return step({ ...model, introduced }, lines);
  return ring({ ...model, introduced }, message.peer, at, lines);
}

/** What comes from whoever is chosen is read as it comes. Under the supervisor nobody may be looking. */
export function isFollowed({ chosen, supervised }: Model, peer: string): boolean {
  return chosen === peer && !supervised;
}

function unreadNow(model: Model, peer: string, messages: number): Model {
  const unread = new Map(model.unread);
  if (messages === 0 || isFollowed(model, peer)) unread.delete(peer);
  else unread.set(peer, messages);
  return { ...model, unread };
}

/** A bell is all that a line can carry of a notification. On a terminal only: in a pipe it would be a character of the text. */
function ring(model: Model, peer: string, at: Date, lines: readonly string[]): Step {
  const silent =
    model.echo || model.supervised || levelOf(model, peer) === 'off' || model.peers.get(peer)?.trust === 'blocked';
  // Whoever writes ten lines rings once.
  if (silent || at.getTime() - model.rangAt < RING_INTERVAL_MS) return step(model, lines);
  return step({ ...model, rangAt: at.getTime() }, lines, [{ do: 'bell' }]);
}

function levelOf({ notify, notifyOf }: Model, peer: string): NotifyLevel {
  return notifyOf.get(peer) ?? notify;
}

function notifyChosen(model: Model, peer: string, level: NotifyLevel | undefined): Step {
  const next = level === undefined ? model : { ...model, notifyOf: new Map(model.notifyOf).set(peer, level) };
  const rings = levelOf(next, peer) === 'off' ? 'nothing rings' : 'the bell rings, unless they are the one chosen';
  return step(next, [`When ${nameOf(next, peer)} writes, ${rings} (in this console, until it ends).`]);
}

function stateChanged(model: Model, event: Extract<PlainEvent, { type: 'state' }>): Step {
  // "sent" is not worth a line: it arrives in a moment, or the other side has gone away.
  if (event.state !== 'delivered' && event.state !== 'rejected' && event.state !== 'cancelled') return step(model);
  const mine = new Set(model.mine);
  mine.delete(event.id);
  const name = nameOf(model, event.peer);
  const lines = {
    delivered: `  (delivered to ${name})`,
    rejected: `! ${name} refused a message of yours.`,
    cancelled: `  (taken back: ${name} does not get it)`,
  };
  return step({ ...model, mine }, [lines[event.state]]);
}

/** What stands on the screen stands there: lines cannot be taken back. */
function forgotten(model: Model, peer: string): Step {
  return step(model, [`* Messages with ${nameOf(model, peer)} were erased from this machine.`]);
}

function readNow(model: Model, peer: string): Step {
  return step(unreadNow(model, peer, 0), [`What ${nameOf(model, peer)} wrote is read.`]);
}

function chosen(model: Model, peer: Peer & { id: string }): Step {
  const here = { ...model, chosen: peer.id, peers: new Map(model.peers).set(peer.id, peer) };
  const next = unreadNow(here, peer.id, model.unread.get(peer.id) ?? 0);
  if (model.chosen === peer.id) return step(next);
  const presence = peer.presence === 'online' ? 'online' : 'away: what you write waits for them';
  return step(next, [
    `Talking to ${nameOf(next, peer.id)} (${presence}; ${trustInWords(peer.trust)}).`,
    ...(peer.namesakeOf === undefined ? [] : [`! This is ${notTheOne(peer.namesakeOf)}.`]),
  ]);
}
