import { spawnSync } from 'node:child_process';
import { machineNow } from './machine-clock.js';

describe('the clock of deadlines', () => {
  it('is the same in another process of this machine', () => {
    const before = machineNow();
    const { stdout } = spawnSync(process.execPath, ['-e', 'console.log(Number(process.hrtime.bigint()) / 1e6)']);
    const there = Number(stdout.toString());
    expect(there).toBeGreaterThanOrEqual(before);
    expect(there).toBeLessThanOrEqual(machineNow());
  });
});
