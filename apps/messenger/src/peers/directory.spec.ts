import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { openHistory, type HistoryWriter } from '@earshot/history';
import type { Peer, RosterEntry } from '@earshot/protocol/ipc';
import { Directory } from './directory.js';

const newId = () => encodePeerId(generateIdentity().publicKey);

function entry(
  id: string | null,
  username: string,
  address = '10.0.0.2:7001',
  more: Partial<RosterEntry> = {},
): RosterEntry {
  return {
    key: id ?? `legacy:${address}`,
    id,
    username,
    presence: 'online',
    lastSeen: new Date(1_000).toISOString(),
    instance: id === null ? '' : '00'.repeat(8),
    maxVersion: id === null ? 0 : 1,
    busy: false,
    status: '',
    addresses: [{ address, interface: 'eth0', lastHeard: new Date(1_000).toISOString(), dialable: id !== null }],
    heardBy: {},
    ...more,
  };
}

describe('the directory', () => {
  let folder: string;
  let history: HistoryWriter;
  let directory: Directory;
  let published: Peer[];
  let claimed: (string | null)[];
  const live = new Set<string>();
  const roundTrips = new Map<string, number>();
  const passedOn = new Map<string, string>();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-directory-'));
    history = openHistory({ file: join(folder, 'history.db'), now: () => 500, randomBytes });
    published = [];
    claimed = [];
    live.clear();
    passedOn.clear();
    roundTrips.clear();
    directory = new Directory({
      history,
      liveSession: (id) => (live.has(id) ? { address: '10.0.0.9:7001' } : undefined),
      roundTripOf: (address) => roundTrips.get(address),
      passedOnAddress: (id) => passedOn.get(id),
      publish: (peer) => published.push(peer),
      nameClaimed: ({ id }) => claimed.push(id),
    });
  });
  afterEach(() => {
    directory.stop();
    history.close();
    rmSync(folder, { recursive: true });
  });

  it('shows whoever is heard as new, and whoever is stored as it is trusted', () => {
    const [heard, stored] = [newId(), newId()];
    history.transaction((tx) => {
      tx.upsertPeer(stored, { username: 'carol', provedAddress: '10.0.0.3:7001' });
      tx.setTrust(stored, 'verified');
    });
    directory.heard(entry(heard, 'bob'));
    expect(directory.find(heard)).toMatchObject({
      id: heard,
      username: 'bob',
      trust: 'new',
      presence: 'online',
      address: '10.0.0.2:7001',
    });
    expect(directory.find(stored)).toMatchObject({
      username: 'carol',
      trust: 'verified',
      presence: 'away',
      address: '10.0.0.3:7001',
    });
    expect(directory.all()).toHaveLength(2);
  });

  it('takes a live session for presence', () => {
    const id = newId();
    directory.heard(entry(id, 'bob', '10.0.0.2:7001', { presence: 'away' }));
    expect(directory.find(id)?.presence).toBe('away');
    live.add(id);
    expect(directory.find(id)).toMatchObject({ presence: 'online', address: '10.0.0.9:7001' });
  });

  it('tells of changes, and only of changes', () => {
    const id = newId();
    directory.heard(entry(id, 'bob'));
    directory.heard(entry(id, 'bob'));
    directory.changed(id);
    directory.heard(entry(id, 'bob', '10.0.0.2:7001', { presence: 'away' }));
    expect(published.map((p) => p.presence)).toEqual(['online', 'away']);
  });

  it('keeps who was around while discovery restarts', () => {
    const id = newId();
    directory.heard(entry(id, 'bob'));
    directory.resetRoster();
    expect(directory.find(id)?.presence).toBe('online');
    expect(published).toHaveLength(1);
  });

  it('dials what was heard on our networks and what a session proved, and nothing else', () => {
    const id = newId();
    history.transaction((tx) => {
      tx.upsertPeer(id, { provedAddress: '10.0.0.7:7001' });
    });
    const addresses = [
      { address: '10.0.0.2:7001', interface: 'eth0', lastHeard: new Date(0).toISOString(), dialable: true },
      { address: '192.0.2.66:7001', interface: 'eth0', lastHeard: new Date(0).toISOString(), dialable: false },
    ];
    directory.heard(entry(id, 'bob', '10.0.0.2:7001', { addresses }));
    expect(directory.addressesOf(id)).toEqual(['10.0.0.2:7001', '10.0.0.7:7001']);
    // What another one says comes last.
    passedOn.set(id, '10.0.0.8:7001');
    expect(directory.addressesOf(id).at(-1)).toBe('10.0.0.8:7001');
  });

  it('names the nearest address first: on our networks, quick to answer, heard lately; and what was only proved last', () => {
    const id = newId();
    history.transaction((tx) => {
      tx.upsertPeer(id, { provedAddress: '10.0.0.9:7001' });
    });
    const heard = (address: string, name = 'eth0') => ({
      address,
      interface: name,
      lastHeard: new Date(1_000).toISOString(),
      dialable: true,
    });
    const addresses = [heard('192.0.2.1:7001', ''), ...[1, 2, 3, 4].map((n) => heard(`10.0.0.${n}:7001`))];
    directory.heard(entry(id, 'bob', '', { addresses }));
    const order = () => directory.addressesOf(id).map((address) => address.replace(':7001', ''));
    expect(order()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '192.0.2.1', '10.0.0.9']);
    for (const [ip, ms] of [
      ['10.0.0.4', 2],
      ['10.0.0.3', 9],
      ['192.0.2.1', 1],
      ['10.0.0.9', 0.1],
    ] as const)
      roundTrips.set(`${ip}:7001`, ms);
    expect(order()).toEqual(['10.0.0.4', '10.0.0.3', '10.0.0.1', '10.0.0.2', '192.0.2.1', '10.0.0.9']);
    expect(directory.heardAddresses(id)[1]).toEqual({ ...heard('10.0.0.3:7001'), roundTripMs: 9 });
  });

  it('dials what was heard from beyond our networks once the peer is accepted', () => {
    const id = newId();
    const addresses = [
      {
        address: '192.0.2.9:7001',
        interface: 'eth0',
        lastHeard: new Date(0).toISOString(),
        dialable: false,
        beyond: true as const,
      },
    ];
    directory.heard(entry(id, 'bob', '192.0.2.9:7001', { addresses }));
    const trusted = (['new', 'accepted', 'verified', 'blocked'] as const).map((trust) => {
      history.transaction((tx) => {
        tx.setTrust(id, trust);
      });
      return directory.addressesOf(id);
    });
    expect(trusted).toEqual([[], ['192.0.2.9:7001'], ['192.0.2.9:7001'], []]);
  });

  it('shows somebody with a session where the session is, unless they have announced another address since', () => {
    const id = newId();
    live.add(id);
    const at = (address: string, ms: number) => ({
      address,
      interface: 'eth0',
      lastHeard: new Date(ms).toISOString(),
      dialable: true,
    });
    const shown = (...addresses: RosterEntry['addresses']) => {
      directory.heard(entry(id, 'bob', '10.0.0.9:7001', { addresses }));
      return directory.find(id)?.address;
    };
    // Two interfaces, announced together.
    expect(shown(at('10.1.0.9:7001', 8_050), at('10.0.0.9:7001', 8_000))).toBe('10.0.0.9:7001');
    expect(shown(at('10.1.0.9:7001', 16_000), at('10.0.0.9:7001', 8_000))).toBe('10.1.0.9:7001');
    // Behind a translation of addresses the one of the session is never announced.
    expect(shown(at('10.1.0.9:7001', 16_000))).toBe('10.0.0.9:7001');
  });

  describe('a name that a pinned peer goes by', () => {
    const [alice, mallory] = [newId(), newId()];
    const trust = (id: string, as: 'accepted' | 'verified' | 'blocked') => {
      history.transaction((tx) => {
        tx.setTrust(id, as);
      });
      directory.changed(id);
    };

    it('is said of whoever else takes it, however written', () => {
      directory.heard(entry(alice, 'alice'));
      trust(alice, 'accepted');
      directory.heard(entry(mallory, 'bob', '10.0.0.3:7001'));
      expect(claimed).toEqual([]);
      directory.heard(entry(mallory, 'Alice', '10.0.0.3:7001'));
      expect(claimed).toEqual([mallory]);
      expect(directory.find(mallory)?.namesakeOf).toEqual({ id: alice, username: 'alice' });
      expect(directory.find(alice)).not.toHaveProperty('namesakeOf');
    });

    it('is said of a stranger who was there first, once the other one is pinned', () => {
      directory.heard(entry(mallory, 'alice', '10.0.0.3:7001'));
      directory.heard(entry(alice, 'alice'));
      expect([directory.find(mallory)?.namesakeOf, directory.find(alice)?.namesakeOf]).toEqual([undefined, undefined]);
      trust(alice, 'verified');
      expect(published.at(-1)).toMatchObject({ id: mallory, namesakeOf: { id: alice, username: 'alice' } });
      expect(claimed).toEqual([mallory]);
    });

    it('is not said of somebody whom the user pinned or blocked as well', () => {
      directory.heard(entry(alice, 'alice'));
      trust(alice, 'accepted');
      directory.heard(entry(mallory, 'alice', '10.0.0.3:7001'));
      trust(mallory, 'blocked');
      expect(directory.find(mallory)).not.toHaveProperty('namesakeOf');
      trust(mallory, 'accepted');
      expect(directory.find(mallory)).not.toHaveProperty('namesakeOf');
      expect(claimed).toEqual([mallory]);
    });

    it('is said of a pinned one that takes the name of another', () => {
      directory.heard(entry(alice, 'alice'));
      directory.heard(entry(mallory, 'carol', '10.0.0.3:7001'));
      trust(alice, 'accepted');
      trust(mallory, 'accepted');
      expect(claimed).toEqual([]);
      directory.heard(entry(mallory, 'alice', '10.0.0.3:7001'));
      expect(claimed).toEqual([mallory]);
    });

    it('is known after a restart', () => {
      history.transaction((tx) => {
        tx.upsertPeer(alice, { username: 'alice' });
        tx.setTrust(alice, 'accepted');
      });
      const later = new Directory({
        history,
        liveSession: () => undefined,
        roundTripOf: () => undefined,
        passedOnAddress: () => undefined,
        publish: () => undefined,
        nameClaimed: ({ id }) => claimed.push(id),
      });
      later.heard(entry(mallory, 'alice', '10.0.0.3:7001'));
      expect(claimed).toEqual([mallory]);
    });
  });

  describe('resolving', () => {
    const names = (query: string) => directory.resolve(query).map((p) => p.id);

    it('finds by name, by name and tag, and by the beginning of the id', () => {
      const id = newId();
      directory.heard(entry(id, 'Özmen'));
      for (const query of [
        'Özmen',
        'O\u0308zmen',
        'özmen',
        `Özmen#${id.slice(0, 10)}`,
        `Özmen#${id.slice(0, 4).toUpperCase()}`,
        id.slice(0, 4),
        id,
      ])
        expect(names(query)).toEqual([id]);
    });

    it('finds nobody by a tag or prefix that is too short, wrong, or another name', () => {
      const id = newId();
      directory.heard(entry(id, 'bob'));
      for (const query of [`bob#${id.slice(0, 3)}`, id.slice(0, 3), 'bob#zzzz9', 'bo', 'alice', '', '#'])
        expect(names(query)).toEqual([]);
    });

    it('names everybody of one name, trusted or not, and tells them apart by tag', () => {
      const [real, other] = [newId(), newId()];
      directory.heard(entry(real, 'alice'));
      directory.heard(entry(other, 'alice', '10.0.0.3:7001'));
      history.transaction((tx) => {
        tx.setTrust(real, 'accepted');
      });
      expect(names('alice').sort()).toEqual([real, other].sort());
      expect(names(`alice#${real.slice(0, 10)}`)).toEqual([real]);
    });

    it('names whoever may be taken for another, pinned ones first, and the original program last', () => {
      const [stranger, pinned, byId] = [newId(), newId(), newId()];
      directory.heard(entry(stranger, 'BOB', '10.0.0.3:7001'));
      directory.heard(entry(pinned, 'bob'));
      directory.heard(entry(null, 'bob', '10.0.0.4:7001'));
      history.transaction((tx) => {
        tx.setTrust(pinned, 'accepted');
      });
      for (const query of ['bob', 'BOB', 'ｂｏｂ']) expect(names(query)).toEqual([pinned, stranger]);
      directory.heard(entry(byId, 'carol', '10.0.0.6:7001'));
      directory.heard(entry(stranger, byId.slice(0, 10), '10.0.0.3:7001'));
      expect(names(byId.slice(0, 10)).sort()).toEqual([byId, stranger].sort());
      directory.heard(entry(null, 'dave', '10.0.0.5:7001'));
      expect(directory.resolve('dave')).toMatchObject([{ id: null, trust: 'legacy' }]);
    });
  });
});
