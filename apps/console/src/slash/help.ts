/** The help of the slash commands, made of their table. */
import { commandsOf, type ConsoleKind, type SlashCommand } from './commands.js';
import { unknownCommand } from './parse.js';

export type HelpRow = readonly [what: string, about: string];

/** One row for each command of a console. */
export function helpRows(kind: ConsoleKind): HelpRow[] {
  return commandsOf(kind).map((command) => [usageOf(command), command.about]);
}

/** As lines, with what else can be typed; or only the command that is asked for, with or without its slash. */
export function helpLines(kind: ConsoleKind, others: readonly HelpRow[], asked = ''): string[] {
  const name = asked.replace(/^\//, '');
  const rows =
    name === '' ? [...helpRows(kind), ...others] : helpRows(kind).filter(([what]) => what.split(' ')[0] === `/${name}`);
  if (rows.length === 0) return [unknownCommand(name, kind)];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, about]) => `  ${what.padEnd(width)}  ${about}`);
}

function usageOf({ name, usage }: SlashCommand): string {
  return `/${name} ${usage}`.trimEnd();
}
