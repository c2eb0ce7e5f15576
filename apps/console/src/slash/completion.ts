/** What Tab can make of the word before the cursor, in both consoles: a name, a command, or a path. */
import { commandsOf, type ConsoleKind } from './commands.js';

/** The word that is completed, and the line around it. */
export interface Word {
  readonly before: string;
  readonly word: string;
  readonly after: string;
}

export function wordAt(text: string, cursor: number): Word {
  const [typed = ''] = /\S*$/.exec(text.slice(0, cursor)) ?? [];
  // The first of two slashes at the beginning is none of the message (parse.ts).
  const word = typed.length === cursor && typed.startsWith('//') ? typed.slice(1) : typed;
  return { before: text.slice(0, cursor - word.length), word, after: text.slice(cursor) };
}

/** A word that can only be the beginning of a path; at the beginning of a line, one slash is that of a command. */
export function isPath({ before, word }: Word): boolean {
  return /^(~|\.{1,2})?\//.test(word) && !(before === '' && word.startsWith('/'));
}

/** Commands, what is said to them, and people; `people` gives those whose names begin so, in any case. */
export function candidatesFor(
  kind: ConsoleKind,
  { before, word }: Word,
  people: (beginning: string) => readonly string[],
): string[] {
  if (word === '' && before.trim() === '') return [];
  const commands = commandsOf(kind);
  const names = (prefix: string) => commands.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name);
  if (before === '' && word.startsWith('/')) return names(word.slice(1)).map((name) => `/${name} `);
  const [, command] = /^\/(\S+)\s+$/.exec(before) ?? [];
  const known = commands.find(({ name }) => name === command);
  if (known?.completes === 'command') return names(word);
  const words = (known?.words ?? []).filter((one) => one.startsWith(word));
  if (known !== undefined && known.completes !== 'peer') return words;
  const at = word.startsWith('@') ? '@' : '';
  // Somebody is addressed at the beginning of a message.
  const behind = kind === 'full' && known === undefined && before === '' && at === '' ? ': ' : ' ';
  return [...people(word.slice(at.length)).map((name) => `${at}${name}${behind}`), ...words];
}
