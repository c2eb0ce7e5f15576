import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.js';

/** A command that goes on until it is stopped (`tail`, a listener), with the lines it has printed so far. */
export class BackgroundCommand {
  private stdout = '';
  private stderr = '';

  constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Whole lines only. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  get json(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** What it has written to standard error. */
  get errors(): string {
    return this.stderr;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Answers with the first line that fits. */
  line(what: string, fits: (line: string) => boolean): Promise<string> {
    return until(`${what}; stderr: ${this.stderr}`, () => this.lines.find(fits));
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Ends its standard input. */
  end(): void {
    this.child.stdin?.end();
  }

  /** Waits for it to end by itself and answers with its exit code. */
  async ended(): Promise<number | null> {
    if (this.running) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (!this.running) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    const overdue = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(overdue);
    return this.child.exitCode;
  }
}
