import {
  type Announcement,
  decodeAnnouncement,
  GOODBYE_COUNTER,
  parseDatagram,
  splitEarshotField,
} from '@earshot/protocol';
import { FakeClock, until } from '@earshot/testkit';
import { LOOPBACK } from '../test/profile.js';
import { Signer } from '../test/signer.js';
import { Answers, type Target } from './answers.js';
import { Hearing } from './hearing.js';
import { Beacon, type Received } from './network/beacon.js';
import type { Interface } from './network/interfaces.js';
import { type RefusalCode, Refusals } from './refusals.js';
import { Roster } from './roster/roster.js';

/** A subnet of ours (RFC 5737), of which this machine has only the notion: nothing leaves. */
const eth9: Interface = {
  name: 'eth9',
  ip: '203.0.113.9',
  netmask: '255.255.255.0',
  broadcast: '203.0.113.255',
  loopback: false,
};

const own = new Signer('me', 7001);
const nora = new Signer('nora', 7001);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function beacon(
  port: number,
  onDatagram: (one: Received) => void = () => undefined,
  more: readonly Interface[] = [],
): Promise<Beacon> {
  const made = new Beacon({ port, now: () => 0, onDatagram });
  closing.push(() => {
    made.stop();
  });
  await made.start();
  await made.follow([LOOPBACK, ...more]);
  return made;
}

/** What this profile does with what it hears, and another profile on the machine to hear what is passed on. */
async function setUp() {
  const here = await beacon(0, undefined, [eth9]);
  const passedOn: string[] = [];
  await beacon(here.port, ({ bytes }) => passedOn.push(bytes.toString()));
  const clock = new FakeClock();
  const answered: Target[] = [];
  const asked: Target[] = [];
  const refused: RefusalCode[] = [];
  const roster = new Roster({ total: 2, perIp: 16 });
  const hearing = new Hearing({
    roster,
    beacon: here,
    answers: new Answers(
      clock,
      () => 0,
      (target) => answered.push(target),
    ),
    questions: new Answers(
      clock,
      () => 0,
      (target) => asked.push(target),
    ),
    refusals: new Refusals(clock.now, (code) => refused.push(code)),
    ownId: () => own.id,
    moment: () => ({ ms: clock.now(), iso: new Date(clock.now()).toISOString() }),
    publish: () => undefined,
  });
  const hear = (
    signer: Signer,
    fields: Partial<Announcement> = {},
    arrival: Partial<Received> = {},
    pauseMs = 1_000,
  ) => {
    const bytes = signer.datagram(fields);
    const parsed = parseDatagram(bytes);
    if (parsed.kind !== 'signed') throw new Error('not signed');
    const datagram = {
      bytes,
      source: '127.0.0.1',
      port: 40_000,
      by: 'broadcast' as const,
      addressed: false,
      via: '',
      ...arrival,
    };
    hearing.signed(signer.id, parsed.announcement, datagram, parsed.earshot);
    // Past the limits and the delays of what came before.
    clock.advance(pauseMs);
  };
  return { hear, roster, answered, asked, refused, passedOn, port: here.port };
}

describe('Hearing', () => {
  it('does not take note of its own identity', async () => {
    const { hear, roster, answered } = await setUp();
    hear(own);
    expect(roster.size).toBe(0);
    expect(answered).toEqual([]);
  });

  it('keeps what may be passed on: the newest announcement that says so, and none where the newest does not', async () => {
    const { hear, roster } = await setUp();
    const kept = () => {
      const [event] = roster.snapshot();
      if (event?.event !== 'roster' || event.earshot === undefined) return undefined;
      return decodeAnnouncement(splitEarshotField(event.earshot).blob).counter;
    };
    hear(nora, { counter: 1, passOn: true });
    hear(nora, { counter: 2, passOn: true });
    expect(kept()).toBe(2);
    hear(nora, { counter: 3 });
    expect(kept()).toBeUndefined();
  });

  it('answers a newcomer, a restart and a question, and nothing else', async () => {
    const { hear, answered } = await setUp();
    const steps: [Partial<Announcement>, number][] = [
      [{ counter: 1 }, 1],
      [{ counter: 2 }, 0],
      [{ counter: 3, query: true }, 1],
      [{ counter: 3, query: true }, 0],
      [{ counter: 2, query: true }, 0],
      [{ counter: 1, instance: Buffer.alloc(8, 9) }, 1],
      [{ counter: 3, query: true }, 0],
      [{ counter: GOODBYE_COUNTER, instance: Buffer.alloc(8, 9) }, 0],
    ];
    const counts = steps.map(([fields]) => {
      const before = answered.length;
      hear(nora, fields);
      return answered.length - before;
    });
    expect(counts).toEqual(steps.map(([, answers]) => answers));
    expect(answered[0]).toEqual({ ip: '127.0.0.1', port: 40_000 });
  });

  it('answers one whom a local profile heard at its signed address, if that can be a host', async () => {
    const { hear, answered, port } = await setUp();
    hear(nora, { ip: '192.0.2.9' });
    expect(answered).toEqual([{ ip: '192.0.2.9', port }]);
    hear(new Signer('mallory', 7001), { ip: '239.1.2.3' });
    expect(answered).toHaveLength(1);
  });

  it('asks whom IPv6 alone brought at the IPv4 address that it signed, answers it nowhere, and makes nothing of it to dial', async () => {
    const { hear, roster, answered, asked, port } = await setUp();
    const overIpv6 = { source: 'fe80::7%eth9', by: 'multicast6' } as const;
    hear(nora, { counter: 1, ip: '203.0.113.7', query: true }, overIpv6);
    expect([answered, asked]).toEqual([[], [{ ip: '203.0.113.7', port }]]);
    expect(roster.snapshot()).toMatchObject([
      { presence: 'online', addresses: [{ address: '203.0.113.7:7001', interface: 'eth9', dialable: false }] },
    ]);
    // It answers, and is asked no more.
    hear(nora, { counter: 2, ip: '203.0.113.7' }, { source: '203.0.113.7', by: 'unicast' });
    hear(nora, { counter: 3, ip: '203.0.113.7' }, overIpv6);
    expect(asked).toHaveLength(1);
    expect(roster.snapshot()).toMatchObject([{ addresses: [{ dialable: true }] }]);
  });

  it.each([
    ['beyond our subnets', { ip: '192.0.2.7' }],
    ['that is ours', { ip: '203.0.113.9' }],
    ['of everybody', { ip: '203.0.113.255' }],
    ['of loopback', { ip: '127.0.0.1' }],
    ['of who is leaving', { ip: '203.0.113.7', counter: GOODBYE_COUNTER }],
  ])('asks no address %s because of what IPv6 brought', async (_, fields) => {
    const { hear, asked } = await setUp();
    hear(nora, fields, { source: 'fe80::7%eth9', by: 'multicast6' });
    expect(asked).toEqual([]);
  });

  it('passes on what was sent to this machine alone from elsewhere, and nothing else', async () => {
    const { hear, passedOn } = await setUp();
    hear(nora, { counter: 1, ip: '192.0.2.9' }, { source: '192.0.2.9' });
    hear(nora, { counter: 2, ip: '192.0.2.9' }, { source: '127.0.0.1', addressed: true });
    hear(nora, { counter: 3, ip: '192.0.2.9' }, { source: '192.0.2.9', addressed: true });
    await until('it is passed on', () => passedOn.length > 0);
    // Datagrams of one socket to another on this machine arrive in order: the others would be there.
    expect(passedOn).toEqual([nora.datagram({ counter: 3, ip: '192.0.2.9' }).toString()]);
  });

  it('passes on no more than leaves room for what the local profiles say', async () => {
    const { hear, passedOn } = await setUp();
    const to = (host: number, counter: number, pauseMs: number) => {
      const ip = `192.0.2.${host}`;
      hear(nora, { counter, ip }, { source: ip, addressed: true }, pauseMs);
    };
    for (let n = 1; n <= 20; n++) to(1, n, 0);
    for (let n = 2; n <= 50; n++) to(n, 20 + n, 0);
    hear(nora, {}, {}, 1_000);
    to(9, 99, 0);
    await until('the last one is passed on', () => passedOn.at(-1)?.includes('192.0.2.9"'));
    expect(passedOn.filter((text) => text.includes('192.0.2.1"'))).toHaveLength(2);
    expect(passedOn).toHaveLength(11);
  });

  it('knows by which interface somebody from beyond came', async () => {
    const { hear, roster } = await setUp();
    hear(nora, { ip: '192.0.2.9' }, { source: '192.0.2.9', via: 'tun0' });
    expect(roster.entries()).toMatchObject([
      { addresses: [{ address: '192.0.2.9:7001', interface: 'tun0', dialable: false, beyond: true }] },
    ]);
  });

  it('says so when there is no room for a newcomer, and does not answer', async () => {
    const { hear, answered, refused } = await setUp();
    for (const name of ['a', 'b', 'c']) hear(new Signer(name, 7001));
    expect(answered).toHaveLength(2);
    expect(refused).toEqual(['roster-full']);
  });
});
