/**
 * How far something long has come, on standard error: where that is a terminal, and what is printed goes elsewhere, since
 * otherwise that shows it already. One line, written over itself, and gone at the end.
 */

/** Whatever is done by then needs no progress. */
const FIRST_AFTER_MS = 500;
const INTERVAL_MS = 200;
const START_OF_LINE = '\r\u001b[K';

export interface Terminals {
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly stdout: { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds. */
  readonly now: () => number;
}

const THIS_PROCESS: Terminals = {
  stderr: process.stderr,
  stdout: process.stdout,
  env: process.env,
  now: () => performance.now(),
};

export class Progress {
  private done = 0;
  private nextAt: number;
  private shown = false;
  private readonly isSeen: boolean;

  /** @param line for so much of it */
  constructor(
    private readonly line: (done: number) => string,
    private readonly terminals = THIS_PROCESS,
  ) {
    const { stderr, stdout, env, now } = terminals;
    this.isSeen = stderr.isTTY === true && stdout.isTTY !== true && env['TERM'] !== 'dumb';
    this.nextAt = now() + FIRST_AFTER_MS;
  }

  add(more: number): void {
    this.done += more;
    const { stderr, now } = this.terminals;
    if (!this.isSeen || now() < this.nextAt) return;
    this.nextAt = now() + INTERVAL_MS;
    this.shown = true;
    stderr.write(`${START_OF_LINE}earshot: ${this.line(this.done)}`);
  }

  /** Makes room for another line, or for the end. */
  clear(): void {
    if (this.shown) this.terminals.stderr.write(START_OF_LINE);
    this.shown = false;
  }
}

/** `3.4 MB` */
export function inBytes(count: number): string {
  return count < 1_000_000 ? `${Math.round(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
