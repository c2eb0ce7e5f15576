/** What a line with a slash in front means, before anything is done about it. */
import { nearestName } from '@earshot/runtime/basics';
import { sanitizeLine } from '../text/sanitize.js';
import { commandsOf, type CommandOf, type ConsoleKind } from './commands.js';

export type Slash<C extends ConsoleKind> =
  | { readonly refused: undefined; readonly name: CommandOf<C>; readonly argument: string; readonly local: boolean }
  /** Cannot be carried out, with what the user is to read instead. */
  | { readonly refused: string; readonly local: true };

/** Undefined for a line that is something to say. */
export function parseSlash<C extends ConsoleKind>(kind: C, line: string): Slash<C> | undefined {
  const groups = /^\/(?!\/)(?<word>\S*)\s*(?<rest>.*)$/s.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { word = '', rest = '' } = groups;
  const known = commandsOf(kind).find(({ name }) => name === word);
  if (known === undefined) return { refused: unknownCommand(word, kind), local: true };
  const argument = rest.trimEnd();
  if (known.usage.startsWith('<') && argument === '')
    return { refused: `It goes: /${known.name} ${known.usage}`, local: true };
  return { refused: undefined, name: known.name, argument, local: known.local === true };
}

/** What is sent for a line that is something to say: two slashes, or two @, begin it with one. */
export function textOf(line: string): string {
  return line.startsWith('//') || line.startsWith('@@') ? line.slice(1) : line;
}

/** What is typed for a text to be sent: the other way round. */
export function typedFor(text: string): string {
  return /^[/@]/.test(text) && !text.startsWith('/me ') ? `${text.charAt(0)}${text}` : text;
}

export function unknownCommand(word: string, kind: ConsoleKind): string {
  const nearest = nearestName(
    word,
    commandsOf(kind).map(({ name }) => name),
  );
  const hint = nearest === undefined ? '/help lists the commands' : `did you mean /${nearest}?`;
  return `There is no /${sanitizeLine(word)}: ${hint} (a message that begins with a slash is written with two).`;
}
