import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One of test/programs in a process of its own, with a channel as under pm2. */
export class Child {
  readonly process: ChildProcess;
  readonly messages: unknown[] = [];
  stderr = '';
  readonly #exited: Promise<readonly unknown[]>;
  #ended = false;
  /** Resolved, and replaced, by whatever happens next. */
  #news: Promise<unknown> = Promise.resolve();

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    this.process = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--conditions=@earshot/source',
        '--import',
        file('ts-loader.mjs'),
        file(`programs/${program}.ts`),
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env } },
    );
    let announce: () => void = () => undefined;
    const more = (): void => {
      announce();
      this.#news = new Promise<void>((resolve) => (announce = resolve));
    };
    more();
    this.process.on('message', (message) => {
      this.messages.push(message);
      more();
    });
    this.process.stderr?.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()));
    // Not 'close', which never comes once the channel was disconnected from here.
    const stderrClosed = this.process.stderr === null ? undefined : once(this.process.stderr, 'close');
    this.#exited = once(this.process, 'exit').then(async (codeAndSignal: unknown[]) => {
      await stderrClosed;
      this.#ended = true;
      more();
      return codeAndSignal;
    });
  }

  /** The first of these that it sends; rejects when it ends before. */
  async sent(...wanted: readonly string[]): Promise<string> {
    for (;;) {
      const message = wanted.find((text) => this.messages.includes(text));
      if (message !== undefined) return message;
      if (this.#ended) throw new Error(`ended before "${wanted.join('" or "')}": ${this.stderr}`);
      await this.#news;
    }
  }

  /** Its exit code, or the name of the signal that killed it. */
  async exit(): Promise<number | string> {
    const [code, signal] = (await this.#exited) as [number | null, string | null];
    return code ?? signal ?? 'unknown';
  }

  /** For the end of a test, whatever became of it. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#exited;
  }
}
