/** Processes of a test's own, run from the sources. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export function startChild(program: string, ...args: string[]): ChildProcess {
  return fork(here(program), args, {
    execArgv: ['--import', here('typescript-loader.mjs'), '--conditions', '@earshot/source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** A roster in a process of its own (served-roster.ts). */
export class ServedRoster {
  private constructor(private readonly child: ChildProcess) {}

  static async start(directory: string): Promise<ServedRoster> {
    const child = startChild('served-roster.ts', directory);
    await once(child, 'message');
    return new ServedRoster(child);
  }

  /** Answers with the state after it. */
  async tell(message: number | [string] | [string, string]): Promise<string[]> {
    const told = once(this.child, 'message');
    this.child.send(message);
    const [state] = (await told) as [string[]];
    return state;
  }

  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.killWithoutWaiting();
    await exited;
  }

  killWithoutWaiting(): void {
    this.child.kill('SIGKILL');
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }
}
