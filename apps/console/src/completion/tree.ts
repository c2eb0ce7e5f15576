/** What can be completed where, read from the program itself: so that a completion cannot offer what is not there. */
import type { Argument, Command, Option } from 'commander';

/** What stands at a place of the command line: one of some words, something that the services know, or anything. */
export type Candidates =
  { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'peers' | 'messages' | 'anything' };

export interface CompletedOption {
  /** `--json`, and `-h` where there is a short one. */
  readonly names: readonly string[];
  readonly about: string;
  /** Undefined for an option without a value. */
  readonly value?: Candidates & { readonly name: string };
}

export interface CompletedCommand {
  /** The words that lead there; empty for the program. */
  readonly path: readonly string[];
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** `isLast`: and all that follow it. */
  readonly arguments: readonly (Candidates & { readonly name: string; readonly isLast: boolean })[];
  readonly commands: readonly CompletedCommand[];
}

/** @param settings the keys of the settings */
export function completionTree(program: Command, settings: readonly string[]): CompletedCommand {
  return describe(program, [], [], settings);
}

/** The command and all below it. */
export function allCommands(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** @param siblings the commands beside it, which `help` explains */
function describe(
  command: Command,
  path: readonly string[],
  siblings: readonly string[],
  settings: readonly string[],
): CompletedCommand {
  const help = command.createHelp();
  // Those that are shown in the help: neither hidden commands nor hidden options.
  const commands = help.visibleCommands(command);
  const names = commands.map((each) => each.name());
  return {
    path,
    about: firstLine(command.description()),
    options: help.visibleOptions(command).map(describeOption),
    arguments: command.registeredArguments.map((argument) => ({
      ...describeArgument(argument, siblings, settings),
      isLast: argument.variadic,
    })),
    commands: commands.map((each) => describe(each, [...path, each.name()], names, settings)),
  };
}

function describeOption(option: Option): CompletedOption {
  const names = [option.long, option.short].filter((name) => name !== undefined);
  const about = firstLine(option.description);
  if (!option.required && !option.optional) return { names, about };
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  return { names, about, value: { name, ...candidatesFor(name, option.argChoices) } };
}

function describeArgument(argument: Argument, commands: readonly string[], settings: readonly string[]) {
  const name = argument.name();
  if (name === 'command') return { name, kind: 'words', words: commands } as const;
  if (name === 'key') return { name, kind: 'words', words: settings } as const;
  return { name, ...candidatesFor(name, argument.argChoices) };
}

function candidatesFor(name: string, choices: readonly string[] | undefined): Candidates {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (name === 'peer') return { kind: 'peers' };
  if (name === 'message-id') return { kind: 'messages' };
  return { kind: 'anything' };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
