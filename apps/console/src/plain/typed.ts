/** What a line that was typed means. */
import { parseMessageId, parseSafetyNumber } from '../arguments.js';
import { countOf } from '../text/lines.js';
import { NOTIFY_LEVELS, type CommandOf } from '../slash/commands.js';
import { helpLines, type HelpRow } from '../slash/help.js';
import { parseSlash, textOf } from '../slash/parse.js';
import { sanitizeLine } from '../text/sanitize.js';
import { step, type Model, type Step } from './model.js';
import { peerLines, question, standing } from './screen.js';

const OTHER_LINES: readonly HelpRow[] = [
  ['@name text', 'choose somebody and write to them'],
  ['text', 'goes to the one chosen; // begins it with a slash, @@ with an @'],
  ['an empty line', 'says where you stand'],
];

/** Whether a line can be answered while the messenger is down. */
export function isLocal(line: string): boolean {
  if (line.trim() === '') return true;
  return parseSlash('plain', line)?.local ?? false;
}

export function interpret(model: Model, line: string): Step {
  const command = parseSlash('plain', line);
  if (command?.refused !== undefined) return step(model, [command.refused]);
  if (command !== undefined) return carryOut(model, command.name, command.argument);
  const text = line.trim();
  if (model.username === null) {
    const name = text || model.suggestedName;
    // Under the supervisor an empty line is somebody who attached, not somebody who agreed to the suggestion.
    if (name === null || (text === '' && model.supervised)) return step(model, standing(model));
    return step(model, [], [{ do: 'register', name }]);
  }
  if (text === '') return step(model, standing(model));
  const direct = /^@(?!@)(?<query>\S+)(?:\s+(?<text>.*))?$/s.exec(line)?.groups;
  if (direct !== undefined) return choose(model, direct['query'] ?? '', direct['text']);
  return say(model, textOf(line));
}

function say(model: Model, text: string): Step {
  if (model.chosen === null)
    return step({ ...model, hasFailed: true }, [
      `Not sent, nobody is chosen: ${sanitizeLine(text)}`,
      '  /msg <name> chooses somebody, @name text writes at once.',
    ]);
  return step(model, [], [{ do: 'send', peer: model.chosen, text }]);
}

function choose(model: Model, query: string, text: string | undefined): Step {
  return step(model, [], [{ do: 'choose', query, ...(text === undefined || text === '' ? {} : { thenSend: text }) }]);
}

const TRUST_OF = { accept: 'accepted', block: 'blocked', unblock: 'new' } as const;

function carryOut(model: Model, name: CommandOf<'plain'>, argument: string): Step {
  switch (name) {
    case 'help':
      return step(model, helpLines('plain', OTHER_LINES, argument));
    case 'peers':
      return step(model, peerLines(model));
    case 'msg': {
      const [, query = '', text] = /^(\S+)(?:\s+(.*))?$/s.exec(argument) ?? [];
      return choose(model, query, text);
    }
    case 'history':
    case 'whois': {
      const query = argument || model.chosen;
      if (query === null) return step(model, [`Nobody is chosen: /${name} <name>`]);
      return step(model, [], [{ do: name, query }]);
    }
    case 'me':
      return say(model, `/me ${argument}`);
    case 'notify':
      return notify(model, argument);
    case 'read':
      return read(model, argument);
    case 'cancel':
    case 'why': {
      const id = parseMessageId(argument);
      if (id === undefined) return step(model, ['That is no message id: /outbox shows those of what waits.']);
      return step(model, [], [{ do: name, id }]);
    }
    case 'accept':
    case 'block':
    case 'unblock': {
      const query = argument || model.chosen;
      if (query === null) return step(model, [`Nobody is chosen: /${name} <name>`]);
      return step(model, [], [{ do: 'trust', query, trust: TRUST_OF[name] }]);
    }
    case 'verify':
      return verify(model, argument);
    case 'connect':
      return step(model, [], [{ do: 'connect', target: argument }]);
    case 'away':
      return step(model, [], [{ do: 'presence', busy: true, status: argument }]);
    case 'back':
      return step(model, [], [{ do: 'presence', busy: false, status: '' }]);
    case 'nick':
      return step(model, [], [{ do: 'register', name: argument }]);
    case 'doctor':
      return step(model, [], [argument === '' ? { do: 'doctor' } : { do: 'doctor', query: argument }]);
    case 'search':
      return step(model, [], [{ do: 'search', words: argument }]);
    case 'clear':
    case 'logs':
    case 'outbox':
    case 'requests':
    case 'restart':
    case 'status':
      return step(model, [], [{ do: name }]);
    case 'quit':
      return quit(model);
  }
}

/** `[name|all]`: without a name whoever is chosen. */
function read(model: Model, argument: string): Step {
  if (argument === 'all') return step(model, [], [{ do: 'read-all', peers: [...model.unread.keys()] }]);
  const query = argument || model.chosen;
  if (query === null) return step(model, ['Nobody is chosen: /read <name>, or /read all']);
  return step(model, [], [{ do: 'read', query }]);
}

/** `[name] [level]`: without a name whoever is chosen, without a level only what it is. */
function notify(model: Model, argument: string): Step {
  const words = argument.split(/\s+/).filter((word) => word !== '');
  const level = NOTIFY_LEVELS.find((level) => level === words.at(-1));
  const names = level === undefined ? words : words.slice(0, -1);
  if (names.length > 1) return step(model, [`A level is one of ${NOTIFY_LEVELS.join(', ')}.`]);
  const query = names[0] ?? model.chosen;
  if (query === null) return step(model, ['Nobody is chosen: /notify <name>']);
  return step(model, [], [{ do: 'notify', query, ...(level === undefined ? {} : { level }) }]);
}

/** `[name] [number]`: without a name whoever is chosen, without a number the one to compare. */
function verify(model: Model, argument: string): Step {
  const [, first = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
  const whole = parseSafetyNumber(argument);
  const query = (whole === undefined ? first : '') || model.chosen;
  if (query === null) return step(model, ['Nobody is chosen: /verify <name>']);
  const number = whole ?? parseSafetyNumber(rest);
  if (whole === undefined && rest !== '' && number === undefined)
    return step(model, ['That is no safety number, which is 60 digits: nothing was compared.']);
  return step(model, [], [{ do: 'verify', query, ...(number === undefined ? {} : { number }) }]);
}

function quit(model: Model): Step {
  const open = model.waiting.length + (model.current === null ? 0 : 1);
  if (model.supervised)
    return step(model, ['This console runs under the supervisor and stays: Ctrl+C leaves `pm2 attach`.']);
  if (model.messenger === 'down' && open > 0 && !model.mayQuit)
    return step({ ...model, mayQuit: true }, [
      `${countOf(open, 'line')} you typed wait for the messenger. /quit again leaves without them.`,
    ]);
  return step(model, [], [{ do: 'quit' }]);
}

/** After a name was refused. */
export function askAgain(model: Model): string[] {
  return model.username === null ? [question(model)] : [];
}
