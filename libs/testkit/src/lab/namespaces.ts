import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** `es<pid of the test run>-<n>`: at most 15 characters, the limit for interface names and good enough for namespaces. */
const OURS = /^es(\d+)-\d+$/;

export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a command in a namespace to its end. */
export function inNamespace(namespace: string, command: readonly string[], input = ''): void {
  execFileSync('ip', ['netns', 'exec', namespace, ...command], { input, stdio: ['pipe', 'ignore', 'pipe'] });
}

/** Command line to stand before another one. */
export function enter(namespace: string): string[] {
  return ['ip', 'netns', 'exec', namespace];
}

export function addNamespace(): string {
  const taken = new Set(namespaceNames());
  let n = 0;
  while (taken.has(`es${process.pid}-${n}`)) n++;
  const name = `es${process.pid}-${n}`;
  ip('netns', 'add', name);
  return name;
}

/** With every process in it. */
export function removeNamespace(name: string): void {
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Ended in between.
    }
  }
  ip('netns', 'del', name);
}

/** What a test run that was killed left behind: namespaces of our form whose test run is no more. */
export function removeLeftovers(): void {
  for (const name of namespaceNames()) {
    const pid = OURS.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function namespaceNames(): string[] {
  // A line is "name" or "name (id: 3)".
  return ip('netns', 'list')
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || []);
}
