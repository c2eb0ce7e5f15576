import { rosterEntry } from '@earshot/protocol/ipc';
import { Roster, type RosterEvent } from './roster.js';
import type { Arrival, Moment, SignedSighting } from './sighting.js';

const START = Date.UTC(2030, 0, 1);
const LAST = 0xffff_ffff;
const A = 'a'.repeat(16);
const B = 'b'.repeat(16);

function at(ms: number): Moment {
  return { ms, iso: new Date(START + ms).toISOString() };
}

function from(source: string, more: Partial<Arrival> = {}): Arrival {
  return { source, interface: 'eth0', dialable: true, beyond: false, by: 'broadcast', ...more };
}

/** A peer id made of one number. */
function idOf(n: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const digits = [n % 32, Math.floor(n / 32) % 32, Math.floor(n / 1024) % 32].map((digit) => letters[digit] ?? '');
  return `${digits.join('')}${'a'.repeat(49)}`;
}

function said(more: Partial<SignedSighting> = {}): SignedSighting {
  return {
    id: idOf(1),
    username: 'anna',
    instance: A,
    counter: 1,
    goodbye: false,
    maxVersion: 1,
    busy: false,
    status: '',
    ip: '10.0.0.1',
    port: 7001,
    ...more,
  };
}

const goodbye = (instance = A) => said({ instance, counter: LAST, goodbye: true });
const here = from('10.0.0.1');

/** What a subscriber that applies all events knows. */
function shown(roster: Roster, key = idOf(1)) {
  return roster.snapshot().find((event) => event.key === key);
}

describe('Roster', () => {
  it('shows who announces, in the shape that the others expect', () => {
    const roster = new Roster();
    const { outcome, events } = roster.hear(said({ status: 'at lunch', busy: true }), here, at(0));
    expect(outcome).toBe('new');
    expect(events).toHaveLength(1);
    expect(events[0]).toEqual({
      event: 'roster',
      key: idOf(1),
      id: idOf(1),
      username: 'anna',
      presence: 'online',
      lastSeen: '2030-01-01T00:00:00.000Z',
      instance: A,
      maxVersion: 1,
      busy: true,
      status: 'at lunch',
      addresses: [
        { address: '10.0.0.1:7001', interface: 'eth0', lastHeard: '2030-01-01T00:00:00.000Z', dialable: true },
      ],
      heardBy: { broadcast: '2030-01-01T00:00:00.000Z' },
    });
    expect(rosterEntry.safeParse(events[0]).success).toBe(true);
    expect(roster.snapshot()).toEqual(events);
  });

  it('shows when somebody was last heard by each way, copies and legacy ones too', () => {
    const roster = new Roster();
    roster.hear(said(), here, at(0));
    const copy = roster.hear(said(), from('10.0.0.1', { by: 'multicast' }), at(10));
    expect(copy).toMatchObject({ outcome: 'copy', events: [{ heardBy: { multicast: at(10).iso } }] });
    roster.hear(said({ counter: 2 }), here, at(8_000));
    expect(shown(roster)).toMatchObject({ heardBy: { broadcast: at(8_000).iso, multicast: at(10).iso } });
    const carl = { username: 'carl', port: 7001 };
    roster.hearLegacy(carl, from('10.0.0.7'), at(1));
    roster.hearLegacy(carl, from('10.0.0.7', { by: 'unicast' }), at(2));
    expect(shown(roster, 'legacy:10.0.0.7:7001')).toMatchObject({
      heardBy: { broadcast: at(1).iso, unicast: at(2).iso },
    });
  });

  it('lets IPv6 say who is here, but nothing of whether an address may be dialled', () => {
    const roster = new Roster();
    const overIpv6 = from('fe80::1%eth0', { dialable: false, by: 'multicast6' });
    const dialable = () => {
      const event = shown(roster);
      return event?.event === 'roster' && event.addresses.map((one) => one.dialable);
    };
    roster.hear(said(), overIpv6, at(0));
    expect([dialable(), roster.isHeardOverIpv4(idOf(1), 0)]).toEqual([[false], false]);
    roster.hear(said(), here, at(10));
    expect([dialable(), roster.isHeardOverIpv4(idOf(1), 10)]).toEqual([[true], true]);
    expect(roster.hear(said({ counter: 2 }), overIpv6, at(24_000)).outcome).toBe('newer');
    expect([dialable(), roster.expire(at(30_000))]).toEqual([[true], []]);
    expect([roster.isHeardOverIpv4(idOf(1), 25_009), roster.isHeardOverIpv4(idOf(1), 25_010)]).toEqual([true, false]);
  });

  it('names the silent who are here, where they have been themselves', () => {
    const roster = new Roster();
    roster.hear(said({ ip: '10.0.0.1' }), here, at(0));
    roster.hear(said({ ip: '192.0.2.9' }), from('192.0.2.9', { dialable: false, beyond: true }), at(0));
    roster.hear(said({ ip: '10.0.0.66' }), from('10.0.0.5', { dialable: false }), at(0));
    roster.hear(said({ id: idOf(2), ip: '10.0.0.2' }), from('10.0.0.2'), at(1));
    roster.hearLegacy({ username: 'carl', port: 7001 }, from('10.0.0.3'), at(0));
    const ips = ['10.0.0.1', '192.0.2.9'];
    expect(roster.silent(9_999, 10_000)).toEqual([]);
    expect(roster.silent(10_000, 10_000)).toEqual([{ key: idOf(1), ips }]);
    roster.hear(said({ counter: 2 }), here, at(12_000));
    expect(roster.silent(12_000, 10_000).map(({ key }) => key)).toEqual([idOf(2)]);
    roster.expire(at(25_001));
    expect(roster.silent(25_001, 10_000).map(({ key }) => key)).toEqual([idOf(1)]);
  });

  it('says of an address whether it is one beyond our networks', () => {
    const roster = new Roster();
    const beyond = from('192.0.2.9', { dialable: false, beyond: true });
    roster.hear(said({ ip: '192.0.2.9' }), beyond, at(0));
    const [event] = roster.snapshot();
    expect(event).toMatchObject({ addresses: [{ address: '192.0.2.9:7001', dialable: false, beyond: true }] });
    expect(rosterEntry.safeParse(event).success).toBe(true);
  });

  it('turns away after three announcements and a second, to the millisecond, and back with the next', () => {
    const roster = new Roster();
    roster.hear(said(), here, at(0));
    expect(roster.expire(at(24_999))).toEqual([]);
    expect(roster.expire(at(25_000))).toMatchObject([{ event: 'roster', presence: 'away' }]);
    expect(roster.expire(at(25_500))).toEqual([]);
    expect(roster.hear(said({ counter: 2 }), here, at(26_000)).events).toMatchObject([{ presence: 'online' }]);
  });

  it('takes nobody for present who only comes as a recording', () => {
    const roster = new Roster();
    roster.hear(said(), here, at(0));
    roster.expire(at(25_000));
    expect(roster.hear(said(), here, at(30_000)).events).toEqual([]);
    expect(shown(roster)).toMatchObject({ presence: 'away', lastSeen: '2030-01-01T00:00:00.000Z' });
  });

  it('does not go by an older announcement', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 7, username: 'new' }), here, at(0));
    expect(roster.hear(said({ counter: 6, username: 'old', ip: '10.0.0.6' }), here, at(10_000))).toEqual({
      outcome: 'stale',
      events: [],
    });
    expect(shown(roster)).toMatchObject({ username: 'new', addresses: [{ address: '10.0.0.1:7001' }] });
  });

  it('ends an instance with its goodbye, for ever', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 5 }), here, at(0));
    expect(roster.hear(goodbye(), here, at(1)).events).toMatchObject([{ presence: 'away' }]);
    expect(roster.hear(goodbye(), here, at(2)).events).toEqual([]);
    expect(roster.hear(said({ counter: 6 }), here, at(3)).events).toEqual([]);
    expect(shown(roster)).toMatchObject({ presence: 'away' });
  });

  it('hears no goodbye of strangers or of other instances', () => {
    const roster = new Roster();
    expect(roster.hear(goodbye(), here, at(0))).toEqual({ outcome: 'stale', events: [] });
    expect(roster.size).toBe(0);
    roster.hear(said(), here, at(1));
    roster.hear(goodbye(B), here, at(2));
    expect(shown(roster)).toMatchObject({ presence: 'online', instance: A });
  });

  it('takes another instance for a restart, and nothing again that was heard of an earlier one', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 500 }), here, at(0));
    expect(roster.hear(said({ instance: B, counter: 1 }), here, at(1))).toMatchObject({ outcome: 'restarted' });
    expect(roster.hear(said({ counter: 500 }), here, at(2)).outcome).toBe('stale');
    expect(roster.hear(goodbye(), here, at(3)).outcome).toBe('stale');
    expect(shown(roster)).toMatchObject({ presence: 'online', instance: B });
  });

  it('is not led astray for longer than to the next announcement by a recording of a run that it never heard', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 500 }), here, at(0));
    const recording = said({ instance: B, counter: 70 });
    expect(roster.hear(recording, here, at(1)).outcome).toBe('restarted');
    expect(roster.hear(said({ counter: 500 }), here, at(2)).outcome).toBe('stale');
    expect(roster.hear(said({ counter: 501 }), here, at(3)).outcome).toBe('restarted');
    expect(roster.hear(recording, here, at(4)).outcome).toBe('stale');
    expect(shown(roster)).toMatchObject({ presence: 'online', instance: A });
  });

  it('never hears again of an instance that said goodbye', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 500 }), here, at(0));
    roster.hear(goodbye(), here, at(1));
    roster.hear(said({ instance: B, counter: 1 }), here, at(2));
    expect(roster.hear(said({ counter: 501 }), here, at(3)).outcome).toBe('stale');
  });

  it('remembers a bounded number of restarts', () => {
    const roster = new Roster();
    for (let n = 0; n < 100; n++) roster.hear(said({ instance: n.toString(16).padStart(16, '0') }), here, at(n));
    const [entry] = roster.entries();
    const superseded = [...(entry?.superseded.keys() ?? [])];
    expect(superseded).toHaveLength(16);
    expect(superseded[0]).toBe((98).toString(16).padStart(16, '0'));
  });

  it('gathers the addresses of one announcement from several interfaces', () => {
    const roster = new Roster();
    roster.hear(said(), here, at(0));
    roster.hear(said({ ip: '10.1.0.1' }), from('10.1.0.1', { interface: 'wlan0' }), at(1));
    expect(shown(roster)).toMatchObject({
      addresses: [{ address: '10.0.0.1:7001' }, { address: '10.1.0.1:7001', interface: 'wlan0' }],
    });
  });

  it('publishes a change at once, and that somebody is still there once per announcement', () => {
    const roster = new Roster();
    roster.hear(said({ counter: 1 }), here, at(0));
    const counts = [
      roster.hear(said({ counter: 2 }), here, at(200)),
      roster.hear(said({ counter: 3 }), here, at(1_000)),
      roster.hear(said({ counter: 4, busy: true }), here, at(3_000)),
      roster.hear(said({ counter: 5, busy: true }), here, at(9_900)),
      roster.hear(said({ counter: 6, busy: true }), here, at(10_000)),
      roster.hear(said({ counter: 7, busy: true, username: 'anna2' }), here, at(10_001)),
    ].map(({ events }) => events.length);
    expect(counts).toEqual([0, 0, 1, 0, 1, 1]);
  });

  it('names those who are here but beyond our broadcasts', () => {
    const roster = new Roster();
    const beyond = (n: number) => said({ id: idOf(n), ip: `192.0.2.${n}` });
    roster.hear(said(), here, at(0));
    for (const n of [2, 3]) roster.hear(beyond(n), from(`192.0.2.${n}`, { dialable: false, interface: '' }), at(0));
    roster.hearLegacy({ username: 'carl', port: 7001 }, from('192.0.2.4'), at(0));
    roster.hear({ ...beyond(3), goodbye: true, counter: LAST }, from('192.0.2.3'), at(1));
    expect(roster.beyond()).toEqual(['192.0.2.2']);
  });

  it('publishes heartbeats the more rarely the more people there are', () => {
    const roster = new Roster();
    for (let n = 0; n < 1_000; n++) roster.hear(said({ id: idOf(n) }), from(`10.0.${n >> 8}.${n & 255}`), at(0));
    const heard = (counter: number, ms: number) => roster.hear(said({ counter }), here, at(ms)).events.length;
    expect([heard(2, 8_000), heard(3, 16_000), heard(4, 20_001), heard(5, 28_000)]).toEqual([0, 0, 1, 0]);
  });

  it('knows how long ago each address was heard', () => {
    const roster = new Roster();
    roster.hear(said(), here, at(0));
    roster.hear(said({ id: idOf(2), ip: '10.0.0.2' }), from('10.0.0.2'), at(3_000));
    roster.hear(said({ id: idOf(3), ip: '10.0.0.2' }), from('10.0.0.2'), at(1_000));
    expect(roster.silences(5_000)).toEqual(
      new Map([
        ['10.0.0.1', 5_000],
        ['10.0.0.2', 2_000],
      ]),
    );
  });
});

describe('Roster, legacy announcements', () => {
  const legacy = { username: 'carl', port: 7001 };

  it('shows them under their source, without identity, never to be dialled', () => {
    const { events } = new Roster().hearLegacy(legacy, from('10.0.0.7'), at(0));
    expect(events).toMatchObject([
      {
        key: 'legacy:10.0.0.7:7001',
        id: null,
        username: 'carl',
        presence: 'online',
        instance: '',
        maxVersion: 0,
        addresses: [{ address: '10.0.0.7:7001', dialable: false }],
      },
    ]);
    expect(rosterEntry.safeParse(events[0]).success).toBe(true);
  });

  it('turns them away like everybody, and back', () => {
    const roster = new Roster();
    roster.hearLegacy(legacy, from('10.0.0.7'), at(0));
    expect(roster.expire(at(25_000))).toMatchObject([{ key: 'legacy:10.0.0.7:7001', presence: 'away' }]);
    expect(roster.hearLegacy(legacy, from('10.0.0.7'), at(26_000)).events).toMatchObject([{ presence: 'online' }]);
    expect(roster.size).toBe(1);
  });
});

describe('Roster, bounds', () => {
  const hearMany = (roster: Roster, first: number, count: number, source: (n: number) => string, ms = 0) =>
    Array.from({ length: count }, (_, index) => first + index).map(
      (n) => roster.hear(said({ id: idOf(n) }), from(source(n)), at(ms)).outcome,
    );
  const removed = (events: RosterEvent[]) =>
    events.filter(({ event }) => event === 'roster.removed').map(({ key }) => key);

  it('lets a source bring 16 strangers', () => {
    const roster = new Roster();
    const outcomes = hearMany(roster, 0, 20, () => '10.0.0.1');
    expect(outcomes).toEqual([...Array<string>(16).fill('new'), ...Array<string>(4).fill('full')]);
    expect(hearMany(roster, 100, 1, () => '10.0.0.2')).toEqual(['new']);
  });

  it('counts legacy peers with the others', () => {
    const roster = new Roster({ total: 4096, perIp: 2 });
    hearMany(roster, 0, 1, () => '10.0.0.1');
    expect(roster.hearLegacy({ username: 'x', port: 1 }, from('10.0.0.1'), at(0)).outcome).toBe('new');
    expect(roster.hearLegacy({ username: 'x', port: 2 }, from('10.0.0.1'), at(0))).toEqual({
      outcome: 'full',
      events: [],
    });
  });

  it('holds 4096 strangers and pushes out nobody who is here', () => {
    const roster = new Roster();
    const perSource = (n: number) => `10.0.${n >> 8}.${n & 255}`;
    hearMany(roster, 0, 4096, perSource);
    expect(hearMany(roster, 4096, 10, perSource)).toEqual(Array<string>(10).fill('full'));
    expect(roster.size).toBe(4096);
  });

  it('gives a newcomer the place of the stranger who is away longest', () => {
    const roster = new Roster({ total: 3, perIp: 16 });
    roster.hear(said({ id: idOf(1) }), from('10.0.0.1'), at(2_000));
    roster.hear(said({ id: idOf(2) }), from('10.0.0.2'), at(1_000));
    roster.hear(said({ id: idOf(3) }), from('10.0.0.3'), at(20_000));
    roster.expire(at(30_000));
    expect(removed(roster.hear(said({ id: idOf(4) }), from('10.0.0.4'), at(30_001)).events)).toEqual([idOf(2)]);
    expect(removed(roster.hear(said({ id: idOf(5) }), from('10.0.0.5'), at(30_002)).events)).toEqual([idOf(1)]);
    expect(roster.hear(said({ id: idOf(6) }), from('10.0.0.6'), at(30_003)).outcome).toBe('full');
  });

  it('makes a crowded source give up its own places', () => {
    const roster = new Roster({ total: 10, perIp: 2 });
    hearMany(roster, 0, 1, () => '10.0.0.9');
    hearMany(roster, 1, 2, () => '10.0.0.1', 1_000);
    roster.expire(at(30_000));
    expect(removed(roster.hear(said({ id: idOf(7) }), from('10.0.0.1'), at(30_000)).events)).toEqual([idOf(1)]);
  });

  it('always has a place for people whom the user accepted, never evicts them, and does not count them', () => {
    const roster = new Roster({ total: 2, perIp: 2 });
    roster.accept(new Set([idOf(1), idOf(2), idOf(3)]));
    expect(hearMany(roster, 1, 5, () => '10.0.0.1')).toEqual(['new', 'new', 'new', 'new', 'new']);
    expect(hearMany(roster, 6, 1, () => '10.0.0.1')).toEqual(['full']);
    roster.expire(at(30_000));
    const gone = [7, 8].flatMap((n) =>
      removed(roster.hear(said({ id: idOf(n) }), from('10.0.0.1'), at(30_000)).events),
    );
    expect(gone).toEqual([idOf(4), idOf(5)]);
    expect(roster.size).toBe(5);
  });

  it('lets somebody accepted in when everything is taken by strangers who are here', () => {
    const roster = new Roster({ total: 2, perIp: 2 });
    hearMany(roster, 1, 2, () => '10.0.0.1');
    roster.accept(new Set([idOf(9)]));
    expect(hearMany(roster, 9, 1, () => '10.0.0.1')).toEqual(['new']);
    expect(roster.size).toBe(3);
  });

  it('forgets strangers an hour after they were heard, and no friend', () => {
    const roster = new Roster();
    roster.accept(new Set([idOf(1)]));
    hearMany(roster, 1, 2, () => '10.0.0.1');
    roster.expire(at(25_000));
    expect(roster.expire(at(3_599_999))).toEqual([]);
    expect(roster.expire(at(3_600_000))).toEqual([{ event: 'roster.removed', key: idOf(2) }]);
    expect(roster.size).toBe(1);
  });
});
