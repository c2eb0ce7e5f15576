import { RecentlySeen } from './recently-seen.js';

describe('RecentlySeen', () => {
  it('knows a key again', () => {
    const seen = new RecentlySeen(10);
    expect(seen.note('a')).toBe(false);
    expect(seen.note('a')).toBe(true);
    expect(seen.note('b')).toBe(false);
  });

  it('knows a key through one change of generation and forgets it after two, so that it stays bounded', () => {
    const seen = new RecentlySeen(3);
    seen.note('a');
    for (const key of ['b', 'c', 'd', 'e']) seen.note(key);
    expect(seen.note('a')).toBe(true);
    for (let n = 0; n < 6; n++) seen.note(`other ${n}`);
    expect(seen.note('d')).toBe(false);
  });
});
