import { worldOfEachTest, type Step } from '../../test/simulated/world.js';

const world = worldOfEachTest();
const step = (kind: Step['kind'], party: 0 | 1, count = 1): Step => ({ kind, party, where: 0, count });

describe('two sessions with one peer', () => {
  it('both learn that the store works again, since either may be the one that is left', async () => {
    const schedule = [
      step('fill', 1),
      step('compose', 1, 80),
      // Both are told that nothing is taken.
      step('connect', 1),
      step('connect', 0),
      step('read', 1),
      step('compose', 0),
      step('wait', 0, 80),
    ];
    for (const one of schedule) await world().take(one);
    await world().settle();
  });
});
