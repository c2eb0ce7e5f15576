import { Refusals } from './refusals.js';

describe('Refusals', () => {
  it('reports the first of a kind at once and then what came together, once a minute', () => {
    let now = 0;
    const reports: [string, number][] = [];
    const refusals = new Refusals(
      () => now,
      (code, count) => reports.push([code, count]),
    );
    for (let n = 0; n < 1_000; n++) refusals.add('bad-datagram');
    refusals.add('bad-signature');
    expect(reports).toEqual([
      ['bad-datagram', 1],
      ['bad-signature', 1],
    ]);
    now = 59_999;
    refusals.add('bad-datagram');
    expect(reports).toHaveLength(2);
    now = 60_000;
    refusals.add('bad-datagram');
    expect(reports.at(-1)).toEqual(['bad-datagram', 1_001]);
  });
});
