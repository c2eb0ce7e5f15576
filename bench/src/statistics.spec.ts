import { median, percentile } from './statistics.js';

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

describe('a percentile', () => {
  it('is the sample at the nearest rank, whatever the order', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0)).toBe(1);
  });

  it('sorts numbers as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('of few samples is the worst of them', () => {
    expect(percentile([3, 1, 2], 0.99)).toBe(3);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('leaves the samples in their order', () => {
    const samples = [2, 1];
    median(samples);
    expect(samples).toEqual([2, 1]);
  });

  it('of nothing is a mistake', () => {
    expect(() => median([])).toThrow('bug:');
  });
});
