/** What the system says a process has used and holds. Linux tells in /proc; elsewhere the figures are left out. */
import { readFileSync } from 'node:fs';

export const costIsKnown = process.platform === 'linux';

/** Of /proc/<pid>/stat, whatever the machine: USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** Milliseconds of processor time so far, of all threads, in the program and in the kernel for it. */
export function processorMs(pid: number): number {
  // The second field is the name in brackets, and may hold anything; the third follows the last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Resident memory, in megabytes of a million bytes. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

export function pidOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('the process does not run');
  return pid;
}
