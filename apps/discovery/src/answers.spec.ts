import { FakeClock } from '@earshot/testkit';
import { Answers, type Target } from './answers.js';

const target = (n: number): Target => ({ ip: `10.0.0.${n}`, port: 40_000 });

describe('Answers', () => {
  it.each([
    [0, 50],
    [100, 250],
    [2_000, 4_000],
    [4_096, 4_000],
  ])('waits at random, the longer the more there are (%d: up to %d ms)', (rosterSize, longestMs) => {
    const clock = new FakeClock();
    const sent: Target[] = [];
    new Answers(
      clock,
      () => 0.9999,
      (one) => sent.push(one),
    ).plan(target(1), rosterSize);
    clock.advance(longestMs * 0.99);
    expect(sent).toEqual([]);
    clock.advance(longestMs * 0.01);
    expect(sent).toEqual([target(1)]);
  });

  it('answers one address four times a second, whatever its ports, and all of them 20 times', () => {
    const clock = new FakeClock();
    const sent: Target[] = [];
    const answers = new Answers(
      clock,
      () => 0,
      (one) => sent.push(one),
    );
    for (let n = 0; n < 10; n++) answers.plan({ ...target(1), port: 40_000 + n }, 0);
    clock.advance(0);
    expect(sent).toHaveLength(4);
    for (let n = 2; n < 100; n++) answers.plan(target(n), 0);
    clock.advance(0);
    expect(sent).toHaveLength(20);
    clock.advance(1_000);
    answers.plan(target(1), 0);
    clock.advance(0);
    expect(sent).toHaveLength(21);
  });

  it('answers nobody once stopped', () => {
    const clock = new FakeClock();
    const sent: Target[] = [];
    const answers = new Answers(
      clock,
      () => 0.5,
      (one) => sent.push(one),
    );
    answers.plan(target(1), 10);
    answers.stop();
    expect(clock.waiting).toBe(0);
    clock.advance(10_000);
    expect(sent).toEqual([]);
  });
});
