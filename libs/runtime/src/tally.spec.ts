import { Tally } from './tally.js';

describe('Tally', () => {
  it('lets the first of a kind be reported at once and then what came together, once a minute', () => {
    let now = 0;
    const tally = new Tally(() => now);
    const added = (what: string, times: number) => Array.from({ length: times }, () => tally.add(what)).filter(Boolean);
    expect(added('refused', 1_000)).toEqual([1]);
    expect(added('closed', 1)).toEqual([1]);
    now = 59_999;
    expect(added('refused', 1)).toEqual([]);
    now = 60_000;
    expect(tally.add('refused', 5)).toBe(1_005);
  });

  it('lets a few sources be reported each for itself, and the rest together', () => {
    let now = 0;
    const tally = new Tally(() => now);
    const reported = () =>
      Array.from({ length: 100 }, (_, i) => tally.addFrom('refused', `10.0.0.${i}`)).filter(Boolean);
    expect(reported()).toEqual(Array(9).fill(1));
    expect(reported()).toEqual([]);
    now = 60_000;
    expect(tally.addFrom('refused', '10.0.0.99')).toBe(1);
    expect(reported()).toEqual([...Array<number>(7).fill(1), 184]);
  });
});
