import { Schedule } from './schedule.js';

/** Every round until a time, as the timer would take them. */
function play(schedule: Schedule, until: number): { at: number; wide: boolean; query: boolean }[] {
  const rounds = [];
  for (let { next } = schedule; next !== undefined && next <= until; { next } = schedule) {
    const round = schedule.take(next);
    if (round !== undefined) rounds.push({ at: next, ...round });
  }
  return rounds;
}

describe('Schedule', () => {
  it('says nothing before a burst', () => {
    const schedule = new Schedule(() => 0.5);
    expect(schedule.next).toBeUndefined();
    expect(schedule.take(1e9)).toBeUndefined();
  });

  it('starts with a burst by all paths that asks twice, then speaks every 8 s and widely every 32 s', () => {
    const schedule = new Schedule(() => 0.5);
    schedule.burst(1_000);
    expect(play(schedule, 80_000)).toEqual([
      { at: 1_000, wide: true, query: true },
      { at: 1_200, wide: true, query: false },
      { at: 2_000, wide: true, query: true },
      { at: 4_000, wide: true, query: false },
      ...[12_000, 20_000, 28_000].map((at) => ({ at, wide: false, query: false })),
      { at: 36_000, wide: true, query: false },
      ...[44_000, 52_000, 60_000].map((at) => ({ at, wide: false, query: false })),
      { at: 68_000, wide: true, query: false },
      { at: 76_000, wide: false, query: false },
    ]);
  });

  it('asks nobody where there is only something new to say', () => {
    const schedule = new Schedule(() => 0.5);
    schedule.burst(0, false);
    expect(play(schedule, 3_000)).toEqual([0, 200, 1_000, 3_000].map((at) => ({ at, wide: true, query: false })));
  });

  it.each([
    [0, 7_000],
    [0.999999, 9_000],
  ])('keeps to 8 s ± 1 s (random number %d)', (random, gapMs) => {
    const schedule = new Schedule(() => random);
    schedule.burst(0);
    const times = play(schedule, 120_000)
      .slice(3)
      .map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? NaN)).toBeCloseTo(gapMs, 1);
  });

  it.each([0, 0.25, 0.75, 0.999])('speaks widely every 28 to 36 s, whatever the jitter (%d)', (random) => {
    const schedule = new Schedule(() => random);
    schedule.burst(0);
    const wide = play(schedule, 300_000)
      .filter(({ at, wide }) => wide && at >= 3_000)
      .map(({ at }) => at);
    expect(wide.length).toBeGreaterThan(7);
    for (const [index, at] of wide.slice(1).entries()) {
      const gap = at - (wide[index] ?? NaN);
      expect(gap).toBeGreaterThanOrEqual(27_000);
      expect(gap).toBeLessThanOrEqual(37_000);
    }
  });

  it('starts over with a new burst in the middle of another', () => {
    const schedule = new Schedule(() => 0.5);
    schedule.burst(0);
    schedule.take(0);
    schedule.burst(100);
    expect(play(schedule, 11_200).map(({ at }) => at)).toEqual([100, 300, 1_100, 3_100, 11_100]);
  });

  it('makes up for nothing after a pause', () => {
    const schedule = new Schedule(() => 0.5);
    schedule.burst(0);
    expect(schedule.take(600_000)).toEqual({ wide: true, query: true });
    expect(schedule.next).toBe(608_000);
  });
});
