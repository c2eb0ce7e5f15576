/** Everything that a key can do: one table, from which the keys and the help are made. */

export interface KeyAction {
  readonly name: string;
  /** By default; named as keys/decoder.ts names them. */
  readonly keys: readonly string[];
  readonly about: string;
  readonly group: 'conversations' | 'reading' | 'writing' | 'more';
}

/** `alt+1` to `alt+9` and `alt+0` for the first ten conversations. */
const NUMBERS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

export const ACTIONS = [
  { name: 'next', keys: ['ctrl+n', 'alt+down'], about: 'the next conversation', group: 'conversations' },
  { name: 'previous', keys: ['ctrl+p', 'alt+up'], about: 'the one before', group: 'conversations' },
  {
    name: 'goto',
    keys: NUMBERS.map((digit) => `alt+${digit}`),
    about: 'the conversation of that number in the list',
    group: 'conversations',
  },
  { name: 'activity', keys: ['alt+a'], about: 'where something new is: requests first', group: 'conversations' },
  { name: 'jump', keys: ['ctrl+k'], about: 'jump to somebody by a few letters', group: 'conversations' },
  { name: 'read-all', keys: ['alt+shift+u'], about: 'mark everything as read', group: 'conversations' },
  { name: 'list', keys: ['alt+s'], about: 'hide or show the list', group: 'conversations' },
  { name: 'page-up', keys: ['pageup'], about: 'a page back', group: 'reading' },
  { name: 'page-down', keys: ['pagedown'], about: 'a page on', group: 'reading' },
  { name: 'top', keys: ['alt+home', 'ctrl+home'], about: 'the oldest message that is loaded', group: 'reading' },
  { name: 'bottom', keys: ['alt+end', 'ctrl+end'], about: 'the newest message', group: 'reading' },
  { name: 'unread', keys: ['alt+u'], about: 'the first message that is new', group: 'reading' },
  {
    name: 'search',
    keys: ['ctrl+s'],
    about: 'search in this conversation; again for the one before',
    group: 'reading',
  },
  { name: 'search-all', keys: ['ctrl+r'], about: 'search in everything that was ever said', group: 'reading' },
  { name: 'bare', keys: ['alt+l'], about: 'only the text, for copying; again to come back', group: 'reading' },
  { name: 'mouse', keys: ['alt+m'], about: 'the wheel scrolls; off, the mouse selects text', group: 'reading' },
  { name: 'send', keys: ['enter'], about: 'send', group: 'writing' },
  { name: 'newline', keys: ['alt+enter', 'ctrl+j'], about: 'a new line', group: 'writing' },
  { name: 'complete', keys: ['tab'], about: 'complete a name, a command or a path', group: 'writing' },
  { name: 'complete-back', keys: ['shift+tab'], about: 'the completion before', group: 'writing' },
  { name: 'up', keys: ['up'], about: 'a line up; what you wrote before', group: 'writing' },
  { name: 'down', keys: ['down'], about: 'a line down; what you wrote after that', group: 'writing' },
  { name: 'left', keys: ['left', 'ctrl+b'], about: 'a character back', group: 'writing' },
  { name: 'right', keys: ['right', 'ctrl+f'], about: 'a character on', group: 'writing' },
  { name: 'word-left', keys: ['alt+b', 'ctrl+left', 'alt+left'], about: 'a word back', group: 'writing' },
  { name: 'word-right', keys: ['alt+f', 'ctrl+right', 'alt+right'], about: 'a word on', group: 'writing' },
  { name: 'home', keys: ['ctrl+a', 'home'], about: 'the beginning of the line', group: 'writing' },
  { name: 'end', keys: ['ctrl+e', 'end'], about: 'the end of the line', group: 'writing' },
  { name: 'backspace', keys: ['backspace', 'ctrl+h'], about: 'delete the character before', group: 'writing' },
  { name: 'delete', keys: ['delete'], about: 'delete the character here', group: 'writing' },
  {
    name: 'delete-or-quit',
    keys: ['ctrl+d'],
    about: 'delete the character here; on an empty line, leave',
    group: 'writing',
  },
  { name: 'kill-word', keys: ['ctrl+w', 'alt+backspace'], about: 'cut the word before', group: 'writing' },
  { name: 'kill-word-right', keys: ['alt+d'], about: 'cut the word after', group: 'writing' },
  { name: 'kill-right', keys: ['alt+k'], about: 'cut to the end of the line', group: 'writing' },
  { name: 'kill-left', keys: ['ctrl+u'], about: 'cut to the beginning of the line', group: 'writing' },
  { name: 'yank', keys: ['ctrl+y'], about: 'insert what was cut', group: 'writing' },
  { name: 'transpose', keys: ['ctrl+t'], about: 'swap two characters', group: 'writing' },
  { name: 'undo', keys: ['ctrl+_'], about: 'undo', group: 'writing' },
  { name: 'help', keys: ['f1'], about: 'all keys and commands', group: 'more' },
  {
    name: 'outbox',
    keys: ['alt+o'],
    about: 'what is not delivered yet: Enter edits it, Delete takes it back',
    group: 'more',
  },
  { name: 'restart', keys: ['f5'], about: 'start the services that are down', group: 'more' },
  { name: 'redraw', keys: ['ctrl+l'], about: 'draw the screen anew', group: 'more' },
  { name: 'close', keys: ['escape'], about: 'close what is open, or a warning', group: 'more' },
  { name: 'suspend', keys: ['ctrl+z'], about: 'back to the shell; `fg` returns', group: 'more' },
  { name: 'leave', keys: ['ctrl+c'], about: 'leave, when nothing is written', group: 'more' },
] as const satisfies readonly KeyAction[];

export type ActionName = (typeof ACTIONS)[number]['name'];
