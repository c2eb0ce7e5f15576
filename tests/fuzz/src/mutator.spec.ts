import { SeededRandom } from '@earshot/testkit';
import { Mutator } from './mutator.js';

const INPUT = Buffer.from('a length and what follows');
const series = (seed: number) => {
  const mutator = new Mutator(new SeededRandom(seed), [Buffer.from('magic')], 64);
  return Array.from({ length: 2_000 }, () => mutator.mutate(INPUT, Buffer.from('another')).toString('latin1'));
};

describe('the mutator', () => {
  it('makes the same of the same seed, and something else of another', () => {
    expect(series(1)).toEqual(series(1));
    expect(series(1)).not.toEqual(series(2));
  });

  it('changes, shortens, lengthens and never the input itself', () => {
    const made = series(3);
    expect(new Set(made).size).toBeGreaterThan(1_500);
    expect(made.some((text) => text.length < INPUT.length)).toBe(true);
    expect(Math.max(...made.map((text) => text.length))).toBe(64);
    expect(INPUT.toString()).toBe('a length and what follows');
  });

  it('puts in words of the dictionary and pieces of other inputs', () => {
    const made = series(4);
    for (const piece of ['magic', 'nothe'])
      expect(made.filter((text) => text.includes(piece)).length).toBeGreaterThan(10);
  });

  it('bears an empty input and an empty dictionary', () => {
    const mutator = new Mutator(new SeededRandom(5), [], 8);
    const made = Array.from({ length: 500 }, () => mutator.mutate(Buffer.alloc(0), Buffer.alloc(0)).length);
    expect(Math.max(...made)).toBe(8);
  });
});
