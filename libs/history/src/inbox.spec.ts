import { bob, carol, compose, Fixture, messageId, receive, streamOf } from '../test/fixture.js';
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

const reject = (number: number, n: number, stream = streamOf(1)) => {
  history.transaction((tx) => {
    tx.commitRejected({ peer: bob, stream, n, id: messageId(number), reason: 4 });
  });
};
const texts = (peer = bob) => history.page(peer, { limit: 100 }).items.map(({ text }) => text);

describe('the mark of a stream', () => {
  it('is derived from what is stored, tombstones included', () => {
    expect(history.receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 0, id: null });
    receive(history, 1);
    receive(history, 2);
    expect(history.receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 2, id: messageId(2) });
    reject(3, 3);
    expect(history.receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 3, id: messageId(3) });
    expect(history.receivedMark(carol, streamOf(1)).n).toBe(0);
    expect(history.receivedMark(bob, streamOf(2)).n).toBe(0);
  });

  it('has no gap: what does not follow it is refused', () => {
    receive(history, 1);
    const message = { peer: bob, stream: streamOf(1), id: messageId(9), sentAt: 1, ctype: 1, text: 'x' };
    for (const n of [0, 1, 3]) {
      expect(() => history.transaction((tx) => tx.commitReceived({ ...message, n }))).toThrow('bug: position');
    }
    expect(texts()).toEqual(['text 1']);
  });

  it('survives a restart', () => {
    receive(history, 1);
    history.close();
    expect(fixture.open().receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 1, id: messageId(1) });
  });
});

describe('the marks for a SYNC', () => {
  it('come most recently used first, as many as asked for', () => {
    for (const number of [1, 2, 3, 4, 5, 6]) receive(history, number, { stream: streamOf(number) });
    receive(history, 7, { stream: streamOf(2) });
    expect(history.receivedMarks(bob)).toEqual([
      { stream: streamOf(2), n: 2, id: messageId(7) },
      { stream: streamOf(6), n: 1, id: messageId(6) },
      { stream: streamOf(5), n: 1, id: messageId(5) },
      { stream: streamOf(4), n: 1, id: messageId(4) },
    ]);
    expect(history.receivedMarks(bob, 1)).toHaveLength(1);
    expect(history.receivedMarks(carol)).toEqual([]);
  });

  it('remember 64 streams, the newest ones', () => {
    for (let number = 1; number <= 70; number++) receive(history, number, { stream: streamOf(number) });
    const streams = history.receivedMarks(bob, 100).map(({ stream }) => stream);
    expect(streams).toHaveLength(64);
    expect(streams[0]).toBe(streamOf(70));
    expect(streams.at(-1)).toBe(streamOf(7));
  });
});

describe('void', () => {
  it('holds its position and shows nothing, now and in the feed', () => {
    receive(history, 1);
    const before = history.lastSeq();
    history.transaction((tx) => {
      tx.commitVoid({ peer: bob, stream: streamOf(1), n: 2, id: messageId(2) });
    });
    expect(history.receivedMark(bob, streamOf(1))).toEqual({ stream: streamOf(1), n: 2, id: messageId(2) });
    expect(texts()).toEqual(['text 1']);
    expect(history.changes(before, 10).items).toEqual([]);
    expect(history.recentRejections(bob)).toEqual([]);
  });
});

describe('a duplicate id', () => {
  it('leaves a tombstone on the other stream, and the message once', () => {
    expect(receive(history, 1)).toBe('stored');
    expect(receive(history, 1, { stream: streamOf(2), text: 'again' })).toBe('duplicate-id');
    expect(history.receivedMark(bob, streamOf(2))).toEqual({ stream: streamOf(2), n: 1, id: messageId(1) });
    expect(texts()).toEqual(['text 1']);
    expect(history.search('again', { limit: 10 })).toEqual([]);
  });

  it('is a matter of one peer: another may use the same', () => {
    receive(history, 1);
    expect(receive(history, 1, { peer: carol })).toBe('stored');
  });

  it('is what a peer sends that turns an id of ours against us', () => {
    compose(history, 1);
    expect(receive(history, 1)).toBe('duplicate-id');
    expect(history.messageState(messageId(1))).toBe('queued');
  });

  it('is none where the first was rejected: it is judged again', () => {
    reject(1, 1);
    expect(receive(history, 1)).toBe('stored');
    expect(texts()).toEqual(['text 1']);
  });
});

describe('rejections', () => {
  it('are repeated in order for the last positions of each stream that a SYNC names', () => {
    receive(history, 1);
    reject(2, 2);
    receive(history, 3);
    reject(4, 4);
    reject(5, 1, streamOf(2));
    expect(history.recentRejections(bob)).toEqual([
      { stream: streamOf(2), n: 1, reason: 4 },
      { stream: streamOf(1), n: 2, reason: 4 },
      { stream: streamOf(1), n: 4, reason: 4 },
    ]);
    expect(history.recentRejections(bob, 2)).toEqual([
      { stream: streamOf(2), n: 1, reason: 4 },
      { stream: streamOf(1), n: 4, reason: 4 },
    ]);
    expect(history.recentRejections(carol)).toEqual([]);
  });
});

describe('the request of a stranger', () => {
  it('counts every position that it took, up to the limit', () => {
    expect(history.pendingRequestCount(bob)).toBe(0);
    receive(history, 1);
    receive(history, 1, { stream: streamOf(2) });
    reject(2, 2);
    compose(history, 3);
    expect(history.pendingRequestCount(bob)).toBe(3);
    for (let number = 10; number < 40; number++) receive(history, number);
    expect(history.pendingRequestCount(bob)).toBe(20);
  });
});

describe('what a peer claims', () => {
  it('shows a time that no calendar has as the nearest one that it has', () => {
    const message = { peer: bob, stream: streamOf(1), ctype: 1, text: 'x' };
    history.transaction((tx) => {
      tx.commitReceived({ ...message, n: 1, id: messageId(1), sentAt: Number.MAX_SAFE_INTEGER });
      tx.commitReceived({ ...message, n: 2, id: messageId(2), sentAt: -1 });
      tx.commitReceived({ ...message, n: 3, id: messageId(3), sentAt: 2 ** 64 });
    });
    expect(history.page(bob, { limit: 10 }).items.map(({ sentAt }) => sentAt)).toEqual([
      '9999-12-31T23:59:59.999Z',
      '1970-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z',
    ]);
  });

  it('keeps content of an unknown kind without a text', () => {
    expect(receive(history, 1, { text: null })).toBe('stored');
    expect(texts()).toEqual([null]);
  });
});
