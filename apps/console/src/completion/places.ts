/** The places of a command line, as the scripts for bash and fish tell them apart: a flat table, looked up by short keys. */
import { allCommands, type Candidates, type CompletedCommand } from './tree.js';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

export interface Place {
  /** `send:0` for its first argument, `send:--wait` for the value of an option, `send:-` where an option may stand. */
  readonly key: string;
  readonly offers: Exclude<Candidates, { readonly kind: 'words' }>['kind'] | readonly Candidate[];
}

export interface Places {
  /** `config:get`: a word that leads from a command to the one below it, which is then called `config get`. */
  readonly steps: readonly string[];
  /** `send:--wait`: an option that takes the next word. */
  readonly valued: readonly string[];
  /** Those at which something is offered. */
  readonly places: readonly Place[];
}

export function placesOf(program: CompletedCommand): Places {
  const commands = allCommands(program);
  const name = ({ path }: CompletedCommand) => path.join(' ');
  const valued = commands.flatMap((command) =>
    command.options.flatMap(({ names, value }) =>
      value === undefined
        ? []
        : names.map((option) => ({ key: `${name(command)}:${option}`, offers: offersOf(value) })),
    ),
  );
  const places = commands.flatMap((command) => [
    ...command.arguments.map((argument, i) => ({ key: `${name(command)}:${i}`, offers: offersOf(argument) })),
    ...(command.commands.length === 0
      ? []
      : [
          {
            key: `${name(command)}:0`,
            offers: command.commands.map((each) => ({ word: each.path.at(-1) ?? '', about: each.about })),
          },
        ]),
    {
      key: `${name(command)}:-`,
      offers: command.options.flatMap(({ names, about }) => names.map((word) => ({ word, about }))),
    },
  ]);
  return {
    steps: commands.flatMap((command) => command.commands.map((each) => `${name(command)}:${each.path.at(-1) ?? ''}`)),
    valued: valued.map(({ key }) => key),
    places: [...valued, ...places].filter(({ offers }) => offers !== 'anything'),
  };
}

function offersOf(candidates: Candidates): Place['offers'] {
  return candidates.kind === 'words' ? candidates.words.map((word) => ({ word, about: '' })) : candidates.kind;
}
