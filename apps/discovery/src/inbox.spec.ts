import {
  DATAGRAM_MAX_BYTES,
  DATAGRAMS_PER_SECOND,
  DATAGRAMS_PER_SECOND_PER_IP,
  type Announcement,
  type LegacyDatagram,
} from '@earshot/protocol';
import type { HeardBy } from '@earshot/protocol/ipc';
import { FakeClock } from '@earshot/testkit';
import { Signer, signerOf } from '../test/signer.js';
import { Inbox } from './inbox.js';
import { type RefusalCode, Refusals } from './refusals.js';

const signer = new Signer('anna', 7001);

/** An inbox with what came out of it. The verifier is real and can be held back or gone. */
function setUp() {
  const clock = new FakeClock();
  const refused = new Map<RefusalCode, number>();
  const signed: { id: string; announcement: Announcement; source: string; by: HeardBy }[] = [];
  const legacy: LegacyDatagram[] = [];
  const batches: number[] = [];
  const verifier = { away: false, held: Promise.resolve() };
  // A log without the rate that the real one has.
  const refusals = Object.assign(new Refusals(clock.now, () => undefined), {
    add: (code: RefusalCode, count = 1) => refused.set(code, (refused.get(code) ?? 0) + count),
  });
  const known = new Set<string>();
  const inbox = new Inbox({
    clock,
    refusals,
    isKnown: (ip) => known.has(ip),
    verify: async (items) => {
      batches.push(items.length);
      await verifier.held;
      return verifier.away ? undefined : items.map(signerOf);
    },
    onSigned: (id, announcement, { source, by }) => signed.push({ id, announcement, source, by }),
    onLegacy: (one) => legacy.push(one),
  });
  const receive = (bytes: Buffer, source = '10.0.0.1', by: HeardBy = 'broadcast') => {
    inbox.receive({ bytes, source, port: 40_000, by, addressed: false, via: '' });
  };
  /** Lets what was collected be verified. */
  const settle = async () => {
    for (let n = 0; n < 40; n++) {
      clock.advance(5);
      await new Promise(setImmediate);
    }
  };
  return { clock, inbox, receive, settle, refused, signed, legacy, batches, verifier, known };
}

describe('Inbox', () => {
  it('hands on who signed', async () => {
    const { receive, settle, signed, refused } = setUp();
    receive(signer.datagram());
    await settle();
    expect(signed).toMatchObject([
      { id: signer.id, source: '10.0.0.1', announcement: { username: 'anna', port: 7001 } },
    ]);
    expect(refused.size).toBe(0);
  });

  it('hands on what came by several ways once for each, with one look at its signature', async () => {
    const { receive, settle, signed, batches } = setUp();
    const bytes = signer.datagram();
    for (const by of ['broadcast', 'multicast', 'multicast', 'broadcast'] as const) receive(bytes, '10.0.0.1', by);
    await settle();
    expect(signed).toMatchObject([{ by: 'broadcast' }, { by: 'multicast' }]);
    expect(batches).toEqual([1]);
  });

  it('hands on legacy announcements without a look at signatures', () => {
    const { receive, legacy, batches } = setUp();
    receive(Buffer.from('{"username":"carl","ip":"10.0.0.7","port":7001}'));
    expect(legacy).toEqual([{ kind: 'legacy', username: 'carl', ip: '10.0.0.7', port: 7001 }]);
    expect(batches).toEqual([]);
  });

  const forged = () => {
    const object = JSON.parse(signer.datagram().toString()) as { earshot: string };
    const bytes = Buffer.from(object.earshot, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return JSON.stringify({ ...object, earshot: bytes.toString('base64url') });
  };
  const newer = () => {
    const object = JSON.parse(signer.datagram().toString()) as { earshot: string };
    const bytes = Buffer.from(object.earshot, 'base64url');
    bytes.writeUInt8(2, 0);
    return JSON.stringify({ ...object, earshot: bytes.toString('base64url') });
  };

  it.each<[string, () => string, RefusalCode]>([
    ['nothing', () => '', 'bad-datagram'],
    ['what is not JSON', () => 'hello', 'bad-datagram'],
    ['a list', () => '[]', 'bad-datagram'],
    ['null', () => 'null', 'bad-datagram'],
    ['an object with nothing in it', () => '{}', 'bad-username'],
    ['a legacy announcement without a port', () => '{"username":"a","ip":"10.0.0.1"}', 'bad-datagram'],
    ['another username outside', () => signer.datagram().toString().replace('anna', 'otto'), 'bad-announcement'],
    ['a newer announcement', newer, 'newer-announcement'],
    ['a signature that does not hold', forged, 'bad-signature'],
    ['too much', () => `{"username":"${'a'.repeat(DATAGRAM_MAX_BYTES)}"}`, 'datagram-too-large'],
    ['far too much', () => 'x'.repeat(65_000), 'datagram-too-large'],
  ])('refuses %s', async (_, text, code) => {
    const { receive, settle, refused, signed, legacy } = setUp();
    receive(Buffer.from(text()));
    await settle();
    expect([...refused]).toEqual([[code, 1]]);
    expect([...signed, ...legacy]).toEqual([]);
    // And goes on.
    receive(signer.datagram());
    await settle();
    expect(signed).toHaveLength(1);
  });

  it('looks at 20 datagrams a second from one source, whatever is in them', () => {
    const { clock, receive, refused } = setUp();
    for (let n = 0; n < 100; n++) receive(Buffer.from('{'));
    expect(Object.fromEntries(refused)).toEqual({ 'bad-datagram': 20, 'too-many-datagrams': 80 });
    clock.advance(1_000);
    receive(Buffer.from('{'));
    expect(refused.get('bad-datagram')).toBe(21);
  });

  it('checks a signature once, however often it comes, but again when it comes later from another source', async () => {
    const { receive, settle, batches, signed } = setUp();
    const bytes = signer.datagram();
    for (let n = 0; n < 5; n++) receive(bytes);
    await settle();
    receive(bytes);
    await settle();
    expect(batches).toEqual([1]);
    receive(bytes, '10.0.0.2');
    await settle();
    expect(signed.map(({ source }) => source)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('asks for many signatures at once, at most 256, one request at a time', async () => {
    const { receive, settle, batches, signed, verifier } = setUp();
    let release: () => void = () => undefined;
    verifier.held = new Promise((resolve) => (release = resolve));
    const sources = Array.from({ length: 600 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    sources.forEach((source, counter) => {
      receive(signer.datagram({ counter }), source);
    });
    await settle();
    expect(batches).toEqual([256]);
    release();
    await settle();
    expect(batches).toEqual([256, 256, 88]);
    expect(signed.map(({ source }) => source)).toEqual(sources);
  });

  it('collects for 5 ms after a pause, and for 100 ms while one announcement follows another', async () => {
    const { clock, receive, batches } = setUp();
    const batchesAfter = async (ms: number) => {
      clock.advance(ms);
      await new Promise(setImmediate);
      return batches.length;
    };
    receive(signer.datagram({ counter: 1 }));
    expect([await batchesAfter(4), await batchesAfter(1)]).toEqual([0, 1]);
    receive(signer.datagram({ counter: 2 }));
    receive(signer.datagram({ counter: 3 }));
    expect([await batchesAfter(99), await batchesAfter(1)]).toEqual([1, 2]);
    await batchesAfter(100);
    receive(signer.datagram({ counter: 4 }));
    expect(await batchesAfter(5)).toBe(3);
    expect(batches).toEqual([1, 2, 1]);
  });

  it('drops what cannot be verified while the messenger is away, and goes on when it is back', async () => {
    const { receive, settle, refused, signed, verifier } = setUp();
    verifier.away = true;
    receive(signer.datagram({ counter: 1 }));
    await settle();
    expect([...refused]).toEqual([['messenger-away', 1]]);
    verifier.away = false;
    receive(signer.datagram({ counter: 2 }));
    await settle();
    expect(signed.map(({ announcement }) => announcement.counter)).toEqual([2]);
  });

  it('bounds what waits while the messenger hangs', async () => {
    const { clock, receive, settle, refused, signed, verifier } = setUp();
    let release: () => void = () => undefined;
    verifier.held = new Promise((resolve) => (release = resolve));
    const bytes = signer.datagram();
    // One batch on its way, a thousand behind it, and what is more.
    for (let second = 0; second < 2; second++) {
      for (let n = 0; n < 700; n++) receive(bytes, `10.${second}.${n >> 8}.${n & 255}`);
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    const fits = 256 + DATAGRAMS_PER_SECOND;
    expect(refused.get('too-many-datagrams')).toBe(1_400 - fits);
    release();
    await settle();
    expect(signed).toHaveLength(fits);
  });

  it('hears whom the user knows, and first, whatever comes from everywhere else', async () => {
    const { receive, settle, signed, verifier, known, refused } = setUp();
    known.add('10.9.9.9');
    let release: () => void = () => undefined;
    verifier.held = new Promise((resolve) => (release = resolve));
    const bytes = signer.datagram();
    for (let n = 0; n < 10_000; n++) receive(bytes, `10.1.${n >> 8}.${n & 255}`);
    for (let n = 0; n < 100; n++) receive(signer.datagram({ counter: n + 2 }), '10.9.9.9');
    expect(refused.get('too-many-datagrams')).toBe(10_000 - DATAGRAMS_PER_SECOND + 100 - DATAGRAMS_PER_SECOND_PER_IP);
    release();
    await settle();
    expect(signed).toHaveLength(DATAGRAMS_PER_SECOND + DATAGRAMS_PER_SECOND_PER_IP);
    expect(signed.slice(0, DATAGRAMS_PER_SECOND_PER_IP).every(({ source }) => source === '10.9.9.9')).toBe(true);
  });

  it('hands on nothing once stopped', async () => {
    const { inbox, receive, settle, signed } = setUp();
    receive(signer.datagram());
    inbox.stop();
    receive(signer.datagram({ counter: 2 }));
    await settle();
    expect(signed).toEqual([]);
  });
});
