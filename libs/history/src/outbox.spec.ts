import { bob, carol, codeOf, compose, Fixture, messageId, peerId, receive } from '../test/fixture.js';
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

const states = (...numbers: number[]) => numbers.map((number) => history.messageState(messageId(number)));
const entries = (afterN = 0) => history.pending(bob, afterN, 500, 1_000_000).map(({ n, id }) => [n, id] as const);

describe('composing', () => {
  it('numbers the messages of one stream per peer from 1', () => {
    const first = compose(history, 1);
    const second = compose(history, 2);
    const other = compose(history, 3, { peer: carol });
    expect(first).toEqual({ seq: 1, n: 1, stream: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
    expect(second).toEqual({ seq: 2, n: 2, stream: first.stream });
    expect(other.n).toBe(1);
    expect(other.stream).not.toBe(first.stream);
    expect(history.outStream(bob)).toEqual({ stream: first.stream, made: 2, wired: 0, acked: 0 });
  });

  it('makes an unknown peer known as new', () => {
    compose(history, 1);
    expect(history.peer(bob)).toMatchObject({ id: bob, trust: 'new', username: '' });
  });

  it('puts a message on the wire with the same commit when it is told to', () => {
    compose(history, 1);
    compose(history, 2, { wired: true });
    expect(history.outStream(bob)).toMatchObject({ made: 2, wired: 2 });
    expect(states(1, 2)).toEqual(['sent', 'sent']);
  });

  it('refuses an id that was sent before or that came from this peer, and stores nothing', () => {
    compose(history, 1);
    receive(history, 2);
    expect(codeOf(() => compose(history, 1))).toBe('id-conflict');
    expect(codeOf(() => compose(history, 1, { peer: carol }))).toBe('id-conflict');
    expect(codeOf(() => compose(history, 2))).toBe('id-conflict');
    expect(compose(history, 2, { peer: carol }).n).toBe(1);
    expect(history.outStream(bob)?.made).toBe(1);
  });

  it('leaves the rest of a transaction alone when one id is refused', () => {
    compose(history, 1);
    history.transaction((tx) => {
      const message = { peer: bob, text: 'x', ctype: 1, sentAt: 1, wired: false };
      tx.compose({ ...message, id: messageId(2) });
      expect(codeOf(() => tx.compose({ ...message, id: messageId(1) }))).toBe('id-conflict');
      expect(tx.compose({ ...message, id: messageId(3) }).n).toBe(3);
    });
    expect(entries()).toEqual([
      [1, messageId(1)],
      [2, messageId(2)],
      [3, messageId(3)],
    ]);
  });

  it('finds what was sent by its id', () => {
    compose(history, 1, { text: 'hello' });
    receive(history, 2);
    expect(history.findSent(messageId(1))).toEqual({ id: messageId(1), peer: bob, text: 'hello', state: 'queued' });
    expect(history.findSent(messageId(2))).toBeNull();
    expect(history.findSent(messageId(3))).toBeNull();
  });
});

describe('pending entries', () => {
  it('come in order, after a position, with everything the wire needs', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    expect(history.pending(bob, 1, 500, 1_000_000)).toEqual([
      { n: 2, id: messageId(2), text: 'text 2', ctype: 1, sentAt: 1002 },
      { n: 3, id: messageId(3), text: 'text 3', ctype: 1, sentAt: 1003 },
    ]);
    expect(history.pending(carol, 0, 500, 1_000_000)).toEqual([]);
  });

  it('are bounded by number and by bytes of UTF-8, but never to none', () => {
    for (const number of [1, 2, 3]) compose(history, number, { text: 'é'.repeat(50) });
    expect(history.pending(bob, 0, 2, 1_000_000)).toHaveLength(2);
    expect(history.pending(bob, 0, 500, 200)).toHaveLength(2);
    expect(history.pending(bob, 0, 500, 199)).toHaveLength(1);
    expect(history.pending(bob, 0, 500, 1)).toHaveLength(1);
  });

  it('include acknowledged ones, for a peer that was restored from a copy', () => {
    for (const number of [1, 2]) compose(history, number, { wired: true });
    history.transaction((tx) => tx.markAcked(bob, 2));
    expect(entries()).toHaveLength(2);
  });
});

describe('marks', () => {
  it('take a message through its states', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    expect(history.transaction((tx) => tx.markWired(bob, 2))).toBe(2);
    expect(states(1, 2, 3)).toEqual(['sent', 'sent', 'queued']);
    expect(history.transaction((tx) => tx.markAcked(bob, 1))).toBe(1);
    expect(states(1, 2, 3)).toEqual(['delivered', 'sent', 'queued']);
  });

  it('never go back', () => {
    for (const number of [1, 2]) compose(history, number, { wired: true });
    history.transaction((tx) => tx.markAcked(bob, 2));
    const seq = history.lastSeq();
    expect(history.transaction((tx) => tx.markAcked(bob, 1) + tx.markWired(bob, 1))).toBe(0);
    expect(history.outStream(bob)).toMatchObject({ wired: 2, acked: 2 });
    expect(history.lastSeq()).toBe(seq);
  });

  it('refuse what cannot be: an acknowledgement of the unsent, a position never made', () => {
    compose(history, 1);
    expect(() => history.transaction((tx) => tx.markAcked(bob, 1))).toThrow('bug: position 1 was never sent');
    expect(() => history.transaction((tx) => tx.markWired(bob, 2))).toThrow('bug: position 2 was never made');
    expect(() => history.transaction((tx) => tx.markWired(carol, 1))).toThrow('bug:');
  });

  it('go back when the peer lost what it had acknowledged, but for what was rejected', () => {
    for (const number of [1, 2, 3, 4]) compose(history, number, { text: 'x'.repeat(number), wired: number < 4 });
    history.transaction((tx) => {
      tx.markRejected(bob, 3, 1);
      tx.markAcked(bob, 3);
    });
    history.transaction((tx) => {
      tx.rewindAcked(bob, 1);
    });
    expect(history.outStream(bob)).toMatchObject({ made: 4, wired: 3, acked: 1 });
    expect(states(1, 2, 3, 4)).toEqual(['delivered', 'sent', 'rejected', 'queued']);
    expect(history.outboxSize(bob)).toEqual({ messages: 3, bytes: 9 });
    expect(() => {
      history.transaction((tx) => {
        tx.rewindAcked(bob, 1);
      });
    }).toThrow('bug: 1 is no step back from 1');
  });

  it('keep a rejection final, whatever is acknowledged over it', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    history.transaction((tx) => tx.markWired(bob, 2));
    expect(history.transaction((tx) => tx.markRejected(bob, 1, 2))).toBe(true);
    expect(history.transaction((tx) => tx.markRejected(bob, 1, 2))).toBe(false);
    expect(history.transaction((tx) => tx.markRejected(bob, 3, 2))).toBe(false);
    expect(history.transaction((tx) => tx.markRejected(carol, 1, 2))).toBe(false);
    history.transaction((tx) => tx.markAcked(bob, 2));
    expect(states(1, 2, 3)).toEqual(['rejected', 'delivered', 'queued']);
  });

  it('tell what stands at a position', () => {
    compose(history, 1);
    expect(history.outEntry(bob, 1)).toEqual({ id: messageId(1) });
    expect(history.outEntry(bob, 2)).toBeNull();
    expect(history.outEntry(carol, 1)).toBeNull();
  });

  it('count what is not acknowledged, in messages and bytes of UTF-8', () => {
    compose(history, 1, { text: 'é', wired: true });
    compose(history, 2, { text: 'abc' });
    compose(history, 3, { peer: carol, wired: true });
    expect(history.outboxSize(bob)).toEqual({ messages: 2, bytes: 5 });
    expect(history.peersWithPending()).toEqual([bob, carol]);
    history.transaction((tx) => tx.markAcked(bob, 1) + tx.markAcked(carol, 1));
    expect(history.outboxSize(bob)).toEqual({ messages: 1, bytes: 3 });
    expect(history.outboxSize(carol)).toEqual({ messages: 0, bytes: 0 });
    expect(history.outboxSize(peerId('nobody'))).toEqual({ messages: 0, bytes: 0 });
    expect(history.peersWithPending()).toEqual([bob]);
  });
});

describe('a restarted stream', () => {
  it('takes over all that was not rejected, acknowledged or not, in order, with the same ids, and sent stays sent', () => {
    for (const number of [1, 2, 3, 4, 5]) compose(history, number);
    history.transaction((tx) => {
      tx.markWired(bob, 4);
      tx.markAcked(bob, 1);
      tx.markRejected(bob, 3, 4);
    });
    const old = history.outStream(bob);
    const restarted = history.transaction((tx) => tx.restartStream(bob));
    expect(restarted).toEqual({ stream: expect.any(String) as string, made: 4, wired: 3, acked: 0 });
    expect(restarted.stream).not.toBe(old?.stream);
    expect(history.outStream(bob)).toEqual(restarted);
    expect(entries()).toEqual([
      [1, messageId(1)],
      [2, messageId(2)],
      [3, messageId(4)],
      [4, messageId(5)],
    ]);
    expect(states(1, 2, 3, 4, 5)).toEqual(['sent', 'sent', 'rejected', 'sent', 'queued']);
    expect(history.outboxSize(bob)).toEqual({ messages: 4, bytes: 24 });
  });

  it('keeps the order in which the user sees the messages', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    const before = history.page(bob, { limit: 10 }).items.map(({ id }) => id);
    history.transaction((tx) => tx.restartStream(bob));
    expect(history.page(bob, { limit: 10 }).items.map(({ id }) => id)).toEqual(before);
  });

  it('begins one where there was none', () => {
    expect(history.transaction((tx) => tx.restartStream(bob))).toMatchObject({ made: 0, wired: 0, acked: 0 });
    expect(compose(history, 1).n).toBe(1);
  });
});

describe('cancelling', () => {
  it('removes a message and closes the gap behind it', () => {
    for (const number of [1, 2, 3, 4]) compose(history, number, { text: 'x'.repeat(number) });
    history.transaction((tx) => tx.markWired(bob, 1));
    expect(history.transaction((tx) => tx.cancel(messageId(2)))).toBe('cancelled');
    expect(entries()).toEqual([
      [1, messageId(1)],
      [2, messageId(3)],
      [3, messageId(4)],
    ]);
    expect(history.outStream(bob)).toMatchObject({ made: 3, wired: 1 });
    expect(history.outboxSize(bob)).toEqual({ messages: 3, bytes: 8 });
    expect(history.findSent(messageId(2))).toBeNull();
    expect(history.search('xx', { limit: 10 })).toEqual([]);
    expect(compose(history, 5).n).toBe(4);
  });

  it('refuses what may have been on the wire, on this stream or an earlier one', () => {
    compose(history, 1, { wired: true });
    compose(history, 2, { peer: carol, wired: true });
    history.transaction((tx) => {
      tx.markAcked(carol, 1);
      tx.restartStream(carol);
    });
    expect(history.transaction((tx) => tx.cancel(messageId(1)))).toBe('already-sent');
    expect(history.transaction((tx) => tx.cancel(messageId(2)))).toBe('already-sent');
    expect(states(1, 2)).toEqual(['sent', 'sent']);
  });

  it('refuses what a stream took over from the one before, which an older copy cannot know to be unsent', () => {
    for (const number of [1, 2]) compose(history, number);
    history.transaction((tx) => tx.restartStream(bob));
    compose(history, 3);
    const results = [1, 2, 3].map((number) => history.transaction((tx) => tx.cancel(messageId(number))));
    expect(results).toEqual(['already-sent', 'already-sent', 'cancelled']);
  });

  it('is remembered: the same again answers the same, and the id is not to be used for another message', () => {
    compose(history, 1);
    for (let time = 0; time < 2; time++) expect(history.transaction((tx) => tx.cancel(messageId(1)))).toBe('cancelled');
    expect(history.messageState(messageId(1))).toBe('cancelled');
    expect(codeOf(() => compose(history, 1))).toBe('id-conflict');
    expect(codeOf(() => compose(history, 1, { peer: carol }))).toBe('id-conflict');
  });

  it('knows only messages of ours', () => {
    receive(history, 1);
    expect(history.transaction((tx) => tx.cancel(messageId(1)))).toBe('unknown');
    expect(history.transaction((tx) => tx.cancel(messageId(2)))).toBe('unknown');
    expect(states(1)).toEqual(['received']);
  });

  it('works in the transaction that composed the message, and leaves the search index whole', () => {
    history.transaction((tx) => {
      for (const number of [1, 2]) {
        tx.compose({ id: messageId(number), peer: bob, text: `word${number}`, ctype: 1, sentAt: 1, wired: false });
      }
      tx.cancel(messageId(1));
    });
    expect(history.search('word1', { limit: 10 })).toEqual([]);
    expect(history.search('word2', { limit: 10 })).toHaveLength(1);
    expect(() =>
      history['db'].exec("INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1)"),
    ).not.toThrow();
  });
});
