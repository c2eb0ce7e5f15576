import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('stands still until it is moved', () => {
    const clock = new FakeClock(1_000);
    expect(clock.now()).toBe(1_000);
    clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  it('runs timers in the order in which they fall due, each at its own time', () => {
    const clock = new FakeClock(0);
    const ran: [string, number][] = [];
    clock.after(20, () => ran.push(['late', clock.now()]));
    clock.after(10, () => ran.push(['early', clock.now()]));
    clock.after(10, () => ran.push(['also early', clock.now()]));
    clock.advance(19);
    expect(ran).toEqual([
      ['early', 10],
      ['also early', 10],
    ]);
    clock.advance(1);
    expect(ran.at(-1)).toEqual(['late', 20]);
    expect(clock.waiting).toBe(0);
  });

  it('runs a timer that another timer set, when it falls due on the way', () => {
    const clock = new FakeClock(0);
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      clock.after(10, tick);
    };
    clock.after(10, tick);
    clock.advance(35);
    expect(ticks).toBe(3);
  });

  it('forgets a timer that was called off', () => {
    const clock = new FakeClock(0);
    const callOff = clock.after(5, () => {
      throw new Error('ran');
    });
    callOff();
    expect(() => {
      clock.advance(10);
    }).not.toThrow();
  });
});
