import { jest } from '@jest/globals';
import fc from 'fast-check';
import { simulateTimers, step, World, type Step } from '../../test/simulated/world.js';

/** `EARSHOT_PROPERTY_RUNS=5000` looks longer; `EARSHOT_PROPERTY_SEED` takes a schedule up again. */
const runs = Number(process.env['EARSHOT_PROPERTY_RUNS'] ?? 60);
const seed = process.env['EARSHOT_PROPERTY_SEED'];

beforeAll(() => {
  simulateTimers();
});
afterAll(() => {
  jest.useRealTimers();
});

/** Runs schedules of such steps, each in a world of its own, to the end and to rest. */
async function survives(steps: fc.Arbitrary<Step>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60, size: 'max' }), async (schedule) => {
      const world = new World();
      try {
        for (const one of schedule) await world.take(one);
        await world.settle();
      } finally {
        world.remove();
      }
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
}

describe('whatever is composed, cancelled, read, cut, crashed and refused by a full disk, in whatever order', () => {
  it('everything arrives once and in order, and "delivered" is said of nothing else', async () => {
    await survives(step.filter(({ kind }) => kind !== 'restore' && kind !== 'copy'));
  }, 600_000);
});

describe('whichever disk is set back to whichever copy besides', () => {
  it('what the sender holds arrives once, and what only the receiver holds is known to both', async () => {
    await survives(step);
  }, 600_000);
});
