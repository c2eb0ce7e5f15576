import { message } from '@earshot/protocol/ipc';
import { bob, carol, codeOf, compose, Fixture, messageId, peerId, receive } from '../test/fixture.js';
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

const numbers = (items: { id: string }[]) => items.map(({ id }) => Number(id.slice(-12)));

describe('a message', () => {
  it('has exactly the fields of the contract, in their order', () => {
    history.transaction((tx) => {
      tx.upsertPeer(bob, { username: 'Bob' });
    });
    compose(history, 1, { text: 'hi' });
    receive(history, 2, { text: null });
    const { items } = history.page(bob, { limit: 10 });
    for (const item of items) {
      expect(Object.keys(item)).toEqual(Object.keys(message.shape));
      expect(message.safeParse(item).error).toBeUndefined();
    }
    expect(items).toEqual([
      {
        id: messageId(1),
        peer: bob,
        username: 'Bob',
        direction: 'sent',
        text: 'hi',
        sentAt: '1970-01-01T00:00:01.001Z',
        committedAt: expect.stringMatching(/^2030-01-01T/) as string,
        state: 'queued',
      },
      {
        id: messageId(2),
        peer: bob,
        username: 'Bob',
        direction: 'received',
        text: null,
        sentAt: '1970-01-01T00:00:01.002Z',
        committedAt: expect.stringMatching(/^2030-01-01T/) as string,
        state: 'received',
      },
    ]);
  });

  it('keeps every character of its text', () => {
    const text = 'a\u0000b \ufeff 😀 \u202e "quote" \n';
    compose(history, 1, { text });
    expect(history.page(bob, { limit: 1 }).items[0]?.text).toBe(text);
  });
});

describe('pages of a conversation', () => {
  it('go from the newest back to the first, each oldest first, with nothing twice and nothing left out', () => {
    for (let number = 1; number <= 7; number++) {
      if (number % 2) compose(history, number);
      else receive(history, number);
    }
    compose(history, 99, { peer: carol });
    const newest = history.page(bob, { limit: 3 });
    expect([numbers(newest.items), newest.next]).toEqual([[5, 6, 7], messageId(5)]);
    const middle = history.page(bob, { limit: 3, before: messageId(5) });
    expect([numbers(middle.items), middle.next]).toEqual([[2, 3, 4], messageId(2)]);
    const first = history.page(bob, { limit: 3, before: messageId(2) });
    expect([numbers(first.items), first.next]).toEqual([[1], null]);
  });

  it('have no next one when they end exactly at the first message', () => {
    for (const number of [1, 2]) compose(history, number);
    expect(history.page(bob, { limit: 2 }).next).toBeNull();
  });

  it('are empty for an unknown peer and before an unknown or foreign message', () => {
    compose(history, 1);
    expect(history.page(carol, { limit: 5 })).toEqual({ items: [], next: null });
    expect(history.page(bob, { limit: 5, before: messageId(2) })).toEqual({ items: [], next: null });
    expect(history.page(carol, { limit: 5, before: messageId(1) })).toEqual({ items: [], next: null });
  });

  it('are bounded by bytes of text, but hold one message at least', () => {
    for (let number = 1; number <= 6; number++) compose(history, number, { text: 'é'.repeat(16_384) });
    const page = history.page(bob, { limit: 500 });
    expect(numbers(page.items)).toEqual([3, 4, 5, 6]);
    expect(numbers(history.page(bob, { limit: 500, before: page.next ?? '' }).items)).toEqual([1, 2]);
  });

  it('hold 500 messages at most', () => {
    history.transaction((tx) => {
      for (let number = 1; number <= 501; number++) {
        tx.compose({ id: messageId(number), peer: bob, text: 'x', ctype: 1, sentAt: 1, wired: false });
      }
    });
    expect(history.page(bob, { limit: 1000 }).items).toHaveLength(500);
  });
});

describe('the list of conversations', () => {
  it('shows the newest first, with how it begins and how many messages it has', () => {
    history.transaction((tx) => {
      tx.upsertPeer(bob, { username: 'Bob' });
      tx.upsertPeer(peerId('silent'), { username: 'Silent' });
    });
    compose(history, 1, { text: '😀'.repeat(300) });
    receive(history, 2, { peer: carol });
    receive(history, 3, { peer: carol, text: null });
    expect(history.conversations()).toEqual([
      {
        peer: carol,
        username: '',
        trust: 'new',
        lastText: null,
        lastAt: expect.stringMatching(/^2030/) as string,
        count: 2,
      },
      {
        peer: bob,
        username: 'Bob',
        trust: 'new',
        lastText: '😀'.repeat(200),
        lastAt: expect.stringMatching(/^2030/) as string,
        count: 1,
      },
    ]);
  });
});

describe('search', () => {
  const find = (words: string, peer?: string) => numbers(history.search(words, { peer, limit: 10 }));

  it('finds messages with all the words, newest first, without case and accents', () => {
    compose(history, 1, { text: 'The café at noon' });
    receive(history, 2, { text: 'which CAFE?' });
    compose(history, 3, { text: 'cafeteria' });
    expect(find('cafe')).toEqual([2, 1]);
    expect(find('noon café')).toEqual([1]);
    expect(find('noon which')).toEqual([]);
  });

  it('looks in one conversation when asked to, and not for its internal name', () => {
    compose(history, 1, { text: 'lunch' });
    compose(history, 2, { text: 'lunch', peer: carol });
    expect(find('lunch')).toEqual([2, 1]);
    expect(find('lunch', bob)).toEqual([1]);
    expect(find('lunch', peerId('nobody'))).toEqual([]);
    expect(find('1')).toEqual([]);
  });

  it.each([
    '"',
    '""',
    'a"b',
    'AND',
    'a OR',
    'NOT',
    'NEAR(',
    'text:',
    'peer : 1',
    '*',
    '^',
    'a*',
    '-',
    '(',
    ')',
    '{',
    '+',
    '\\',
    "'",
    ';',
    '\0',
    'a\0b',
    '\ud800',
  ])('takes %j for a word, never for syntax', (words) => {
    compose(history, 1, { text: 'something else' });
    expect(find(words)).toEqual([]);
    expect(find(`${words} else`)).toEqual(/[a-z]/iu.test(words) ? [] : [1]);
  });

  it('finds nothing for no words, and bears very many', () => {
    compose(history, 1);
    expect(find(' \n ')).toEqual([]);
    expect(find('word '.repeat(10_000))).toEqual([]);
  });

  it('is bounded by rows and by bytes', () => {
    for (let number = 1; number <= 6; number++) compose(history, number, { text: `w ${'x'.repeat(32_000)}` });
    expect(numbers(history.search('w', { limit: 2 }))).toEqual([6, 5]);
    expect(history.search('w', { limit: 500 })).toHaveLength(4);
  });
});

describe('an export', () => {
  it('streams whole conversations as they stood at its beginning, oldest first', () => {
    history.transaction((tx) => {
      for (let number = 1; number <= 1203; number++) {
        tx.compose({
          id: messageId(number),
          peer: number % 3 ? bob : carol,
          text: 'x',
          ctype: 1,
          sentAt: 1,
          wired: false,
        });
      }
    });
    const all = Array.from({ length: 1203 }, (_, index) => index + 1);
    const stream = history.iterateAll();
    const first = stream.next();
    compose(history, 2000);
    expect(numbers([...(first.done ? [] : [first.value]), ...stream])).toEqual(all);
    expect(numbers([...history.iterateConversation(carol)])).toEqual(all.filter((number) => number % 3 === 0));
    expect([...history.iterateConversation(peerId('nobody'))]).toEqual([]);
  });

  it('lets the writer write between its pages', () => {
    compose(history, 1);
    const stream = history.iterateConversation(bob);
    stream.next();
    expect(compose(history, 2).n).toBe(2);
  });
});

describe('a reader', () => {
  it('sees what is committed, refuses to write, and stays open across commits', () => {
    const reader = fixture.closing(openHistoryReader({ file: fixture.file }));
    expect(reader.username()).toBeNull();
    history.transaction((tx) => {
      tx.setUsername('Ann');
    });
    compose(history, 1);
    expect(reader.username()).toBe('Ann');
    expect(reader.databaseId()).toBe(history.databaseId());
    expect(numbers(reader.page(bob, { limit: 5 }).items)).toEqual([1]);
    expect(reader.messageState(messageId(1))).toBe('queued');
    expect(reader.messageState(messageId(2))).toBeNull();
    expect(() => reader['db'].exec('DELETE FROM messages')).toThrow('readonly');
  });

  it('does not see an open transaction', () => {
    const reader = fixture.closing(openHistoryReader({ file: fixture.file }));
    history.transaction((tx) => {
      tx.compose({ id: messageId(1), peer: bob, text: 'x', ctype: 1, sentAt: 1, wired: false });
      expect(history.messageState(messageId(1))).toBe('queued');
      expect(reader.messageState(messageId(1))).toBeNull();
    });
    expect(reader.messageState(messageId(1))).toBe('queued');
  });

  it('says which file is not there', () => {
    expect(codeOf(() => openHistoryReader({ file: `${fixture.folder}/none.db` }))).toBe('missing');
  });
});
