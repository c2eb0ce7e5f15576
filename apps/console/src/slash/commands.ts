/** The slash commands: one table for both consoles, from which their help, their completion and their refusals are made. */

export type ConsoleKind = 'plain' | 'full';

export interface SlashCommand {
  readonly name: string;
  /** Empty for a command without argument; in <> what it must have, in [] what it may have. */
  readonly usage: string;
  readonly about: string;
  /** What Tab completes the first argument with. */
  readonly completes: 'peer' | 'command' | 'setting' | 'none';
  /** Words that stand for themselves where an argument is expected. Completed too. */
  readonly words?: readonly string[];
  /** Answered without the messenger, and so at once while that is down. */
  readonly local?: boolean;
  readonly consoles: ConsoleKind | 'both';
}

/** How much is made of a message that comes in elsewhere than where one looks; each includes those before it. */
export const NOTIFY_LEVELS = ['off', 'bell', 'desktop', 'text'] as const;
export type NotifyLevel = (typeof NOTIFY_LEVELS)[number];

export const COMMANDS = [
  {
    name: 'help',
    usage: '[command]',
    about: 'this list, or one of it',
    completes: 'command',
    local: true,
    consoles: 'both',
  },
  {
    name: 'msg',
    usage: '<name> [text]',
    about: 'choose whom to talk to, and say something at once',
    completes: 'peer',
    consoles: 'both',
  },
  { name: 'me', usage: '<what you do>', about: 'as in "* anna waves"', completes: 'none', consoles: 'both' },
  { name: 'peers', usage: '', about: 'who is around', completes: 'none', consoles: 'both' },
  {
    name: 'whois',
    usage: '[name]',
    about: 'what is known of the one chosen, or of somebody, and how',
    completes: 'peer',
    consoles: 'both',
  },
  {
    name: 'history',
    usage: '[name]',
    about: 'the last messages with the one chosen, or with somebody',
    completes: 'peer',
    consoles: 'both',
  },
  {
    name: 'search',
    usage: '<words>',
    about: 'messages that hold all of these words, in any conversation',
    completes: 'none',
    consoles: 'both',
  },
  {
    name: 'read',
    usage: '[name|all]',
    about: 'mark as read what the one chosen wrote, or somebody, or all',
    completes: 'peer',
    words: ['all'],
    consoles: 'both',
  },
  {
    name: 'notify',
    usage: '[name] [off|bell|desktop|text]',
    about: 'what happens when the one chosen writes, or somebody',
    completes: 'peer',
    words: NOTIFY_LEVELS,
    consoles: 'both',
  },
  {
    name: 'requests',
    usage: '',
    about: 'strangers who wrote, and wait for an answer',
    completes: 'none',
    consoles: 'both',
  },
  { name: 'accept', usage: '[name]', about: "take a stranger's messages", completes: 'peer', consoles: 'both' },
  {
    name: 'block',
    usage: '[name]',
    about: 'nothing from or to them any more; they are not told',
    completes: 'peer',
    consoles: 'both',
  },
  {
    name: 'unblock',
    usage: '[name]',
    about: 'a stranger again: may ask, not more',
    completes: 'peer',
    consoles: 'both',
  },
  {
    name: 'verify',
    usage: '[name] [number]',
    about: 'make sure who somebody is: the number to compare, and that it was the same',
    completes: 'peer',
    consoles: 'both',
  },
  {
    name: 'outbox',
    usage: '',
    about: 'what is not delivered yet, and what it waits for',
    completes: 'none',
    consoles: 'both',
  },
  {
    name: 'cancel',
    usage: '<message-id>',
    about: 'take a message back, if it was never sent',
    completes: 'none',
    consoles: 'both',
  },
  { name: 'why', usage: '<message-id>', about: 'what became of a message', completes: 'none', consoles: 'both' },
  {
    name: 'connect',
    usage: '<host[:port]>',
    about: 'reach somebody beyond the local network',
    completes: 'none',
    consoles: 'both',
  },
  {
    name: 'away',
    usage: '[text]',
    about: 'tell everybody that you are busy, and what with',
    completes: 'none',
    consoles: 'both',
  },
  { name: 'back', usage: '', about: 'you are busy no more', completes: 'none', consoles: 'both' },
  { name: 'nick', usage: '<name>', about: 'take another name', completes: 'none', consoles: 'both' },
  {
    name: 'doctor',
    usage: '[name]',
    about: 'why nobody appears, or why the one named does not, and what to do about it',
    completes: 'peer',
    local: true,
    consoles: 'both',
  },
  { name: 'status', usage: '', about: 'which services run', completes: 'none', local: true, consoles: 'both' },
  {
    name: 'restart',
    usage: '',
    about: 'start the services that are down',
    completes: 'none',
    local: true,
    consoles: 'both',
  },
  {
    name: 'logs',
    usage: '',
    about: 'where the chat log can be read in a browser',
    completes: 'none',
    local: true,
    consoles: 'both',
  },
  {
    name: 'clear',
    usage: '',
    about: 'empty the screen; nothing is deleted',
    completes: 'none',
    local: true,
    consoles: 'both',
  },
  {
    name: 'quit',
    usage: '',
    about: 'leave; messages go on arriving',
    completes: 'none',
    local: true,
    consoles: 'both',
  },
] as const satisfies readonly SlashCommand[];

type Row = (typeof COMMANDS)[number];

/** Those that one console has. */
export type CommandOf<C extends ConsoleKind> = Extract<Row, { readonly consoles: 'both' | C }>['name'];

export type CommandFor<C extends ConsoleKind> = SlashCommand & { readonly name: CommandOf<C> };

export function commandsOf<C extends ConsoleKind>(kind: C): CommandFor<C>[] {
  const rows: readonly SlashCommand[] = COMMANDS;
  // The compiler cannot see that this is what CommandOf says.
  return rows.filter(({ consoles }) => consoles === 'both' || consoles === kind) as CommandFor<C>[];
}
