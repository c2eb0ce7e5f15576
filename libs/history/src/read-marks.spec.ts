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

const mark = (number?: number, peer = bob) =>
  history.transaction((tx) => tx.markRead(peer, number === undefined ? undefined : messageId(number)));

describe('what is unread', () => {
  it('is what came in since the newest message that was read, and not what we wrote', () => {
    expect(history.unread(bob)).toEqual({ peer: bob, messages: 0, readUpTo: null });
    receive(history, 1);
    receive(history, 2);
    compose(history, 3);
    receive(history, 4, { peer: carol });
    expect(history.unread(bob)).toEqual({ peer: bob, messages: 2, readUpTo: null });
    expect(mark(1)).toBe(true);
    expect(history.unread(bob)).toEqual({ peer: bob, messages: 1, readUpTo: messageId(1) });
    expect(mark(3)).toBe(true);
    expect(history.allUnread()).toEqual([
      { peer: bob, messages: 0, readUpTo: messageId(3) },
      { peer: carol, messages: 1, readUpTo: null },
    ]);
  });

  it('grows with what is read no more', () => {
    for (const number of [1, 2, 3]) receive(history, number);
    mark(2);
    expect([mark(1), mark(2), mark(9), mark(1, carol)]).toEqual([false, false, false, false]);
    expect(history.unread(bob).messages).toBe(1);
    expect(mark()).toBe(true);
    expect(mark()).toBe(false);
    expect(history.unread(bob)).toEqual({ peer: bob, messages: 0, readUpTo: messageId(3) });
    receive(history, 4);
    expect(history.unread(bob).messages).toBe(1);
  });

  it('is counted up to a thousand', () => {
    history.transaction((tx) => {
      for (let n = 1; n <= 1_200; n++)
        tx.commitReceived({ peer: bob, stream: '11'.repeat(8), n, id: messageId(n), sentAt: 1, ctype: 1, text: 'x' });
    });
    expect(history.unread(bob).messages).toBe(1_000);
    mark(300);
    expect(history.unread(bob).messages).toBe(900);
  });

  it('is no more once it is forgotten', () => {
    receive(history, 1);
    receive(history, 2);
    mark(1);
    history.transaction((tx) => tx.forget({ peer: bob, upto: history.lastSeq(), limit: 1 }));
    expect(history.unread(bob)).toEqual({ peer: bob, messages: 1, readUpTo: null });
    history.transaction((tx) => tx.forget({ peer: bob, upto: history.lastSeq(), limit: 1 }));
    expect(history.allUnread()).toEqual([]);
  });

  it('is known after a restart, and what a transaction that failed had marked is not', () => {
    receive(history, 1);
    expect(() =>
      history.transaction((tx) => {
        tx.markRead(bob);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(history.unread(bob).messages).toBe(1);
    mark();
    history.close();
    history = fixture.open();
    expect(history.unread(bob).messages).toBe(0);
  });
});
