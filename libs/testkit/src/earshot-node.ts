import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BackgroundCommand } from './background-command.js';
import { DirectSupervisor } from './direct-supervisor.js';
import { freeTcpPair } from './free-ports.js';
import { basicEnvironment, thisMachine, type CommandResult, type Host } from './host.js';
import { Pm2Supervisor } from './pm2-supervisor.js';
import { APPS, programArguments, repositoryRoot, type AppName } from './repository.js';
import type { Supervisor } from './supervisor.js';
import { until } from './until.js';

export interface NodeOptions {
  /** Profile name, and the name of its folder below `folder`. */
  readonly name: string;
  /** Where the node's data folder is made. */
  readonly folder: string;
  readonly discoveryPort: number;
  readonly host?: Host;
  /** TCP; the next one is the log server's. Two free ones if not said. */
  readonly port?: number;
  readonly supervisor?: 'direct' | 'pm2';
  /** More settings, or others. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command ended, with what it printed as objects where it printed JSON. */
export interface CommandOutcome extends CommandResult {
  readonly json: Record<string, unknown>[];
}

/** One person's Earshot: the four real programs on one host, with a data folder and ports of their own. */
export class EarshotNode {
  readonly home: string;
  private readonly supervisor: Supervisor;

  private constructor(
    readonly name: string,
    readonly host: Host,
    readonly port: number,
    readonly env: Readonly<Record<string, string>>,
    kind: 'direct' | 'pm2',
  ) {
    this.home = env['EARSHOT_HOME'] ?? '';
    this.supervisor = kind === 'pm2' ? new Pm2Supervisor(host, env, name) : new DirectSupervisor(host, env);
  }

  static async create(options: NodeOptions): Promise<EarshotNode> {
    const { name, folder, discoveryPort, host = thisMachine } = options;
    const userHome = join(folder, name);
    mkdirSync(userHome, { mode: 0o700 });
    const port = options.port ?? (await freeTcpPair());
    const env = {
      ...basicEnvironment(),
      HOME: userHome,
      EARSHOT_PROFILE: name,
      EARSHOT_HOME: join(userHome, 'data'),
      EARSHOT_PORT: String(port),
      EARSHOT_DISCOVERY_PORT: String(discoveryPort),
      // On this machine itself tests stay on the loopback interface.
      ...(host === thisMachine ? { EARSHOT_INTERFACES: 'lo' } : {}),
      ...options.env,
    };
    return new EarshotNode(name, host, port, env, options.supervisor ?? 'direct');
  }

  async start(apps: readonly AppName[] = APPS): Promise<this> {
    await this.supervisor.start(apps);
    return this;
  }

  /** The supervisor's restart: a stop signal, the end, a new start. */
  restart(app: AppName): Promise<void> {
    return this.supervisor.restart(app);
  }

  stop(apps: readonly AppName[] = APPS): Promise<void> {
    return this.supervisor.stop(apps);
  }

  pid(app: AppName): Promise<number | undefined> {
    return this.supervisor.pid(app);
  }

  /** Sends a signal to a process and, where that ends it, waits until its successor runs. */
  async kill(app: AppName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const before = await this.pid(app);
    if (before === undefined) throw new Error(`${app} of ${this.name} does not run`);
    process.kill(before, signal);
    await until(`${app} of ${this.name} runs again`, async () => {
      const now = await this.pid(app);
      return now !== undefined && now !== before;
    });
  }

  /** One `earshot` command. */
  async command(args: readonly string[], input?: string | Buffer): Promise<CommandOutcome> {
    const result = await this.host.exec(process.execPath, [consoleMain, ...args], {
      cwd: this.env['HOME'] ?? repositoryRoot,
      env: this.env,
      ...(input === undefined ? {} : { input }),
    });
    return { ...result, json: args.includes('--json') ? jsonLines(result.stdout) : [] };
  }

  /** A command that must end with 0, and its JSON objects. */
  async ask(...args: string[]): Promise<Record<string, unknown>[]> {
    const { code, json, stderr } = await this.command([...args, '--json']);
    if (code !== 0) throw new Error(`earshot ${args[0] ?? ''} of ${this.name} ended with ${String(code)}: ${stderr}`);
    return json;
  }

  /** A command that goes on, with standard input open. */
  follow(args: readonly string[]): BackgroundCommand {
    return this.host.background(process.execPath, [consoleMain, ...args], {
      cwd: this.env['HOME'] ?? repositoryRoot,
      env: this.env,
    });
  }

  /** One of the four programs alone, as a supervisor would start it but to its end, with settings of its own. */
  run(app: AppName, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return this.host.exec(process.execPath, programArguments(app), {
      cwd: repositoryRoot,
      env: { ...this.env, ...env },
      timeoutMs: 20_000,
    });
  }

  /** What a process printed; the console prints what people say, the others must not. */
  output(app: AppName): string {
    return this.supervisor.output(app);
  }

  /** The pm2 that keeps this node alive. */
  get pm2(): Pm2Supervisor {
    if (!(this.supervisor instanceof Pm2Supervisor)) throw new Error(`bug: ${this.name} does not run under pm2`);
    return this.supervisor;
  }

  close(): Promise<void> {
    return this.supervisor.close();
  }
}

const consoleMain = join(repositoryRoot, 'apps/console/dist/main.js');

function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
