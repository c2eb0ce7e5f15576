import fc from 'fast-check';
import type { Row } from './rows.js';
import { placeAt, scrolled, see, type Entries, type Place } from './viewport.js';

/** Entries of so many rows each; a row says of which entry and which row it is. */
function entries(heights: readonly number[], first = 0): Entries {
  return {
    count: heights.length,
    keyOf: (index) => `m${first + index}`,
    indexOf: (key) => {
      const index = Number(key.slice(1)) - first;
      return index < heights.length ? index : -1;
    },
    rowsOf: (index) =>
      Array.from({ length: heights[index] ?? 0 }, (_, row): Row => ({
        spans: [{ text: `m${first + index}.${row}`, style: 'plain' }],
      })),
  };
}
const texts = (rows: readonly Row[]) => rows.map(({ spans }) => spans[0]?.text);

describe('what is seen of a conversation', () => {
  it('is its end, or from a row on', () => {
    const all = entries([2, 3, 1]);
    expect(texts(see(all, 'bottom', 3).rows)).toEqual(['m1.1', 'm1.2', 'm2.0']);
    expect(texts(see(all, { key: 'm0', row: 1 }, 3).rows)).toEqual(['m0.1', 'm1.0', 'm1.1']);
    expect(texts(see(all, 'bottom', 99).rows)).toHaveLength(6);
  });

  it('is the end where so much is not left from a row on', () => {
    expect(see(entries([2, 3, 1]), { key: 'm2', row: 0 }, 3).place).toBe('bottom');
  });

  it('moves by rows, to the beginning and to the end and no further', () => {
    const all = entries([2, 3, 1, 4]);
    const up = scrolled(all, 'bottom', -2, 4);
    expect(up).toEqual({ key: 'm1', row: 2 });
    expect(scrolled(all, up, 1, 4)).toEqual({ key: 'm2', row: 0 });
    expect(scrolled(all, up, 2, 4)).toBe('bottom');
    expect(scrolled(all, up, -99, 4)).toEqual({ key: 'm0', row: 0 });
    expect(placeAt(all, 1, 4)).toEqual({ key: 'm1', row: 0 });
  });

  it('stays the same when more comes at either end, and comes back from wherever one goes', () => {
    const heights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        heights,
        heights,
        heights,
        fc.nat(100),
        fc.integer({ min: 1, max: 12 }),
        (before, known, later, up, height) => {
          const place: Place = scrolled(entries(known, before.length), 'bottom', -up, height);
          if (place === 'bottom') return;
          const seen = texts(see(entries(known, before.length), place, height).rows);
          expect(texts(see(entries([...before, ...known, ...later]), place, height).rows)).toEqual(seen);
          const all = entries([...before, ...known, ...later]);
          const isFirst = before.length === 0 && place.key === 'm0' && place.row === 0;
          fc.pre(!isFirst);
          expect(scrolled(all, scrolled(all, place, -1, height), 1, height)).toEqual(place);
        },
      ),
    );
  });
});
