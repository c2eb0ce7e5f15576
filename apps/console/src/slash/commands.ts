/** The commands that are typed while talking: one table, from which the help and the completion are made too. */

export interface SlashCommand {
  readonly name: string;
  /** Empty for a command without argument; in <> what it must have, in [] what it may have. */
  readonly usage: string;
  readonly about: string;
  /** What the argument can be completed with. */
  readonly completes?: 'peer' | 'command';
  /** Answered without the messenger, and so at once while that is down. */
  readonly local?: boolean;
  /** Where a screen is needed for it. */
  readonly fullScreen?: boolean;
}

export const COMMANDS = [
  { name: 'peers', usage: '', about: 'who is around' },
  { name: 'msg', usage: '<name> [text]', about: 'talk to somebody, and say something at once', completes: 'peer' },
  { name: 'me', usage: '<text>', about: 'say what you do: "/me waves" reads "* anna waves"' },
  {
    name: 'history',
    usage: '[name]',
    about: 'the last messages with the one chosen, or with somebody',
    completes: 'peer',
  },
  { name: 'search', usage: '<words>', about: 'in everything that was ever said' },
  {
    name: 'whois',
    usage: '[name]',
    about: 'what is known of the one chosen, or of somebody, and how',
    completes: 'peer',
  },
  { name: 'requests', usage: '', about: 'strangers who wrote and wait for an answer' },
  { name: 'accept', usage: '<name>', about: "take a stranger's messages", completes: 'peer' },
  { name: 'block', usage: '<name>', about: 'nothing from or to them any more; they are not told', completes: 'peer' },
  { name: 'unblock', usage: '<name>', about: 'a stranger again: may ask, not more', completes: 'peer' },
  {
    name: 'verify',
    usage: '[name] [number]',
    about: 'make sure who somebody is: the number to compare, and that it was the same',
    completes: 'peer',
  },
  { name: 'outbox', usage: '', about: 'what is not delivered yet, and what it waits for' },
  { name: 'cancel', usage: '<message-id>', about: 'take a message back, if it was never sent' },
  { name: 'why', usage: '<message-id>', about: 'what became of a message' },
  { name: 'connect', usage: '<host[:port]>', about: 'reach somebody beyond the local network' },
  { name: 'away', usage: '[text]', about: 'tell everybody that you are busy, and what with' },
  { name: 'back', usage: '', about: 'you are busy no more' },
  { name: 'nick', usage: '<name>', about: 'take another name' },
  {
    name: 'notify',
    usage: '[off|bell|desktop|text]',
    about: 'what tells you of messages in this conversation; text shows what they say',
    fullScreen: true,
  },
  { name: 'read', usage: '', about: 'mark every conversation as read', fullScreen: true },
  { name: 'clear', usage: '', about: 'nothing on the screen but what comes', fullScreen: true },
  {
    name: 'doctor',
    usage: '[name]',
    about: 'why nobody appears, or why the one named does not, and what to do about it',
    completes: 'peer',
    local: true,
  },
  { name: 'status', usage: '', about: 'which services run', local: true },
  { name: 'restart', usage: '', about: 'start the services that are down', local: true, fullScreen: true },
  { name: 'logs', usage: '', about: 'where the chat log can be read in a browser', local: true },
  { name: 'help', usage: '[command]', about: 'this list', completes: 'command', local: true },
  { name: 'quit', usage: '', about: 'leave; messages go on arriving', local: true },
] as const satisfies readonly SlashCommand[];

export type CommandName = (typeof COMMANDS)[number]['name'];

/** What was typed as a command; `known` is absent for a word that is none. Undefined for a text: `//` begins one with a slash. */
export interface TypedCommand {
  readonly word: string;
  readonly known: (typeof COMMANDS)[number] | undefined;
  readonly argument: string;
}

export function commandIn(line: string): TypedCommand | undefined {
  const groups = /^\/(?!\/)(?<word>\S*)\s*(?<argument>.*)$/s.exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { word = '', argument = '' } = groups;
  return { word, argument: argument.trimEnd(), known: COMMANDS.find((command) => command.name === word) };
}

export function usageOf({ name, usage }: Pick<SlashCommand, 'name' | 'usage'>): string {
  return `/${name} ${usage}`.trimEnd();
}
