/** What `earshot <command> --help` says beyond the options: examples, and the exit codes that the command can end with. */
import { EXIT } from '@earshot/runtime/basics';
import { Command } from 'commander';

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'done',
  [EXIT.failed]: 'failed or rejected',
  [EXIT.usage]: 'usage',
  [EXIT.unknownPeer]: 'unknown or ambiguous peer',
  [EXIT.notRunning]: 'a service is not running',
  [EXIT.timedOut]: 'timed out; what is queued stays queued',
  [EXIT.notRegistered]: 'not registered yet',
  [EXIT.misconfigured]: 'a setting is wrong',
};

export const PEER = '<peer> is a username, name#tag, or the first characters of a peer id (4 or more).';

export const JSON_MESSAGE =
  'With --json: direction is sent or received; state is queued, sent, delivered, rejected or cancelled, and received for what came in; text is null where it takes a newer Earshot to read it; times are ISO 8601, in UTC.';
export const JSON_PEER =
  'With --json: presence is online or away; trust is new, accepted, verified, blocked, or legacy for the original program, whose id is null; times are ISO 8601, in UTC.';

/** Those that any command can end with. */
const ALWAYS = [EXIT.ok, EXIT.failed, EXIT.usage, EXIT.misconfigured];

/** What there is to say of a command beyond its arguments and options. */
export interface Explanation {
  readonly examples: readonly string[];
  /** All of them, in order. */
  readonly exitCodes: readonly number[];
  /** A paragraph each. */
  readonly notes: readonly string[];
}

/** A command whose help ends with examples and exit codes, which the manual page has too. */
export class ExplainedCommand extends Command {
  explanation: Explanation | undefined;

  override createCommand(name?: string): ExplainedCommand {
    return new ExplainedCommand(name);
  }

  /** @param exitCodes those that not every command can end with */
  explained(examples: readonly string[], exitCodes: readonly number[], notes: readonly string[] = []): this {
    const all = [...new Set([...ALWAYS, ...exitCodes])].sort((a, b) => a - b);
    const explanation = { examples, exitCodes: all, notes };
    this.explanation = explanation;
    return this.addHelpText('after', () => textOf(explanation));
  }
}

function textOf({ examples, exitCodes, notes }: Explanation): string {
  const columns = Math.min(process.stdout.columns || 80, 100);
  return [
    '',
    ...notes.flatMap((note) => [...wrapped(note, columns), '']),
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    'Exit codes:',
    ...exitCodes.map((code) => `  ${String(code).padStart(2)}  ${meaningOf(code)}`),
  ].join('\n');
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export function meaningOf(code: number): string {
  return MEANINGS[code] ?? '';
}

export const ALL_EXIT_CODES: readonly number[] = Object.values(EXIT);
