import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { BackgroundCommand } from './background-command.js';

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment: nothing is inherited, so that a developer's settings reach no test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which then ends. */
  readonly input?: string | Buffer;
  /** After this a SIGKILL ends it; a test that comes to this has failed. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** Exit code, or null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where processes run: this machine, or one network namespace of a Lab. */
export class Host {
  private readonly children = new Set<ChildProcess>();

  /** @param prefix what stands before each command line; it must exec the command, so that the child's pid is the command's. */
  constructor(
    readonly name: string,
    readonly ip: string,
    private readonly prefix: readonly string[] = [],
  ) {}

  spawn(file: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [command, ...rest] = [...this.prefix, file, ...args] as [string, ...string[]];
    const child = spawn(command, rest, options);
    this.children.add(child);
    const forget = (): void => void this.children.delete(child);
    child.once('exit', forget).once('error', forget);
    return child;
  }

  /** Runs a command to its end. */
  exec(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = this.spawn(file, args, {
        cwd: options.cwd,
        env: options.env ?? basicEnvironment(),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
      // A command may end without reading what we give it.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input);
      const overdue = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearTimeout(overdue);
        resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }

  /** Starts a command that goes on. */
  background(
    file: string,
    args: readonly string[],
    options: Pick<CommandOptions, 'cwd' | 'env'> = {},
  ): BackgroundCommand {
    const { cwd, env = basicEnvironment() } = options;
    return new BackgroundCommand(this.spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Ends whatever was spawned here and still runs. */
  killChildren(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }
}

/** What a program needs to run at all, and nothing of ours. */
export function basicEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'PYENV_ROOT', 'PYENV_VERSION'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

export const thisMachine = new Host('this machine', '127.0.0.1');
