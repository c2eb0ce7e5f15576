/** What the line console answers to /help. */
import { COMMANDS, usageOf, type SlashCommand } from '../slash/commands.js';

export function helpLines(word = ''): string[] {
  const commands: readonly SlashCommand[] = COMMANDS;
  const known = commands.filter(({ fullScreen }) => fullScreen !== true);
  const named = known.filter(({ name }) => name === word.replace(/^\//, ''));
  const rows = [
    ...(named.length > 0 ? named : known).map((command) => [usageOf(command), command.about] as const),
    ...(named.length > 0
      ? []
      : [
          ['@name text', 'choose somebody and write to them'] as const,
          ['text', 'goes to the one chosen; // begins it with a slash'] as const,
          ['an empty line', 'says where you stand'] as const,
        ]),
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, about]) => `  ${what.padEnd(width)}  ${about}`);
}
