import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.js';
import { APPS, programArguments, repositoryRoot, type AppName } from './repository.js';
import type { Supervisor } from './supervisor.js';
import { until } from './until.js';

/** The exit code that pm2 does not answer with a restart (stop_exit_codes in ecosystem.config.js). */
const MISCONFIGURED = 78;
/** Longer than any clean stop that ecosystem.config.js allows. */
const KILL_AFTER_MS = 10_000;

/** Runs the four programs as children of the test: the ready message, the restart and the stop signal are pm2's. */
export class DirectSupervisor implements Supervisor {
  private readonly children = new Map<AppName, ChildProcess>();
  private readonly wanted = new Set<AppName>();
  private readonly printed = new Map<AppName, string>();

  constructor(
    private readonly host: Host,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  async start(apps: readonly AppName[]): Promise<void> {
    await Promise.all(
      apps.map(async (app) => {
        this.wanted.add(app);
        try {
          await this.launch(app);
        } catch (err) {
          // Not tried again: whoever asked for the start is told instead.
          this.wanted.delete(app);
          throw err;
        }
      }),
    );
  }

  pid(app: AppName): Promise<number | undefined> {
    return Promise.resolve(this.children.get(app)?.pid);
  }

  async restart(app: AppName): Promise<void> {
    await this.stop([app]);
    await this.start([app]);
  }

  async stop(apps: readonly AppName[]): Promise<void> {
    await Promise.all(
      apps.map(async (app) => {
        this.wanted.delete(app);
        const child = this.children.get(app);
        if (child === undefined) return;
        const ended = once(child, 'exit');
        child.kill('SIGINT');
        const overdue = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
        await ended;
        clearTimeout(overdue);
        if (child.signalCode === 'SIGKILL') throw new Error(`${app} did not stop on SIGINT\n${this.output(app)}`);
      }),
    );
  }

  output(app: AppName): string {
    return this.printed.get(app) ?? '';
  }

  close(): Promise<void> {
    return this.stop(APPS);
  }

  private async launch(app: AppName): Promise<void> {
    const child = this.host.spawn(process.execPath, programArguments(app), {
      cwd: repositoryRoot,
      env: { ...this.env },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.children.set(app, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.printed.set(app, this.output(app) + text));
    }
    let ready = false;
    child.once('message', () => (ready = true));
    child.once('exit', (code) => {
      this.children.delete(app);
      if (!this.wanted.has(app) || code === MISCONFIGURED) return;
      setTimeout(() => {
        if (this.wanted.has(app) && !this.children.has(app)) this.launch(app).catch(() => undefined);
      }, 200);
    });
    await until(`${app} says that it is ready`, () => {
      if (child.exitCode === null && child.signalCode === null) return ready;
      throw new Error(
        `${app} ended (${String(child.exitCode ?? child.signalCode)}) instead of starting\n${this.output(app)}`,
      );
    });
  }
}
