import { IPC_MAX_BYTES } from '@earshot/protocol';
import { SnapshotPages } from './snapshot-pages.js';

const at = { instance: 'a'.repeat(16), sequence: 7 };
const events = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, n) => ({ event: 'entry', n, text: 'x'.repeat(bytes) }));

function allPages(pages: SnapshotPages) {
  const all = [pages.page(undefined)];
  for (let next = all[0]?.next ?? null; next !== null; next = all.at(-1)?.next ?? null) all.push(pages.page(next));
  return all;
}

describe('the pages of a snapshot', () => {
  it('are one, without a cursor, where everything fits', () => {
    const pages = new SnapshotPages(
      () => events(3, 10),
      () => at,
    );
    expect(pages.page(undefined)).toEqual({ ...at, items: events(3, 10), next: null });
    const empty = new SnapshotPages(
      () => [],
      () => at,
    );
    expect(empty.page(undefined)).toEqual({ ...at, items: [], next: null });
  });

  it.each([
    [5_000, 400],
    [9, 100_000],
    // Each larger than a page should be: a page holds at least one.
    [3, 600_000],
  ])('hold %d events of %d bytes in order, each page within a frame', (count, bytes) => {
    const taken = allPages(
      new SnapshotPages(
        () => events(count, bytes),
        () => at,
      ),
    );
    expect(taken.flatMap(({ items }) => items)).toEqual(events(count, bytes));
    expect(taken.length).toBeGreaterThan(1);
    for (const page of taken) {
      expect(page).toMatchObject(at);
      expect(page.items.length).toBeGreaterThan(0);
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(IPC_MAX_BYTES);
    }
  });

  it('are of one moment, though the state goes on', () => {
    let state = events(10, 100_000);
    let sequence = 1;
    const pages = new SnapshotPages(
      () => state,
      () => ({ ...at, sequence }),
    );
    const first = pages.page(undefined);
    state = [];
    sequence = 2;
    const second = pages.page(first.next ?? '');
    expect(second.sequence).toBe(1);
    expect(second.items).toEqual(events(10, 100_000).slice(first.items.length, first.items.length * 2));
  });

  it('are forgotten when they were fetched, or when too many others are being fetched', () => {
    const pages = new SnapshotPages(
      () => events(6, 100_000),
      () => at,
    );
    const cursors = allPages(pages).map(({ next }) => next ?? '');
    expect(() => pages.page(cursors[0])).toThrow('bad-request: cursor');
    const abandoned = pages.page(undefined).next ?? '';
    for (let n = 0; n < 15; n += 1) pages.page(undefined);
    expect(pages.page(abandoned).items).not.toHaveLength(0);
    pages.page(undefined);
    expect(() => pages.page(abandoned)).toThrow('bad-request: cursor');
  });

  it.each(['', '.', 'x', 'x.1', `${at.instance}-1.9`, `${at.instance}-1.-1`, `${at.instance}-1.x`])(
    'are not found by the cursor "%s"',
    (cursor) => {
      const pages = new SnapshotPages(
        () => events(6, 100_000),
        () => at,
      );
      pages.page(undefined);
      expect(() => pages.page(cursor)).toThrow('bad-request: cursor');
    },
  );
});
