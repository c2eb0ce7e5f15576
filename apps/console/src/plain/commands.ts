/** The slash commands of the line console: one table, from which the help is made too. */

export interface PlainCommand {
  readonly name: string;
  /** Empty for a command without argument; in <> what it must have, in [] what it may have. */
  readonly usage: string;
  readonly about: string;
  /** Answered without the messenger, and so at once while that is down. */
  readonly local?: boolean;
}

export const COMMANDS = [
  { name: 'peers', usage: '', about: 'who is around' },
  { name: 'msg', usage: '<name> [text]', about: 'choose whom to talk to, and say something at once' },
  { name: 'history', usage: '[name]', about: 'the last messages with the one chosen, or with somebody' },
  { name: 'whois', usage: '[name]', about: 'what is known of the one chosen, or of somebody, and how' },
  { name: 'outbox', usage: '', about: 'what is not delivered yet, and what it waits for' },
  { name: 'cancel', usage: '<message-id>', about: 'take a message back, if it was never sent' },
  { name: 'why', usage: '<message-id>', about: 'what became of a message' },
  {
    name: 'verify',
    usage: '[name] [number]',
    about: 'make sure who somebody is: the number to compare, and that it was the same',
  },
  { name: 'accept', usage: '<name>', about: "take a stranger's messages" },
  { name: 'block', usage: '<name>', about: 'nothing from or to them any more; they are not told' },
  { name: 'unblock', usage: '<name>', about: 'a stranger again: may ask, not more' },
  { name: 'connect', usage: '<host[:port]>', about: 'reach somebody beyond the local network' },
  { name: 'away', usage: '[text]', about: 'tell everybody that you are busy, and what with' },
  { name: 'back', usage: '', about: 'you are busy no more' },
  { name: 'nick', usage: '<name>', about: 'take another name' },
  {
    name: 'doctor',
    usage: '[name]',
    about: 'why nobody appears, or why the one named does not, and what to do about it',
    local: true,
  },
  { name: 'status', usage: '', about: 'which services run', local: true },
  { name: 'logs', usage: '', about: 'where the chat log can be read in a browser', local: true },
  { name: 'help', usage: '', about: 'this list', local: true },
  { name: 'quit', usage: '', about: 'leave; messages go on arriving', local: true },
] as const satisfies readonly PlainCommand[];

export type CommandName = (typeof COMMANDS)[number]['name'];

export function helpLines(): string[] {
  const rows = [
    ...COMMANDS.map((command) => [`/${command.name} ${command.usage}`.trimEnd(), command.about] as const),
    ['@name text', 'choose somebody and write to them'] as const,
    ['text', 'goes to the one chosen; // begins it with a slash'] as const,
    ['an empty line', 'says where you stand'] as const,
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, about]) => `  ${what.padEnd(width)}  ${about}`);
}
