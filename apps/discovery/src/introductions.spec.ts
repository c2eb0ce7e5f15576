import { PASSED_ON_ADDRESSES_MAX } from '@earshot/protocol';
import { Introductions } from './introductions.js';

const nobody: (ip: string) => boolean = () => false;

/** Everything that is asked within so many seconds, looked at twice a second. */
function asked(introductions: Introductions, seconds: number, heardAt = nobody): string[] {
  return Array.from({ length: seconds * 2 }, (_, tick) => introductions.next(tick * 500, heardAt)).flatMap(
    (ip) => ip ?? [],
  );
}

it('asks at an address three times, some time apart, and then no more', () => {
  const introductions = new Introductions();
  introductions.add(['192.0.2.1']);
  const times = Array.from({ length: 200 }, (_, s) => s * 1_000).filter((ms) => introductions.next(ms, nobody));
  expect(times).toEqual([0, 10_000, 20_000]);
});

it('asks no more where somebody is heard', () => {
  const introductions = new Introductions();
  introductions.add(['192.0.2.1', '192.0.2.2']);
  expect(asked(introductions, 60, (ip) => ip === '192.0.2.1')).toEqual(['192.0.2.2', '192.0.2.2', '192.0.2.2']);
});

it('sends one datagram a second for a thousand lies, and three for each that it remembers', () => {
  const introductions = new Introductions();
  introductions.add(Array.from({ length: 1_000 }, (_, i) => `10.9.${i >> 8}.${i & 255}`));
  expect(asked(introductions, 60)).toHaveLength(60);
  expect(asked(introductions, 5_000).length).toBeLessThanOrEqual(3 * PASSED_ON_ADDRESSES_MAX - 60);
});

it('never asks what is no host', () => {
  const introductions = new Introductions();
  introductions.add(['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255']);
  expect(asked(introductions, 10)).toEqual([]);
});
