import { spawnSync } from 'node:child_process';
import { machineNow } from './machine-clock.js';

describe('the clock of deadlines', () => {
  it('is the same in another process of this machine', () => {
    const before = machineNow();
    // Not console.log, which may write colours.
    const script = 'process.stdout.write(String(process.hrtime.bigint() / 1000000n))';
    const there = Number(spawnSync(process.execPath, ['-e', script]).stdout.toString());
    expect(there).toBeGreaterThanOrEqual(before);
    expect(there).toBeLessThanOrEqual(machineNow());
  });
});
