import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from '@earshot/protocol';
import { Backoff } from './backoff.js';

describe('the back-off', () => {
  it('doubles its ceiling from one second to a minute, and begins again after a success', () => {
    const backoff = new Backoff(() => 1);
    expect([...Array(8).keys()].map(() => backoff.next())).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      32_000,
      BACKOFF_MAX_MS,
      BACKOFF_MAX_MS,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(BACKOFF_MIN_MS);
  });

  it('takes any wait below the ceiling', () => {
    expect(new Backoff(() => 0).next()).toBe(0);
    expect(new Backoff(() => 0.25).next()).toBe(250);
  });
});
