import { bob, carol, codeOf, compose, Fixture, messageId, receive } from '../test/fixture.js';
import { pragma } from './connection.js';
import { openHistoryReader } from './reader.js';
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

const put = (tx: HistoryTransaction, number: number, text = 'x') =>
  tx.compose({ id: messageId(number), peer: bob, text, ctype: 1, sentAt: 1, wired: true });

describe('a transaction', () => {
  it('undoes everything when its work throws, and throws that on', () => {
    compose(history, 1);
    const before = [history.lastSeq(), history.outStream(bob), history.peers()];
    const failure = new Error('the caller gave up');
    expect(() =>
      history.transaction((tx) => {
        put(tx, 2, 'gone');
        tx.restartStream(bob);
        tx.setTrust(carol, 'blocked');
        tx.commitReceived({
          peer: carol,
          stream: '00'.repeat(8),
          n: 1,
          id: messageId(3),
          sentAt: 1,
          ctype: 1,
          text: 'x',
        });
        throw failure;
      }),
    ).toThrow(failure);
    expect([history.lastSeq(), history.outStream(bob), history.peers()]).toEqual(before);
    expect(history.search('gone', { limit: 1 })).toEqual([]);
    expect(compose(history, 2).seq).toBe(2);
    expect(receive(history, 3, { peer: carol })).toBe('stored');
  });

  it('returns what its work returns', () => {
    expect(history.transaction(() => 'done')).toBe('done');
  });

  it('refuses to be nested, to be asynchronous, and to be written to when it is over', () => {
    expect(() => history.transaction(() => history.transaction(() => 1))).toThrow('bug: a transaction within');
    let leaked: HistoryTransaction | undefined;
    expect(() =>
      history.transaction(async (tx) => {
        leaked = tx;
        put(tx, 1);
        await Promise.resolve();
      }),
    ).toThrow('Transaction function cannot return a promise');
    expect(() => leaked && put(leaked, 2)).toThrow('bug: the history is written outside a transaction');
    expect(history.lastSeq()).toBe(0);
  });

  it('leaves an index that agrees with the messages', () => {
    compose(history, 1, { text: 'one' });
    expect(() => history.transaction((tx) => (put(tx, 2, 'two'), tx.markWired(carol, 1)))).toThrow('bug:');
    // One that had brought the index up to date by itself when it failed.
    const cancelled = () => {
      history.transaction((tx) => {
        tx.compose({ id: messageId(4), peer: bob, text: 'four', ctype: 1, sentAt: 1, wired: false });
        expect(tx.cancel(messageId(1))).toBe('cancelled');
        tx.markWired(carol, 1);
      });
    };
    expect(cancelled).toThrow('bug:');
    history.transaction((tx) => put(tx, 3, 'three'));
    expect(history.search('two', { limit: 1 })).toEqual([]);
    expect(history.search('three', { limit: 1 })).toHaveLength(1);
    expect(() =>
      history['db'].exec("INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1)"),
    ).not.toThrow();
  });
});

describe('a probe', () => {
  it('commits something each time, and nothing that a reader of the feed would see', () => {
    const reader = fixture.closing(openHistoryReader({ file: fixture.file }));
    const version = () => pragma(reader['db'], 'data_version');
    const before = [version(), history.lastSeq()];
    history.probe();
    const between = version();
    history.probe();
    expect(new Set([before[0], between, version()]).size).toBe(3);
    expect(history.lastSeq()).toBe(before[1]);
  });
});

describe('a full disk', () => {
  const limitTo = (pages: number) => pragma(history['db'], `max_page_count = ${pages}`);
  const pageCount = () => pragma(history['db'], 'page_count') as number;

  it('stores nothing of the transaction, names the cause, and the next try works', () => {
    compose(history, 1);
    const before = [history.lastSeq(), history.outStream(bob)];
    limitTo(pageCount());
    const fill = () => {
      history.transaction((tx) => {
        for (let number = 2; number < 100; number++) put(tx, number, 'y'.repeat(30_000));
      });
    };
    expect(codeOf(fill)).toBe('store-failed');
    expect(fill).toThrow('SQLITE_FULL');
    expect([history.lastSeq(), history.outStream(bob)]).toEqual(before);
    expect(history.page(bob, { limit: 5 }).items).toHaveLength(1);
    limitTo(1_000_000);
    fill();
    expect(history.lastSeq()).toBe(99 + 99);
    expect(history.outStream(bob)).toMatchObject({ made: 99, wired: 99 });
  });
});

describe('peers', () => {
  it('are known with what was last heard of them, and their version never goes down', () => {
    history.transaction((tx) => {
      tx.upsertPeer(bob, { username: 'Bob', lastSeen: 5, provedAddress: '10.0.0.2:7001', maxVersion: 2 });
      tx.upsertPeer(bob, { maxVersion: 1 });
      tx.upsertPeer(carol);
      tx.setTrust(bob, 'verified');
    });
    const start = Date.UTC(2030, 0, 1);
    expect(history.peers()).toEqual([
      {
        id: bob,
        username: 'Bob',
        trust: 'verified',
        firstSeen: start,
        lastSeen: 5,
        provedAddress: '10.0.0.2:7001',
        maxVersion: 2,
      },
      {
        id: carol,
        username: '',
        trust: 'new',
        firstSeen: start + 1,
        lastSeen: start + 1,
        provedAddress: null,
        maxVersion: 0,
      },
    ]);
    expect(history.peer(bob)).toEqual(history.peers()[0]);
    expect(history.peer('nobody')).toBeNull();
  });

  it('have an id of 52 characters', () => {
    expect(() => {
      history.transaction((tx) => {
        tx.upsertPeer('short');
      });
    }).toThrow('CHECK');
  });

  it('and the own name and presence survive a restart', () => {
    history.transaction((tx) => {
      tx.setUsername('Ann');
      tx.setUsername('Anna');
      tx.setOwnPresence({ busy: true, status: 'at lunch' });
      tx.setTrust(bob, 'blocked');
    });
    const id = history.databaseId();
    history.close();
    history = fixture.open();
    expect([history.username(), history.databaseId(), history.peer(bob)?.trust]).toEqual(['Anna', id, 'blocked']);
    expect(history.ownPresence()).toEqual({ busy: true, status: 'at lunch' });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});
