/**
 * The line console's mind: what a line that was typed, or something that happened, means. Pure: events in; lines to
 * print and effects to carry out come back. The terminal and the services are in run.ts.
 */
import type { Message, MessageState, Peer } from '@earshot/protocol/ipc';
import { taggedName } from '../services/peers.js';
import { sanitizeLine, sanitizeText } from '../text/sanitize.js';
import { COMMANDS, helpLines } from './commands.js';

export interface Model {
  /** Undefined until the messenger has said who we are; null while nobody is registered. */
  readonly username: string | null | undefined;
  readonly suggestedName: string;
  readonly peers: ReadonlyMap<string, Peer>;
  /** Whom a line without a command goes to. */
  readonly chosen: string | null;
  readonly unread: ReadonlyMap<string, number>;
  readonly messengerUp: boolean;
  /** Under the supervisor: nobody may be looking, so nothing counts as read and nothing ends it. */
  readonly supervised: boolean;
}

export type PlainEvent =
  | { readonly type: 'typed'; readonly line: string }
  | { readonly type: 'endOfInput' }
  | { readonly type: 'self'; readonly username: string | null }
  | { readonly type: 'peer'; readonly peer: Peer }
  | { readonly type: 'message'; readonly message: Message; readonly at: Date }
  | { readonly type: 'state'; readonly id: string; readonly peer: string; readonly state: MessageState }
  | { readonly type: 'notice'; readonly code: string; readonly address: string; readonly username: string }
  | { readonly type: 'chosen'; readonly peer: Peer & { readonly id: string } }
  | { readonly type: 'up' }
  | { readonly type: 'down'; readonly how: string };

export type Effect =
  | { readonly do: 'register'; readonly name: string }
  | { readonly do: 'choose'; readonly query: string; readonly thenSend?: string }
  | { readonly do: 'send'; readonly peer: string; readonly text: string }
  | { readonly do: 'history'; readonly peer: string }
  | { readonly do: 'run'; readonly command: 'whois' | 'accept' | 'block' | 'connect'; readonly argument: string }
  | { readonly do: 'status' | 'logs' | 'quit' };

export interface Step {
  readonly model: Model;
  readonly lines: readonly string[];
  readonly effects: readonly Effect[];
}

export function initialModel(suggestedName: string, supervised: boolean): Model {
  return {
    username: undefined,
    suggestedName,
    peers: new Map(),
    chosen: null,
    unread: new Map(),
    messengerUp: false,
    supervised,
  };
}

const step = (model: Model, lines: readonly string[] = [], effects: readonly Effect[] = []): Step => ({
  model,
  lines,
  effects,
});

export function update(model: Model, event: PlainEvent): Step {
  switch (event.type) {
    case 'typed':
      return typed(model, event.line);
    case 'endOfInput':
      return model.supervised ? step(model) : step(model, [], [{ do: 'quit' }]);
    case 'self':
      return self(model, event.username);
    case 'peer':
      return peerChanged(model, event.peer);
    case 'message':
      return message(model, event.message, event.at);
    case 'state':
      return step(model, model.chosen === event.peer ? [`  (${event.state})`] : []);
    case 'notice':
      return step(model, [noticeLine(event)]);
    case 'chosen':
      return chosen(model, event.peer);
    case 'up':
      return step(
        { ...model, messengerUp: true },
        model.messengerUp || model.username === undefined ? [] : ['The messenger is back.'],
      );
    case 'down':
      return step({ ...model, messengerUp: false }, [
        `! ${event.how}`,
        '  What you have typed and sent is kept; it goes on when the messenger is back.',
      ]);
  }
}

/** Where things stand: printed at the start, and for an empty line (whoever attaches sees nothing of what came before). */
export function prompt(model: Model): string[] {
  if (model.username === undefined) return [model.messengerUp ? 'One moment.' : 'Waiting for the messenger.'];
  if (model.username === null) return [question(model)];
  const unread = [...model.unread].map(([id, count]) => `${count} from ${nameOf(model, id)}`);
  const chosen = model.chosen === null ? 'nobody chosen: /msg <name>' : `to ${nameOf(model, model.chosen)}`;
  return [
    `You are ${sanitizeLine(model.username)}; ${chosen}${unread.length > 0 ? `; unread: ${unread.join(', ')}` : ''}. /help lists the commands.`,
  ];
}

/** The name, with its tag where two share it. */
export function nameOf(model: Model, peerId: string): string {
  const peer = model.peers.get(peerId);
  if (peer === undefined) return peerId.slice(0, 10);
  const shared = [...model.peers.values()].some((other) => other.id !== peer.id && other.username === peer.username);
  return shared ? taggedName(peer) : sanitizeLine(peer.username);
}

function question({ suggestedName }: Model): string {
  return `What name should others see? [${suggestedName}]`;
}

function typed(model: Model, raw: string): Step {
  const line = raw.trimEnd();
  if (model.username === undefined) return step(model, prompt(model));
  if (model.username === null && !line.startsWith('/')) {
    // Under the supervisor an empty line is somebody who attached, not somebody who agreed to the suggestion.
    if (line === '' && model.supervised) return step(model, prompt(model));
    return step(model, [], [{ do: 'register', name: line.trim() || model.suggestedName }]);
  }
  if (line === '') return step(model, prompt(model));
  if (line.startsWith('//')) return say(model, line.slice(1));
  if (line.startsWith('/')) return command(model, line);
  const direct = /^@(\S+)\s+(.+)$/s.exec(line);
  if (direct?.[1] !== undefined && direct[2] !== undefined)
    return step(model, [], [{ do: 'choose', query: direct[1], thenSend: direct[2] }]);
  return say(model, line);
}

function say(model: Model, text: string): Step {
  if (model.chosen === null)
    return step(model, ['Nobody is chosen: /msg <name> chooses somebody, @name text writes at once.']);
  return step(model, [], [{ do: 'send', peer: model.chosen, text }]);
}

function command(model: Model, line: string): Step {
  const [word = '', ...rest] = line.slice(1).split(/\s+/);
  const argument = rest.join(' ');
  const known = COMMANDS.find((c) => c.name === word);
  if (known === undefined)
    return step(model, [
      `There is no /${sanitizeLine(word)}. /help lists the commands; // begins a message with a slash.`,
    ]);
  if (known.argument === 'required' && argument === '') return step(model, [`/${known.name} ${known.usage}`]);
  switch (known.name) {
    case 'help':
      return step(model, helpLines());
    case 'peers':
      return step(model, peerLines(model));
    case 'msg': {
      const [query = '', ...text] = rest;
      return step(model, [], [{ do: 'choose', query, ...(text.length > 0 ? { thenSend: text.join(' ') } : {}) }]);
    }
    case 'nick':
      return step(model, [], [{ do: 'register', name: argument }]);
    case 'history':
      if (model.chosen === null) return step(model, ['Nobody is chosen: /msg <name> first.']);
      return step(model, [], [{ do: 'history', peer: model.chosen }]);
    case 'whois':
    case 'accept':
    case 'block':
    case 'connect':
      return step(model, [], [{ do: 'run', command: known.name, argument }]);
    case 'status':
    case 'logs':
      return step(model, [], [{ do: known.name }]);
    case 'quit':
      return model.supervised
        ? step(model, ['This console runs under the supervisor: detach with Ctrl+C.'])
        : step(model, [], [{ do: 'quit' }]);
  }
}

function self(model: Model, username: string | null): Step {
  const next = { ...model, username, messengerUp: true };
  if (username === model.username) return step(next);
  if (username === null)
    return step(next, ['Welcome to Earshot: the people on your network, and nobody in between.', question(next)]);
  const around = [...model.peers.values()].filter((p) => p.presence === 'online').length;
  return step(next, [
    `You are ${sanitizeLine(username)}. ${around === 0 ? 'Nobody else is around yet; they appear by themselves.' : `${around} around: /peers shows them.`} /help lists the commands.`,
  ]);
}

function peerChanged(model: Model, peer: Peer): Step {
  const key = peer.id ?? `legacy ${peer.address}`;
  const before = model.peers.get(key);
  const next = { ...model, peers: new Map(model.peers).set(key, peer) };
  const name = peer.id === null ? sanitizeLine(peer.username) : nameOf(next, key);
  const lines: string[] = [];
  if (model.username && before?.presence !== peer.presence && (before !== undefined || peer.presence === 'online')) {
    const legacy = peer.trust === 'legacy' ? ' (the original program: cannot chat securely)' : '';
    lines.push(peer.presence === 'online' ? `* ${name} is here${legacy}` : `* ${name} is away`);
  }
  return step(next, lines);
}

function message(model: Model, message: Message, at: Date): Step {
  const time = at.toTimeString().slice(0, 5);
  const name = nameOf(model, message.peer);
  const text = message.text === null ? '(needs a newer version of Earshot)' : sanitizeText(message.text);
  if (message.direction === 'sent') return step(model, [`${time} you -> ${name}: ${text}`]);
  const lines = [`${time} ${name}: ${text}`];
  const first = !model.unread.has(message.peer);
  if (model.peers.get(message.peer)?.trust === 'new' && first)
    lines.push(`  ${name} is new to you: /accept ${name} or /block ${name}; writing back accepts.`);
  const read = model.chosen === message.peer && !model.supervised;
  const unread = read
    ? model.unread
    : new Map(model.unread).set(message.peer, (model.unread.get(message.peer) ?? 0) + 1);
  return step({ ...model, unread }, lines);
}

function chosen(model: Model, peer: Peer & { id: string }): Step {
  const unread = new Map(model.unread);
  if (!model.supervised) unread.delete(peer.id);
  const next = { ...model, chosen: peer.id, unread, peers: new Map(model.peers).set(peer.id, peer) };
  const state = peer.presence === 'online' ? 'online' : 'away: what you write waits for them';
  return step(next, [`Talking to ${nameOf(next, peer.id)} (${state}, ${peer.trust}).`]);
}

function peerLines(model: Model): string[] {
  const peers = [...model.peers.entries()].sort(
    ([, a], [, b]) =>
      Number(b.presence === 'online') - Number(a.presence === 'online') || a.username.localeCompare(b.username),
  );
  if (peers.length === 0) return ['Nobody yet. Whoever starts Earshot on this network appears by itself.'];
  return peers.map(([key, peer]) => {
    const unread = model.unread.get(key);
    return `  ${peer.presence.padEnd(6)}  ${peer.id === null ? sanitizeLine(peer.username) : nameOf(model, key)}  ${peer.trust}${unread === undefined ? '' : `  ${unread} unread`}`;
  });
}

function noticeLine({ code, address, username }: { code: string; address: string; username: string }): string {
  const name = sanitizeLine(username);
  switch (code) {
    case 'legacy-message':
      return `! Somebody at ${address} sent a message with the original program. It was not encrypted, so it was refused and is not shown.`;
    case 'unexpected-identity':
      return `! At ${address}, where ${name || 'a peer of yours'} was, somebody else answers now. Nothing was sent there.`;
    case 'version-rollback':
      return `! ${name || 'A peer'} at ${address} offers an older protocol than before. Refused: it may not be who it says.`;
    case 'store-failed':
      return '! The history cannot be written (is the disk full?). Nothing is lost: what comes in is refused, and the senders keep it.';
    case 'store-recovered':
      return '* The history can be written again.';
    default:
      return `! ${sanitizeLine(code)} ${address}`;
  }
}
