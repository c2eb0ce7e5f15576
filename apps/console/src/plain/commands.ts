/** The slash commands of the line console: one table, from which the help is made too. */

export const COMMANDS = [
  { name: 'peers', argument: 'none', usage: '', about: 'who is around' },
  {
    name: 'msg',
    argument: 'required',
    usage: '<name> [text]',
    about: 'choose whom to talk to, and say something at once',
  },
  { name: 'history', argument: 'none', usage: '', about: 'the last messages with the one chosen' },
  { name: 'whois', argument: 'required', usage: '<name>', about: 'what is known of somebody, and how' },
  { name: 'accept', argument: 'required', usage: '<name>', about: "take a stranger's messages" },
  { name: 'block', argument: 'required', usage: '<name>', about: 'nothing from or to them any more' },
  { name: 'connect', argument: 'required', usage: '<host[:port]>', about: 'reach somebody beyond the local network' },
  { name: 'nick', argument: 'required', usage: '<name>', about: 'take another name' },
  { name: 'status', argument: 'none', usage: '', about: 'which services run' },
  { name: 'logs', argument: 'none', usage: '', about: 'where the chat log can be read in a browser' },
  { name: 'help', argument: 'none', usage: '', about: 'this list' },
  { name: 'quit', argument: 'none', usage: '', about: 'leave; messages go on arriving' },
] as const;

export function helpLines(): string[] {
  const words = COMMANDS.map((c) => `/${c.name} ${c.usage}`.trimEnd());
  const width = Math.max(...words.map((word) => word.length));
  return [
    ...COMMANDS.map((c, i) => `  ${(words[i] ?? '').padEnd(width)}  ${c.about}`),
    `  ${'@name text'.padEnd(width)}  write to somebody and choose them`,
    `  ${'text'.padEnd(width)}  goes to the one chosen; // begins it with a slash`,
  ];
}
