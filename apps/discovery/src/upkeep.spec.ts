import { FakeClock } from '@earshot/testkit';
import { Upkeep } from './upkeep.js';

function setUp() {
  const clock = new FakeClock();
  const state = { expired: 0, moves: 0, change: false, asleepMs: 0 };
  const upkeep = new Upkeep({
    clock,
    wallClock: () => clock.now() + state.asleepMs,
    expire: () => state.expired++,
    follow: () => Promise.resolve(state.change),
    onMoved: () => state.moves++,
  });
  const tick = async () => {
    clock.advance(500);
    await new Promise(setImmediate);
  };
  return { upkeep, clock, state, tick };
}

describe('Upkeep', () => {
  it('looks twice a second and tells of a change of interfaces', async () => {
    const { upkeep, state, tick } = setUp();
    upkeep.start();
    await tick();
    await tick();
    expect(state).toMatchObject({ expired: 2, moves: 0 });
    state.change = true;
    await tick();
    expect(state.moves).toBe(1);
    await upkeep.stop();
  });

  it('tells of a sleep', async () => {
    const { upkeep, state, tick } = setUp();
    upkeep.start();
    await tick();
    state.asleepMs += 3_600_000;
    await tick();
    expect(state.moves).toBe(1);
    await tick();
    expect(state.moves).toBe(1);
    // A clock that was put back is no sleep.
    state.asleepMs -= 3_600_000;
    await tick();
    expect(state.moves).toBe(1);
    await upkeep.stop();
  });

  it('waits, when stopped, for what is under way, and does nothing more', async () => {
    const { upkeep, clock, state } = setUp();
    upkeep.start();
    state.change = true;
    clock.advance(500);
    await upkeep.stop();
    expect(state).toMatchObject({ expired: 1, moves: 0 });
    expect(clock.waiting).toBe(0);
  });
});
