import { RENUMBERED_AT_WILL_MESSAGES, RENUMBERINGS_MAX, RENUMBERINGS_WITHIN_MS } from '@earshot/protocol';
import { Renumberings } from './renumberings.js';

it('lets each peer send us over a long conversation so many times in so much time, and over a short one at will', () => {
  let now = 0;
  const renumberings = new Renumberings(() => now);
  const taken = (peer: string, messages = RENUMBERED_AT_WILL_MESSAGES + 1) =>
    [...Array(20).keys()].filter(() => renumberings.take(peer, messages)).length;
  expect(taken('bob')).toBe(RENUMBERINGS_MAX);
  expect(taken('carol')).toBe(RENUMBERINGS_MAX);
  expect(taken('bob', RENUMBERED_AT_WILL_MESSAGES)).toBe(20);
  now = RENUMBERINGS_WITHIN_MS - 1;
  expect(taken('bob')).toBe(0);
  now += 1;
  expect(taken('bob')).toBe(RENUMBERINGS_MAX);
});
