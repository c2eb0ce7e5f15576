import { bob, carol, compose, Fixture, messageId, receive } from '../test/fixture.js';
import type { HistoryWriter } from './writer.js';

let fixture: Fixture;
let history: HistoryWriter;
beforeEach(() => {
  fixture = new Fixture();
  history = fixture.open();
});
afterEach(() => {
  fixture.remove();
});

const numbers = (limit = 500, after?: { peer: string; seq: number }) =>
  history.undelivered(after, limit).items.map(({ id }) => Number(id.slice(-12)));

/** Every page of so many rows; `between` happens after each. */
function inPages(limit: number, between: (page: number) => void = () => undefined): number[][] {
  const pages = [];
  for (let after: { peer: string; seq: number } | undefined, page = 1; ; page++) {
    const { items, next } = history.undelivered(after, limit);
    pages.push(items.map(({ id }) => Number(id.slice(-12))));
    if (next === null) return pages;
    after = next;
    between(page);
  }
}

describe('what is not delivered', () => {
  it('is what is queued and sent, by peer and in the order of writing, and nothing else', () => {
    for (const number of [1, 2, 3, 5]) compose(history, number);
    compose(history, 4, { peer: carol, wired: true });
    receive(history, 6);
    history.transaction((tx) => {
      tx.markWired(bob, 3);
      tx.markAcked(bob, 1);
      tx.markRejected(bob, 2, 1);
      tx.cancel(messageId(5));
    });
    compose(history, 7);
    expect(history.undelivered(undefined, 500)).toMatchObject({
      items: [
        { id: messageId(3), peer: bob, direction: 'sent', state: 'sent', text: 'text 3' },
        { id: messageId(7), peer: bob, state: 'queued' },
        { id: messageId(4), peer: carol, state: 'sent' },
      ],
      next: null,
    });
  });

  it('is nothing where nobody was written to', () => {
    expect(history.undelivered(undefined, 500)).toEqual({ items: [], next: null });
  });

  it('comes in pages that leave nothing out and repeat nothing, also over the border between two peers', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    for (const number of [4, 5]) compose(history, number, { peer: carol });
    expect(inPages(2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inPages(5)).toEqual([[1, 2, 3, 4, 5]]);
  });

  it('leaves nothing out when something before is taken back, delivered or numbered anew between two pages', () => {
    for (const number of [1, 2, 3, 4, 5, 6]) compose(history, number);
    const pages = inPages(2, (page) => {
      history.transaction((tx) => {
        if (page === 1) tx.cancel(messageId(2));
        else tx.restartStream(bob);
      });
    });
    expect(pages).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    history.transaction((tx) => {
      tx.markWired(bob, 5);
      tx.markAcked(bob, 4);
    });
    expect(numbers()).toEqual([6]);
  });

  it('is bounded by bytes of text', () => {
    for (let number = 1; number <= 6; number++) compose(history, number, { text: 'x'.repeat(32_768) });
    expect(inPages(500)).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });
});
