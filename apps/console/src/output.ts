/** Data to standard output, everything else to standard error with the program's name in front. */
import { safeJson, sanitizeText } from './text/sanitize.js';

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

/** Lines for people. What somebody else wrote has its gutter already; that nothing in them is obeyed is seen to here, once more. */
export function print(lines: string): void {
  process.stdout.write(`${sanitizeText(lines, '')}\n`);
}

export function printLines(lines: readonly string[]): void {
  for (const line of lines) print(line);
}

/** One compact object per line, keys in the order given. */
export function printJson(value: unknown): void {
  process.stdout.write(`${safeJson(value)}\n`);
}

/** May name what the user typed, or what a setting holds. */
export function note(text: string): void {
  process.stderr.write(`earshot: ${sanitizeText(text, '')}\n`);
}

/** Resolves when everything that was printed has left this process; a pipe may be slow where its writes do not wait. */
export async function allPrinted(): Promise<void> {
  const drained = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
}

/** `| head` closes our output: that is the reader's right, and no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!goesOn) process.exit(0);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

let goesOn = false;

/** For a command whose work is not what it prints: it is finished even where nobody reads its answers. */
export function goOnWithoutOutput(): void {
  goesOn = true;
}
