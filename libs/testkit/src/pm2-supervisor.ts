import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackgroundCommand } from './background-command.js';
import type { CommandResult, Host } from './host.js';
import { repositoryRoot, type AppName } from './repository.js';
import type { Supervisor } from './supervisor.js';
import { temporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

const PM2 = join(repositoryRoot, 'node_modules/pm2/bin/pm2');

/** One entry of `pm2 jlist`, as far as tests look at it. */
export interface Pm2Process {
  readonly name: string;
  readonly pid: number;
  readonly pm_id: number;
  readonly pm2_env: { readonly status: string; readonly restart_time: number; readonly exit_code?: number };
}

/** The real pm2 with a home, and so a daemon, of its own, started from the repository's ecosystem.config.js as a user would. */
export class Pm2Supervisor implements Supervisor {
  private readonly folder = temporaryFolder();
  readonly home = join(this.folder.path, 'pm2');
  /** All that pm2's commands have said. */
  printed = '';

  constructor(
    private readonly host: Host,
    private readonly env: Readonly<Record<string, string>>,
    private readonly profile: string,
  ) {
    mkdirSync(this.home, { mode: 0o700 });
    // Without this file pm2 greets a new home with a question to its makers' server.
    writeFileSync(join(this.home, 'touch'), '');
  }

  async start(apps: readonly AppName[]): Promise<void> {
    await this.must('start', 'ecosystem.config.js', '--only', apps.map((app) => this.nameOf(app)).join(','));
    await until('all are online', async () => {
      const online = await this.list();
      return apps.every((app) =>
        online.some((entry) => entry.name === this.nameOf(app) && entry.pm2_env.status === 'online'),
      );
    });
  }

  async pid(app: AppName): Promise<number | undefined> {
    const entry = (await this.list()).find((candidate) => candidate.name === this.nameOf(app));
    return entry?.pm2_env.status === 'online' ? entry.pid : undefined;
  }

  /** What `pm2 jlist` says, by app. */
  async status(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.list()).map((entry) => [entry.name, entry.pm2_env.status]));
  }

  async restart(app: AppName): Promise<void> {
    await this.must('restart', this.nameOf(app));
  }

  async stop(apps: readonly AppName[]): Promise<void> {
    await this.must('stop', ...apps.map((app) => this.nameOf(app)));
  }

  /** pm2 keeps none; what it says itself is in `printed`. */
  output(): string {
    return '';
  }

  async close(): Promise<void> {
    const daemon = this.daemonPid();
    await this.run('delete', 'all');
    await this.run('kill');
    if (daemon !== undefined) await until('the pm2 daemon ends', () => !isAlive(daemon));
    this.folder.remove();
  }

  /** One pm2 command line. */
  async run(...args: string[]): Promise<CommandResult> {
    const result = await this.host.exec(process.execPath, [PM2, '--no-color', ...args], {
      cwd: repositoryRoot,
      env: this.pm2Env(),
    });
    this.printed += result.stdout + result.stderr;
    return result;
  }

  /** `pm2 attach`: the output of a process from now on, and its standard input. */
  attach(id: string): BackgroundCommand {
    return this.host.background(process.execPath, [PM2, '--no-color', 'attach', id], {
      cwd: repositoryRoot,
      env: this.pm2Env(),
    });
  }

  private pm2Env(): Record<string, string> {
    return { ...this.env, PM2_HOME: this.home, PM2_DISABLE_VERSION_CHECK: '1' };
  }

  private async must(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`pm2 ${args.join(' ')} ended with ${String(code)}\n${stdout}${stderr}`);
  }

  /** What pm2 keeps. */
  async list(): Promise<Pm2Process[]> {
    const { stdout } = await this.run('jlist');
    // The daemon's greeting may come before the list.
    return JSON.parse(stdout.slice(stdout.indexOf('['))) as Pm2Process[];
  }

  private nameOf(app: AppName): string {
    return this.profile === 'default' ? app : `${this.profile}-${app}`;
  }

  private daemonPid(): number | undefined {
    try {
      return Number(readFileSync(join(this.home, 'pm2.pid'), 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
