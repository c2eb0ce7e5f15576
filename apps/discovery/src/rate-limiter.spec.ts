import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  const admitted = (limiter: RateLimiter, source: string, times: number, nowMs: number) =>
    Array.from({ length: times }, () => limiter.admit(source, nowMs)).filter(Boolean).length;

  it('admits so many from a source and so many in all, and afresh each second', () => {
    const limiter = new RateLimiter({ total: 50, perSource: 20 });
    expect(admitted(limiter, 'a', 100, 0)).toBe(20);
    expect(admitted(limiter, 'b', 100, 1)).toBe(20);
    expect(admitted(limiter, 'c', 100, 999)).toBe(10);
    expect(admitted(limiter, 'd', 100, 999)).toBe(0);
    expect(admitted(limiter, 'a', 100, 1_000)).toBe(20);
  });

  it('does not let one source use up the total by what is refused', () => {
    const limiter = new RateLimiter({ total: 30, perSource: 20 });
    expect(admitted(limiter, 'flood', 10_000, 0)).toBe(20);
    expect(admitted(limiter, 'quiet', 10, 0)).toBe(10);
  });

  it('counts no more sources than the total', () => {
    const limiter = new RateLimiter({ total: 100, perSource: 20 });
    for (let n = 0; n < 10_000; n++) limiter.admit(`source ${n}`, 0);
    expect((limiter as unknown as { bySource: Map<string, number> }).bySource.size).toBe(100);
  });
});
