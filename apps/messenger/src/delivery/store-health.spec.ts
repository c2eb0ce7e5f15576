import { jest } from '@jest/globals';
import { HistoryError, type HistoryWriter } from '@earshot/history';
import { StoreHealth } from './store-health.js';

const full = new HistoryError('store-failed', 'history.db: SQLITE_FULL');

/** What happened, in order. */
let told: string[];
let probesFail: boolean;
let store: StoreHealth;
beforeEach(() => {
  jest.useFakeTimers();
  told = [];
  probesFail = true;
  store = new StoreHealth({
    history: {
      probe() {
        told.push('probe');
        if (probesFail) throw full;
      },
    } as unknown as HistoryWriter,
    failed: () => told.push('failed'),
    retry: () => told.push('retry'),
    recovered: () => told.push('recovered'),
  });
});
afterEach(() => {
  store.stop();
  jest.useRealTimers();
});

/** Seconds at which it was probed, counted from now. */
function probesWithin(seconds: number): number[] {
  const at: number[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    const before = told.filter((what) => what === 'probe').length;
    jest.advanceTimersByTime(1_000);
    if (told.filter((what) => what === 'probe').length > before) at.push(second);
  }
  return at;
}

describe('a store that fails', () => {
  it('is said once, and tried again after 1, 2, 4, 8 and then every 10 seconds', () => {
    store.report(full);
    expect(store.failure).toBe(full);
    expect(probesWithin(40)).toEqual([1, 3, 7, 15, 25, 35]);
    expect(told.filter((what) => what !== 'probe')).toEqual(['failed']);
  });

  it('works again when a commit of messages has gone through, and not because a small probe did', () => {
    store.report(full);
    probesFail = false;
    jest.advanceTimersByTime(1_000);
    expect(told).toEqual(['failed', 'probe', 'retry']);
    expect(store.failure).toBeUndefined();
    // What waits does not fit where the probe did: nobody is told of a store that works, nor again of one that fails.
    store.report(full);
    expect(store.failure).toBe(full);
    jest.advanceTimersByTime(2_000);
    store.proved();
    expect(told).toEqual(['failed', 'probe', 'retry', 'probe', 'retry', 'recovered']);
    store.report(full);
    expect(told.at(-1)).toBe('failed');
  });

  it('works again when nothing has failed for a while, too', () => {
    store.report(full);
    probesFail = false;
    jest.advanceTimersByTime(1_000 + 10_000);
    expect(told).toEqual(['failed', 'probe', 'retry', 'recovered']);
  });

  it('that is damaged is not tried again', () => {
    const damaged = new HistoryError('damaged', 'history.db: damaged');
    expect(() => {
      store.report(damaged);
    }).toThrow(damaged);
    expect(probesWithin(5)).toEqual([]);
  });
});
