import { SeededRandom } from './seeded-random.js';

describe('SeededRandom', () => {
  it('repeats itself for the same seed and differs for another', () => {
    expect(new SeededRandom(7).bytes(16)).toEqual(new SeededRandom(7).bytes(16));
    expect(new SeededRandom(7).bytes(16)).not.toEqual(new SeededRandom(8).bytes(16));
  });

  it('stays below its end and reaches every value', () => {
    const random = new SeededRandom(0);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
