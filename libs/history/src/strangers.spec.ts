import { REQUESTS_MAX, REQUESTS_MAX_PER_IP, SILENT_STRANGERS_MAX } from '@earshot/protocol';
import { bob, carol, compose, Fixture, receive } from '../test/fixture.js';
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

/** A peer id of its own for each number. */
const stranger = (i: number) => i.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(51, 'c') + 'a';
const meet = (id: string, ip: string) => {
  history.transaction((tx) => {
    tx.upsertPeer(id, { lastSeen: fixture.time });
    tx.noteEncounter(id, { address: `${ip}:7001`, interface: 'eth0' });
  });
};
let messages = 0;
const write = (id: string, ip: string) => {
  meet(id, ip);
  receive(history, ++messages, { peer: id });
};

describe('requests', () => {
  it('are those who wrote and about whom nothing is decided', () => {
    write(bob, '10.0.0.2');
    write(bob, '10.0.0.2');
    write(carol, '10.0.0.3');
    meet(stranger(1), '10.0.0.4');
    expect(history.requests()).toEqual([
      { peer: bob, messages: 2 },
      { peer: carol, messages: 1 },
    ]);
    history.transaction((tx) => {
      tx.setTrust(bob, 'accepted');
      tx.setTrust(carol, 'blocked');
    });
    expect(history.requests()).toEqual([]);
  });

  it('are so many from one address, which is that of the last session, and no more', () => {
    // 10.0.0.1 is the beginning of 10.0.0.10, and another address.
    for (let i = 0; i < REQUESTS_MAX_PER_IP; i++) write(stranger(i), '10.0.0.10');
    meet(bob, '10.0.0.10');
    meet(carol, '10.0.0.1');
    expect([history.hasRoomForRequest(bob), history.hasRoomForRequest(carol)]).toEqual([false, true]);
    history.transaction((tx) => {
      tx.setTrust(stranger(3), 'blocked');
    });
    expect(history.hasRoomForRequest(bob)).toBe(true);
  });

  it('are so many in all', () => {
    for (let i = 0; i < REQUESTS_MAX; i++) write(stranger(i), `10.0.${i >> 3}.2`);
    meet(bob, '10.9.9.9');
    expect(history.hasRoomForRequest(bob)).toBe(false);
    history.transaction((tx) => {
      tx.setTrust(stranger(0), 'accepted');
    });
    expect(history.hasRoomForRequest(bob)).toBe(true);
  });
});

describe('strangers who wrote nothing', () => {
  it('are dropped beyond the newest, and nobody else is', () => {
    write(bob, '10.0.0.2');
    meet(carol, '10.0.0.3');
    history.transaction((tx) => {
      tx.setTrust(carol, 'blocked');
    });
    compose(history, 900, { peer: stranger(5_000) });
    for (let i = 0; i < SILENT_STRANGERS_MAX + 3; i++) {
      meet(stranger(i), '10.0.0.4');
    }
    const dropped = history.transaction((tx) => tx.dropSilentStrangers());
    expect(dropped.sort()).toEqual([stranger(0), stranger(1), stranger(2)].sort());
    expect(history.peers()).toHaveLength(SILENT_STRANGERS_MAX + 3);
    for (const kept of [bob, carol, stranger(5_000)]) expect(history.peer(kept)).not.toBeNull();
    expect(history.trustOf(stranger(0))).toBeNull();
    // One that comes again is as new as ever.
    write(stranger(0), '10.0.0.4');
    expect(history.requests().map(({ peer }) => peer)).toContain(stranger(0));
  });
});
