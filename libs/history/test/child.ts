import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);

/** The command line that runs a script of this folder in a process of its own, from the sources. */
export function childCommand(script: string, ...args: string[]): [string, string[]] {
  const register = new URL('register-ts.mjs', here).href;
  const path = fileURLToPath(new URL(script, here));
  return [process.execPath, ['--conditions=@earshot/source', '--import', register, path, ...args]];
}

export function startChild(script: string, ...args: string[]): ChildProcess {
  const [command, line] = childCommand(script, ...args);
  return spawn(command, line, { stdio: ['pipe', 'pipe', 'inherit'] });
}
