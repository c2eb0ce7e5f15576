/** The fuzzer as it is started by hand, with a number of executions that fits into every test run: all targets, and all that is kept. */
import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, thisMachine } from '@earshot/testkit';
import { TARGETS } from './targets/index.js';

/** These set a server or a whole console to work. */
const SLOW = ['http', 'command-lines', 'typed-lines'];
const FAST = Object.keys(TARGETS).filter((name) => !SLOW.includes(name));

/** Ten times and more what it takes: this is to end it where it hangs, and says nothing of speed. */
const OVERDUE_MS = 200_000;

interface Report {
  readonly name: string;
  readonly executions: number;
  readonly kept: number;
  readonly edges: number;
  readonly crashes: number;
}

async function fuzz(
  names: readonly string[],
  executions: number,
): Promise<{ code: number; stderr: string; reports: Report[] }> {
  const main = join(repositoryRoot, 'tests/fuzz/dist/main.js');
  const args = [main, ...names, '--executions', String(executions), '--seed', '20260102', '--json'];
  const { code, stdout, stderr } = await thisMachine.exec(process.execPath, args, { timeoutMs: OVERDUE_MS });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code: code ?? -1, stderr, reports: lines.map((line) => JSON.parse(line) as Report) };
}

const keptOf = (name: string): number => {
  const folder = join(repositoryRoot, 'tests/fuzz/seeds', name);
  return existsSync(folder) ? readdirSync(folder).length : 0;
};

describe('nothing that reads what others wrote fails on', () => {
  it.each([
    [10_000, FAST],
    [3_000, SLOW],
  ])('any of %i inputs made up for each of %j, or of those kept', async (executions, names) => {
    const { code, stderr, reports } = await fuzz(names, executions);
    expect([stderr, code]).toEqual(['', 0]);
    expect(reports.map(({ name, kept }) => ({ name, kept }))).toEqual(
      names.map((name) => ({ name, kept: keptOf(name) })),
    );
    for (const { name, executions: made, kept, edges, crashes } of reports) {
      // Beside those made up there are the seeds; without the hook nothing would be counted, and nothing led.
      expect([name, made > executions + kept, edges > 5, crashes]).toEqual([name, true, true, 0]);
    }
  });

  it('refuses a target that is none', async () => {
    const { code, stderr } = await fuzz(['frame'], 1);
    expect([code, stderr]).toEqual([2, expect.stringContaining('frames')]);
  });
});
