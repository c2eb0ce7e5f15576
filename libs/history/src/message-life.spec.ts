import { MEETINGS_REMEMBERED_PER_PEER } from '@earshot/protocol';
import { bob, carol, compose, Fixture, messageId, receive, streamOf } from '../test/fixture.js';
import type { HistoryTransaction } from './transaction.js';
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

const tx = <T>(work: (tx: HistoryTransaction) => T): T => history.transaction(work);
const meet = (address: string, peer = bob) => {
  tx((tx) => {
    tx.noteEncounter(peer, { address, interface: 'wlan0' });
  });
};
const events = (number: number) => history.life(messageId(number))?.events ?? [];
/** Events in words, with where somebody was met. */
const life = (number: number) => events(number).map((e) => (e.event === 'met' ? `met ${e.address}` : e.event));

describe('the life of a message', () => {
  it('is told from its writing to its acknowledgement, with the times at which it was noted', () => {
    compose(history, 1);
    meet('192.0.2.7:7001');
    tx((tx) => tx.markWired(bob, 1));
    tx((tx) => tx.markAcked(bob, 1));
    expect(history.life(messageId(1))).toMatchObject({ peer: bob, state: 'delivered' });
    expect(events(1)).toEqual([
      { event: 'queued', at: expect.any(String) as string },
      { event: 'met', at: expect.any(String) as string, address: '192.0.2.7:7001', interface: 'wlan0' },
      { event: 'sent', at: expect.any(String) as string },
      { event: 'delivered', at: expect.any(String) as string },
    ]);
    const times = events(1).map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    expect(new Set(times).size).toBe(4);
    expect(times[0]).toBe(history.page(bob, { limit: 1 }).items[0]?.committedAt);
  });

  it('ends where it is: nothing is told of what has not happened', () => {
    for (const number of [1, 2]) compose(history, number);
    tx((tx) => tx.markWired(bob, 1));
    expect([life(1), life(2)]).toEqual([['queued', 'sent'], ['queued']]);
  });

  it('names the session that carried it, or the newest one while none has, and nobody else’s', () => {
    meet('a');
    compose(history, 1);
    meet('b');
    meet('c');
    meet('z', carol);
    tx((tx) => tx.markWired(bob, 1));
    meet('d');
    compose(history, 2);
    expect(life(1)).toEqual(['queued', 'met c', 'sent']);
    expect(life(2)).toEqual(['met d', 'queued']);
  });

  it('is in the order in which it happened, whatever the clock said', () => {
    compose(history, 1);
    fixture.time -= 90 * 86_400_000;
    meet('a');
    tx((tx) => tx.markWired(bob, 1));
    fixture.time = 0;
    tx((tx) => tx.markAcked(bob, 1));
    expect(life(1)).toEqual(['queued', 'met a', 'sent', 'delivered']);
  });

  it('tells why it was refused, and not that its position was acknowledged', () => {
    for (const number of [1, 2, 3]) compose(history, number);
    tx((tx) => {
      tx.markWired(bob, 3);
      tx.markRejected(bob, 1, 3);
      tx.markRejected(bob, 2, 200);
      tx.markAcked(bob, 3);
    });
    expect(events(1).at(-1)).toMatchObject({ event: 'rejected', reason: 'unknown-content' });
    expect(events(2).at(-1)).toMatchObject({ event: 'rejected', reason: 'other' });
    expect([life(1), life(3)]).toEqual([
      ['queued', 'sent', 'rejected'],
      ['queued', 'sent', 'delivered'],
    ]);
  });

  it('tells that the other side lost it, and that it is there again', () => {
    for (const number of [1, 2]) compose(history, number);
    tx((tx) => {
      tx.markWired(bob, 2);
      tx.markAcked(bob, 2);
    });
    tx((tx) => {
      tx.rewindAcked(bob, 1);
    });
    expect(life(2)).toEqual(['queued', 'sent', 'delivered', 'lost']);
    tx((tx) => tx.markAcked(bob, 2));
    expect(life(2)).toEqual(['queued', 'sent', 'delivered', 'lost', 'delivered']);
    expect(life(1)).toEqual(['queued', 'sent', 'delivered']);
  });

  it('goes on under a new stream, and only for what was taken over by it', () => {
    for (const number of [1, 2]) compose(history, number);
    tx((tx) => {
      tx.markWired(bob, 2);
      tx.markAcked(bob, 1);
    });
    tx((tx) => tx.restartStream(bob));
    compose(history, 3);
    tx((tx) => tx.markWired(bob, 3));
    expect([life(1), life(2), life(3)]).toEqual([
      ['queued', 'restarted', 'sent'],
      ['queued', 'restarted', 'sent'],
      ['queued', 'sent'],
    ]);
  });

  it('is not that of another message at the same position: of another peer, or taken back before', () => {
    compose(history, 1, { peer: carol, wired: true });
    compose(history, 2);
    tx((tx) => tx.cancel(messageId(2)));
    compose(history, 3);
    expect([life(2), life(3)]).toEqual([['queued', 'cancelled'], ['queued']]);
    expect(history.life(messageId(2))).toMatchObject({ peer: bob, state: 'cancelled' });
  });

  it('of a received one is the claim of its sender and our commit', () => {
    receive(history, 1);
    expect(events(1)).toEqual([
      { event: 'written', at: new Date(1_001).toISOString() },
      { event: 'stored', at: history.page(bob, { limit: 1 }).items[0]?.committedAt },
    ]);
  });

  it('is null for an id that nobody used, and for a tombstone', () => {
    receive(history, 1);
    tx((tx) => {
      tx.commitRejected({ peer: bob, stream: streamOf(9), n: 1, id: messageId(7), reason: 1 });
    });
    expect([history.life(messageId(7)), history.life(messageId(8))]).toEqual([null, null]);
  });

  it('survives closing and opening', () => {
    compose(history, 1);
    meet('a');
    history.close();
    history = fixture.open();
    tx((tx) => tx.markWired(bob, 1));
    expect(life(1)).toEqual(['queued', 'met a', 'sent']);
  });
});

describe('what is kept for it', () => {
  const count = (table: string) => history['db'].prepare(`SELECT count(*) FROM ${table}`).pluck().get();

  it('is the newest sessions and streams of each peer', () => {
    compose(history, 1);
    meet('other', carol);
    for (let time = 0; time < MEETINGS_REMEMBERED_PER_PEER + 5; time++) {
      meet(`192.0.2.7:${7_000 + time}`);
      tx((tx) => tx.restartStream(bob));
    }
    expect(count('encounters')).toBe(MEETINGS_REMEMBERED_PER_PEER + 1);
    expect(count('stream_restarts')).toBe(MEETINGS_REMEMBERED_PER_PEER);
    expect(life(1)).toEqual(['queued', `met 192.0.2.7:${7_000 + MEETINGS_REMEMBERED_PER_PEER + 4}`, 'restarted']);
  });

  it('is found without reading the whole feed: by number for what is many, by an index for what is rare', () => {
    const plan = (sql: string) =>
      (history['db'].prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
        .map((row) => row.detail)
        .join();
    const { first, rare } = history['lives']['statements'];
    const plain = (statement: { source: string }) => statement.source.replaceAll(/@\w+/g, '1');
    expect(plan(plain(first))).toContain('USING INTEGER PRIMARY KEY (rowid>?)');
    expect(plan(plain(rare))).toContain('USING INDEX rare_progress');
  });
});
