/** Data to standard output, everything else to standard error with the program's name in front. */
import { safeJson } from './text/sanitize.js';

/** A command that ends with a code of design §4 and, if there is something to say, a text for standard error. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly exitCode: number,
    text = '',
  ) {
    super(text);
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One compact object per line, keys in the order given. */
export function printJson(value: unknown): void {
  print(safeJson(value));
}

export function note(text: string): void {
  process.stderr.write(`earshot: ${text}\n`);
}

/** `| head` closes our output: that is the reader's right, and no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
