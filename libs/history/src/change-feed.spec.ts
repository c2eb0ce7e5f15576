import { change } from '@earshot/protocol/ipc';
import { aboutMessages } from '../test/delivery-run.js';
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

const brief = (after: number, limit = 500) =>
  aboutMessages(history.changes(after, limit).items).map((item) => [
    item.seq,
    Number(item.id.slice(-12)),
    item.event === 'state' ? item.state : 'new',
  ]);

describe('the feed', () => {
  it('has exactly the fields of the contract', () => {
    compose(history, 1, { wired: true });
    compose(history, 2, { peer: carol });
    history.transaction((tx) => tx.forget({ peer: carol, upto: history.lastSeq(), limit: 2 }));
    const { items } = history.changes(0, 10);
    expect(items.map(({ event }) => event)).toEqual(['message', 'state', 'forgotten']);
    for (const [index, item] of items.entries()) {
      expect(change.safeParse(item).error).toBeUndefined();
      expect(Object.keys(item)).toEqual(Object.keys(change.options[index]?.shape ?? {}));
    }
  });

  it('shows a message as it was stored, and each thing that became of it as a change of its own', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    receive(history, 4);
    history.transaction((tx) => {
      tx.markWired(bob, 3);
      tx.markRejected(bob, 2, 1);
      tx.markAcked(bob, 3);
    });
    const { items, upto } = history.changes(0, 500);
    expect(aboutMessages(items).map((item) => item.state)).toEqual([
      ...['queued', 'queued', 'queued', 'received'],
      ...['sent', 'sent', 'sent', 'rejected', 'delivered', 'delivered'],
    ]);
    expect(brief(4)).toEqual([
      [5, 1, 'sent'],
      [6, 2, 'sent'],
      [7, 3, 'sent'],
      [8, 2, 'rejected'],
      // 10 would be the rejected one.
      [9, 1, 'delivered'],
      [11, 3, 'delivered'],
    ]);
    expect(upto).toBe(history.lastSeq());
  });

  it('can be cut anywhere, within the positions of one acknowledgement too', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    history.transaction((tx) => tx.markWired(bob, 3));
    expect(history.changes(0, 4)).toMatchObject({ upto: 4 });
    expect(brief(4, 1)).toEqual([[5, 2, 'sent']]);
    expect(brief(5, 1)).toEqual([[6, 3, 'sent']]);
    expect(history.changes(6, 1)).toEqual({ items: [], upto: 6 });
  });

  it('has no entry for tombstones, and of what was cancelled only that it is gone', () => {
    receive(history, 1);
    receive(history, 1, { stream: '22'.repeat(8) });
    compose(history, 2);
    history.transaction((tx) => tx.cancel(messageId(2)));
    const { upto } = history.changes(1, 500);
    expect(brief(0)).toEqual([
      [1, 1, 'new'],
      [4, 2, 'cancelled'],
    ]);
    expect(upto).toBe(history.lastSeq());
    compose(history, 3);
    expect(brief(upto).map(([, number]) => number)).toEqual([3]);
  });

  it('is bounded by bytes of text, but never to none', () => {
    for (let number = 1; number <= 6; number++)
      compose(history, number, { text: 'x'.repeat(32_768), wired: number === 6 });
    const pages = [];
    for (let after = 0; ;) {
      const { items, upto } = history.changes(after, 500);
      if (items.length === 0) break;
      pages.push(items.length);
      after = upto;
    }
    expect(pages).toEqual([4, 8]);
  });

  it('tells the changes of several peers apart', () => {
    compose(history, 1, { wired: true });
    compose(history, 2, { peer: carol, wired: true });
    history.transaction((tx) => tx.markAcked(carol, 1));
    expect(aboutMessages(history.changes(0, 500).items).map(({ peer, state }) => [peer, state])).toEqual([
      [bob, 'queued'],
      [bob, 'sent'],
      [carol, 'queued'],
      [carol, 'sent'],
      [carol, 'delivered'],
    ]);
  });

  it('brings a reader back whose cursor lies ahead of it, as after a restored copy', () => {
    compose(history, 1);
    expect(history.changes(1000, 10)).toEqual({ items: [], upto: 1 });
  });
});
