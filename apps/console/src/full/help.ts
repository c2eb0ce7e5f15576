/** The help, made from the tables of keys and commands: it cannot say anything else than what there is. */
import { helpLines as slashHelp, helpRows } from '../slash/help.js';
import { ACTIONS, type KeyAction } from './keys/actions.js';
import { keyInWords, type Bindings } from './keys/bindings.js';

const WHAT_COLUMNS = 26;

const GROUPS: Readonly<Record<KeyAction['group'], string>> = {
  conversations: 'Conversations',
  reading: 'Reading',
  writing: 'Writing',
  more: 'More',
};

/** @param word a command of which alone something is to be said */
export function helpLines(bindings: Bindings, word = ''): string[] {
  if (word !== '') return slashHelp('full', [], word);
  const keys = (Object.keys(GROUPS) as KeyAction['group'][]).flatMap((group) => [
    GROUPS[group],
    ...ACTIONS.filter((action) => action.group === group).map(({ name, about }) =>
      row(keysInWords(name, bindings), `${about}  [${name}]`),
    ),
    '',
  ]);
  return [
    ...keys,
    'Commands',
    ...helpRows('full').map(([what, about]) => row(what, about)),
    row('@name text', 'goes to somebody else, who is then open'),
    row('text', 'goes to whom you talk to; // begins it with a slash, @@ with an @'),
    '',
    'Keys are changed with `earshot config set keys "jump=ctrl+g help=f1,f2"`: the word in brackets, and the keys.',
  ];
}

export function keysInWords(name: (typeof ACTIONS)[number]['name'], bindings: Bindings): string {
  const keys = bindings.keysOf(name);
  if (name === 'goto' && keys.length === 10) return 'Alt+1 … Alt+9, Alt+0';
  return keys.length === 0 ? '(no key)' : keys.map(keyInWords).join(', ');
}

/** Where what is typed is too long for its column, two spaces keep it apart. */
function row(what: string, about: string): string {
  return `  ${what.padEnd(WHAT_COLUMNS)}  ${about}`;
}
