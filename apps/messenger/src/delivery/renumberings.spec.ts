import { RENUMBERINGS_MAX, RENUMBERINGS_WITHIN_MS } from '@earshot/protocol';
import { Renumberings } from './renumberings.js';

it('lets each peer make us go over a conversation so many times in so much time', () => {
  let now = 0;
  const renumberings = new Renumberings(() => now);
  const taken = (peer: string) => [...Array(20).keys()].filter(() => renumberings.take(peer)).length;
  expect(taken('bob')).toBe(RENUMBERINGS_MAX);
  expect(taken('carol')).toBe(RENUMBERINGS_MAX);
  now = RENUMBERINGS_WITHIN_MS - 1;
  expect(taken('bob')).toBe(0);
  now += 1;
  expect(taken('bob')).toBe(RENUMBERINGS_MAX);
});
