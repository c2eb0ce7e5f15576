import { readFileSync } from 'node:fs';
import { bob, carol, codeOf, compose, Fixture, messageId, peerId, receive, streamOf } from '../test/fixture.js';
import type { ToForget } from './forgetting.js';
import { openHistoryReader } from './reader.js';
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

const forget = (what: Partial<ToForget> = {}) =>
  history.transaction((tx) => tx.forget({ peer: bob, upto: history.lastSeq(), limit: 100, ...what }));
const numbers = (items: readonly { id: string }[]) => items.map(({ id }) => Number(id.slice(-12)));
const told = () => history.changes(0, 100).items.filter(({ event }) => event === 'forgotten');
const shown = (peer = bob) => numbers(history.page(peer, { limit: 100 }).items);

describe('a forgotten conversation', () => {
  it('is in no list, no search and no export, and that of somebody else as it was', () => {
    compose(history, 1, { wired: true });
    receive(history, 2);
    receive(history, 3, { text: null });
    compose(history, 4, { peer: carol });
    expect(forget()).toEqual({ messages: 3, undelivered: 1, isDone: true });
    expect(shown()).toEqual([]);
    expect(shown(carol)).toEqual([4]);
    expect(numbers(history.search('text', { limit: 100 }))).toEqual([4]);
    expect(history.conversations()).toMatchObject([{ peer: carol, count: 1 }]);
    expect(numbers([...history.iterateAll()])).toEqual([4]);
    expect([...history.iterateConversation(bob)]).toEqual([]);
    expect(numbers(history.undelivered(undefined, 100).items)).toEqual([4]);
    expect(history.life(messageId(2))).toBeNull();
    expect(forget()).toEqual({ messages: 0, undelivered: 0, isDone: true });
  });

  it('goes on with the next message', () => {
    receive(history, 1);
    forget();
    receive(history, 2);
    expect(shown()).toEqual([2]);
    expect(history.conversations()).toMatchObject([{ peer: bob, count: 1, lastText: 'text 2' }]);
  });

  it('of nobody is none', () => {
    expect(forget({ peer: peerId('nobody') })).toEqual({ messages: 0, undelivered: 0, isDone: true });
  });

  it('is as it was where the commit fails', () => {
    compose(history, 1, { wired: true });
    expect(() =>
      history.transaction((tx) => {
        tx.forget({ peer: bob, upto: history.lastSeq(), limit: 100 });
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(shown()).toEqual([1]);
    expect(history.outboxSize(bob)).toEqual({ messages: 1, bytes: 6 });
  });
});

describe('a part of a conversation', () => {
  it('that is before a moment goes, and what is stored at it and later stays', () => {
    receive(history, 1);
    receive(history, 2);
    const { items } = history.page(bob, { limit: 100 });
    const before = Date.parse(items[1]?.committedAt ?? '');
    expect(forget({ before })).toEqual({ messages: 1, undelivered: 0, isDone: true });
    expect(shown()).toEqual([2]);
    expect(numbers(history.search('text', { limit: 100 }))).toEqual([2]);
  });

  it('goes in pieces, the oldest first, without what came after it was asked for', () => {
    for (const number of [1, 2, 3]) receive(history, number);
    const upto = history.lastSeq();
    expect(forget({ upto, limit: 2 })).toEqual({ messages: 2, undelivered: 0, isDone: false });
    expect(shown()).toEqual([3]);
    receive(history, 4);
    expect(forget({ upto, limit: 2, goesOn: true })).toEqual({ messages: 1, undelivered: 0, isDone: true });
    expect(shown()).toEqual([4]);
    // Once for all of them, and once for whoever looks later; also where the last piece is empty.
    expect(told()).toHaveLength(1);
    expect(forget({ upto, limit: 2, goesOn: true })).toEqual({ messages: 0, undelivered: 0, isDone: true });
    expect(told()).toHaveLength(1);
    expect(forget({ upto })).toEqual({ messages: 0, undelivered: 0, isDone: true });
    expect(told()).toHaveLength(1);
  });
});

describe('what the protocol needs', () => {
  it('stays: the mark of a stream, and that an id was had', () => {
    receive(history, 1);
    receive(history, 2);
    forget();
    expect(history.receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 2, id: messageId(2) });
    expect(receive(history, 1, { stream: streamOf(2) })).toBe('duplicate-id');
    expect(shown()).toEqual([]);
  });

  it('stays: an id of ours that was used sends nothing again, and has come to its end', () => {
    compose(history, 1);
    forget();
    expect(codeOf(() => compose(history, 1))).toBe('id-conflict');
    expect(history.messageState(messageId(1))).toBe('cancelled');
    expect(history.transaction((tx) => tx.cancel(messageId(1)))).toBe('cancelled');
  });

  it('stays: what is not acknowledged goes out as void, in its place', () => {
    compose(history, 1, { wired: true });
    compose(history, 2);
    const before = Date.parse(history.page(bob, { limit: 1 }).items[0]?.committedAt ?? '');
    expect(forget({ before })).toEqual({ messages: 1, undelivered: 1, isDone: true });
    expect(history.pending(bob, 0, 100, 1_000)).toMatchObject([
      { n: 1, id: messageId(1), text: null, sentAt: 0 },
      { n: 2, id: messageId(2), text: 'text 2' },
    ]);
    expect(history.outboxSize(bob)).toEqual({ messages: 2, bytes: 6 });
    history.transaction((tx) => {
      tx.markWired(bob, 2);
      tx.markAcked(bob, 2);
    });
    expect(history.outboxSize(bob)).toEqual({ messages: 0, bytes: 0 });
    // A peer that lost everything gets the place of the one and the text of the other.
    history.transaction((tx) => tx.restartStream(bob));
    expect(history.pending(bob, 0, 100, 1_000).map(({ text }) => text)).toEqual([null, 'text 2']);
    expect(history.outboxSize(bob)).toEqual({ messages: 2, bytes: 6 });
  });

  it('of what was delivered and refused nothing counts as waiting', () => {
    for (const number of [1, 2]) compose(history, number, { wired: true });
    history.transaction((tx) => {
      tx.markAcked(bob, 1);
      tx.markRejected(bob, 2, 1);
    });
    expect(forget()).toEqual({ messages: 2, undelivered: 0, isDone: true });
    history.transaction((tx) => tx.markAcked(bob, 2));
    expect(history.outboxSize(bob)).toEqual({ messages: 0, bytes: 0 });
  });

  it('is the number of places that a stranger has taken, while it waits for no decision any more', () => {
    receive(history, 1);
    expect(history.requests()).toEqual([{ peer: bob, messages: 1 }]);
    forget();
    expect(history.requests()).toEqual([]);
    expect(history.pendingRequestCount(bob)).toBe(1);
    // Not dropped as one that wrote nothing, either: its places are rows of it.
    history.transaction((tx) => tx.dropSilentStrangers());
    expect(history.peer(bob)).not.toBeNull();
  });
});

describe('the feed', () => {
  it('says that something was forgotten, and nothing any more of what it was', () => {
    compose(history, 1);
    receive(history, 2);
    compose(history, 3, { peer: carol });
    const before = history.lastSeq();
    forget();
    history.transaction((tx) => {
      tx.markWired(bob, 1);
      tx.markAcked(bob, 1);
    });
    const { items, upto } = history.changes(0, 100);
    expect(items).toMatchObject([
      { event: 'message', id: messageId(3) },
      { event: 'forgotten', peer: bob, seq: before + 1 },
    ]);
    expect(upto).toBe(history.lastSeq());
    expect(history.changes(before, 1).items).toMatchObject([{ event: 'forgotten' }]);
  });

  it('goes on behind it after a restart', () => {
    receive(history, 1);
    forget();
    const last = history.lastSeq();
    history.close();
    history = fixture.open();
    expect(history.lastSeq()).toBe(last);
    receive(history, 2);
    expect(history.changes(last, 100).items).toMatchObject([{ event: 'message', id: messageId(2) }]);
  });
});

describe('a page of the feed', () => {
  it('ends where much was gone over that tells nothing any more, and goes on from there', () => {
    // As many changes of state as there are positions: each is sent in a turn of its own.
    for (let batch = 0; batch < 25; batch++)
      history.transaction((tx) => {
        for (let n = 1; n <= 100; n++)
          tx.compose({ id: messageId(batch * 100 + n), peer: bob, text: 'x', ctype: 1, sentAt: 1, wired: true });
      });
    compose(history, 9_000, { peer: carol });
    forget({ limit: 5_000 });
    const first = history.changes(0, 500);
    expect(first.items).toEqual([]);
    expect(first.upto).toBeGreaterThan(0);
    expect(first.upto).toBeLessThan(history.lastSeq());
    const second = history.changes(first.upto, 500);
    expect(second.items).toMatchObject([{ id: messageId(9_000) }, { event: 'forgotten' }]);
    expect(history.changes(second.upto, 500)).toEqual({ items: [], upto: second.upto });
  });
});

describe('the files', () => {
  const everything = () =>
    ['', '-wal', '-shm'].map((suffix) => readFileSync(fixture.file + suffix).toString('latin1')).join('');
  /** Words that nothing else has, in a short text and one that fills pages of its own. */
  const words = (name: string) => Array.from({ length: 400 }, (_, index) => `${name}qzx${index}`).join(' ');

  it('hold neither a text nor a word of the index afterwards', () => {
    receive(history, 1, { text: 'zyzzyva in the garden' });
    receive(history, 2, { text: words('heron') });
    compose(history, 3, { text: 'kakapo in the garden' });
    compose(history, 4, { peer: carol, text: words('egret') });
    const found = () => ['zyzzyva', 'kakapo', 'heron', 'egret'].filter((word) => everything().includes(word));
    expect(found()).toEqual(['zyzzyva', 'kakapo', 'heron', 'egret']);
    forget();
    expect(history.scrub()).toBe(true);
    expect(found()).toEqual(['egret']);
    expect(numbers(history.search('egretqzx7', { limit: 10 }))).toEqual([4]);
  });

  it('keep old pages as long as somebody reads there, for whom nobody waits', () => {
    receive(history, 1, { text: 'zyzzyva in the garden' });
    const reader = fixture.closing(openHistoryReader({ file: fixture.file }));
    reader['db'].exec('BEGIN');
    reader.lastSeq();
    forget();
    expect(history.scrub()).toBe(false);
    reader['db'].exec('COMMIT');
    expect(history.scrub()).toBe(true);
    expect(everything()).not.toContain('zyzzyva');
  });
});
