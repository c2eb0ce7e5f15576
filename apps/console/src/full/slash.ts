/** What the commands do that are typed while talking. Pure. */
import { parseMessageId, parseSafetyNumber } from '../arguments.js';
import { NOTIFY_LEVELS, type CommandOf } from '../slash/commands.js';
import type { Slash } from '../slash/parse.js';
import { inOrder, saying } from '../text/lines.js';
import { sanitizeLine, sanitizeName } from '../text/sanitize.js';
import { helpLines } from './help.js';
import { conversationWith, step, withConversation, type Effect, type Model, type Step } from './model.js';
import { nameOf, peerNamed } from './people.js';
import { markAllRead, markRead, markSeen } from './reading.js';

export function slash(model: Model, command: Slash<'full'>): Step {
  return command.refused === undefined
    ? carryOut(model, command.name, command.argument)
    : complain(model, command.refused);
}

const TRUST_OF = { accept: 'accepted', block: 'blocked', unblock: 'new' } as const;

function carryOut(model: Model, name: CommandOf<'full'>, argument: string): Step {
  const query = argument || model.open;
  const effect = (one: Effect): Step => step(model, one);
  switch (name) {
    case 'help':
      return showLines(model, 'Help', helpLines(model.bindings, argument));
    case 'peers':
      return showLines(model, 'People', peopleLines(model));
    case 'msg': {
      const [, who = '', text = ''] = /^(\S+)(?:\s+(.*))?$/s.exec(argument) ?? [];
      return effect({ do: 'choose', query: who, text, line: text === '' ? '' : `/msg ${argument}` });
    }
    case 'history':
      return query === null ? nobody(model, name) : effect({ do: 'choose', query, text: '', line: '' });
    case 'whois':
      return query === null ? nobody(model, name) : effect({ do: 'whois', query });
    case 'me':
      return complain(model, 'Choose somebody first: Ctrl+K, or /msg <name>.');
    case 'search':
      return step(
        {
          ...model,
          overlay: {
            kind: 'search',
            editor: { ...model.naming, text: argument, cursor: argument.length },
            words: argument,
            results: null,
            selected: 0,
          },
        },
        { do: 'search', words: argument },
      );
    case 'accept':
    case 'block':
    case 'unblock':
      return query === null ? nobody(model, name) : effect({ do: 'trust', query, trust: TRUST_OF[name] });
    case 'verify':
      return verify(model, argument);
    case 'cancel':
    case 'why': {
      const id = parseMessageId(argument);
      return id === undefined
        ? complain(model, 'That is no message id: /outbox shows what waits.')
        : effect({ do: name, id });
    }
    case 'connect':
      return effect({ do: 'connect', target: argument });
    case 'away':
      return effect({ do: 'presence', busy: true, status: argument });
    case 'back':
      return effect({ do: 'presence', busy: false, status: '' });
    case 'nick':
      return effect({ do: 'register', name: argument });
    case 'notify':
      return notify(model, argument);
    case 'read':
      return read(model, argument);
    case 'clear':
      return clear(model);
    case 'doctor':
      return effect(argument === '' ? { do: 'doctor' } : { do: 'doctor', query: argument });
    case 'restart':
      return step({ ...model, isRestarting: true }, { do: 'restart' });
    case 'outbox':
    case 'requests':
    case 'status':
    case 'logs':
      return effect({ do: name });
    case 'quit':
      return quit(model);
  }
}

export function showLines(model: Model, title: string, lines: readonly string[]): Step {
  return step({ ...model, overlay: { kind: 'lines', title, lines, top: 0 } });
}

export function complain(model: Model, text: string): Step {
  return step({ ...model, notice: { text, isWarning: true } });
}

function nobody(model: Model, name: string): Step {
  return complain(model, `Nobody is chosen: /${name} <name>`);
}

export function quit(model: Model): Step {
  const { pending } = model;
  if (pending.length > 0 && !model.mayQuit)
    return step({
      ...model,
      mayQuit: true,
      notice: {
        text: `${pending.length} waiting for the messenger, and kept. Once more leaves.`,
        isWarning: true,
      },
    });
  return step(model, { do: 'quit' });
}

function peopleLines(model: Model): string[] {
  const peers = inOrder([...model.peers.values()]);
  if (peers.length === 0) return ['Nobody yet. Whoever starts Earshot on this network appears by itself.'];
  return peers.map((peer) => {
    const name = peer.id === null ? sanitizeName(peer.username) : nameOf(model, peer.id);
    return `${peer.presence.padEnd(6)}  ${name}  ${peer.trust}  ${peer.address}${saying(peer)}`;
  });
}

/** `[name] [number]`: without a name whoever is chosen, without a number the one to compare. */
function verify(model: Model, argument: string): Step {
  const [, first = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
  const whole = parseSafetyNumber(argument);
  const query = (whole === undefined ? first : '') || model.open;
  if (query === null) return nobody(model, 'verify');
  const number = whole ?? parseSafetyNumber(rest);
  if (whole === undefined && rest !== '' && number === undefined)
    return complain(model, 'That is no safety number, which is 60 digits: nothing was compared.');
  return step(model, { do: 'verify', query, ...(number === undefined ? {} : { number }) });
}

/** `[name] [level]`, for whom one talks to where no name is given. */
function notify(model: Model, argument: string): Step {
  const words = argument.split(/\s+/).filter((word) => word !== '');
  const level = NOTIFY_LEVELS.find((one) => one === words.at(-1));
  const names = level === undefined ? words : words.slice(0, -1);
  if (names.length > 1) return complain(model, `A level is one of ${NOTIFY_LEVELS.join(', ')}.`);
  const name = names[0] ?? '';
  const peer = name === '' ? model.open : peerNamed(model, name);
  if (peer === undefined)
    return complain(model, `Nobody is called ${sanitizeLine(name)}. /notify [name] [${NOTIFY_LEVELS.join('|')}]`);
  if (peer === null) return nobody(model, 'notify');
  const own = conversationWith(model, peer).notify ?? `${model.notify}, as everywhere`;
  const said = (how: string) => ({ text: `When ${nameOf(model, peer)} writes: ${how}.`, isWarning: false });
  if (level === undefined) return step({ ...model, notice: said(own) });
  return step({ ...withConversation(model, peer, { notify: level }), notice: said(level) });
}

function read(model: Model, argument: string): Step {
  if (argument === 'all') return markAllRead(model);
  const peer = argument === '' ? model.open : peerNamed(model, argument);
  if (peer === undefined) return complain(model, `Nobody is called ${sanitizeLine(argument)}. /read [name|all]`);
  if (peer === null) return nobody(model, 'read');
  return markRead({ ...model, notice: { text: `What ${nameOf(model, peer)} wrote is read.`, isWarning: false } }, [
    peer,
  ]);
}

function clear(model: Model): Step {
  if (model.open === null) return step({ ...model, notice: null });
  const { messages } = conversationWith(model, model.open);
  return step(
    markSeen(
      withConversation({ ...model, notice: null }, model.open, {
        clearedUpTo: messages.at(-1)?.id ?? null,
        place: 'bottom',
        remarks: [],
        unreadFrom: null,
      }),
    ),
  );
}
