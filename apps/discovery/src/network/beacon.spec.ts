import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MULTICAST_GROUP } from '@earshot/protocol';
import { until } from '@earshot/testkit';
import { Beacon, type Received } from './beacon.js';
import type { Interface } from './interfaces.js';
import type { Link } from './link.js';

const lo: Interface = {
  name: 'lo',
  ip: '127.0.0.1',
  netmask: '255.0.0.0',
  broadcast: '127.255.255.255',
  loopback: true,
};
/** An address that this machine does not have (RFC 5737): as if the interface had just gone. */
const gone: Interface = {
  name: 'eth9',
  ip: '203.0.113.9',
  netmask: '255.255.255.0',
  broadcast: '203.0.113.255',
  loopback: false,
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

class Station {
  readonly heard: Received[] = [];
  readonly beacon: Beacon;

  constructor(port: number) {
    this.beacon = new Beacon({ port, now: () => performance.now(), onDatagram: (one) => this.heard.push(one) });
    closing.push(() => {
      this.beacon.stop();
    });
  }

  static async open(port = 0, interfaces = [lo]): Promise<Station> {
    const station = new Station(port);
    await station.beacon.start();
    await station.beacon.follow(interfaces);
    return station;
  }

  link(name = 'lo'): Link {
    const link = this.beacon.open.find(({ at }) => at.name === name);
    if (link === undefined) throw new Error(`no link ${name}`);
    return link;
  }

  texts(): string[] {
    return this.heard.map(({ bytes }) => bytes.toString());
  }

  /** Waits until it has heard that, and with it everything sent to it before. */
  async hears(text: string): Promise<Received> {
    return until(`hears ${text}`, () => this.heard.find(({ bytes }) => bytes.toString() === text));
  }
}

async function pair(): Promise<[Station, Station]> {
  const first = await Station.open();
  return [first, await Station.open(first.beacon.port)];
}

describe('Beacon', () => {
  it('carries a broadcast to every profile on the machine, and knows its own', async () => {
    const [a, b] = await pair();
    await a.beacon.announce(a.link(), Buffer.from('hello'));
    expect(await b.hears('hello')).toMatchObject({ source: '127.0.0.1', addressed: false, via: '' });
    await until('a hears itself', () => a.link().heardSelfMs > 0);
    expect(a.heard).toEqual([]);
    expect(a.link().lastSent).toMatch(/^\d{4}-/);
    expect(b.link().lastSent).toBeNull();
    expect(b.link().heardSelfMs).toBe(-Infinity);
  });

  it('tells by which way something came', async () => {
    const [a, b] = await pair();
    const ways = (text: string) => b.heard.filter(({ bytes }) => bytes.toString() === text).map(({ by }) => by);
    const { port } = a.beacon;
    await a.beacon.announce(a.link(), Buffer.from('to all'));
    await a.link().send('multicast', MULTICAST_GROUP, port, Buffer.from('to the group'));
    await a.link().send('unicast', '127.0.0.1', port, Buffer.from('to one'));
    await a.beacon.announceWide(a.link(), Buffer.from('by both'));
    await until('both were heard', () => ways('by both').length === 2);
    expect(['to all', 'to the group', 'by both'].map(ways)).toEqual([
      ['broadcast'],
      ['multicast'],
      ['broadcast', 'multicast'],
    ]);
    // The system gives it to one of the two, perhaps to the sender, which takes it for its own.
    expect(ways('to one')).toEqual(b.texts().includes('to one') ? ['unicast'] : []);
  });

  it('brings an answer to the socket that asked, alone', async () => {
    const [a, b] = await pair();
    await a.beacon.announce(a.link(), Buffer.from('who is there'));
    const { source, port } = await b.hears('who is there');
    const bystander = await Station.open(a.beacon.port);
    await b.link().send('unicast', source, port, Buffer.from('me'));
    expect(await a.hears('me')).toMatchObject({ addressed: false, by: 'unicast', via: 'lo' });
    await b.beacon.announce(b.link(), Buffer.from('end'));
    await bystander.hears('end');
    expect(bystander.texts()).toEqual(['end']);
  });

  it('tells what was sent to this machine alone, and passes it on to the other profiles but not back to itself', async () => {
    const [a, b] = await pair();
    const stranger = createSocket('udp4');
    closing.push(() => stranger.close());
    stranger.send('for somebody here', a.beacon.port, '127.0.0.1');
    // The system gives it to one of them.
    const [taker, other] = await until('one got it', () => {
      if (a.heard.length > 0) return [a, b] as const;
      return b.heard.length > 0 && ([b, a] as const);
    });
    expect(taker.heard).toMatchObject([{ addressed: true, via: 'lo', source: '127.0.0.1' }]);
    await taker.beacon.passOn(Buffer.from('passed on'));
    expect(await other.hears('passed on')).toMatchObject({ addressed: false, source: '127.0.0.1' });
    await other.beacon.announce(other.link(), Buffer.from('end'));
    await taker.hears('end');
    expect(taker.texts()).toEqual(['for somebody here', 'end']);
  });

  it('works on the other interfaces when one does not, remembers why, and tries again', async () => {
    const a = await Station.open(0, [gone, lo]);
    const b = await Station.open(a.beacon.port);
    expect(Object.fromEntries(a.link('eth9').errors)).toEqual({
      broadcast: 'EADDRNOTAVAIL',
      receive: 'EADDRNOTAVAIL',
      multicast: expect.any(String) as string,
      multicast6: 'EINVAL',
    });
    await Promise.all(a.beacon.open.map((link) => a.beacon.announceWide(link, Buffer.from('hello'))));
    await b.hears('hello');
    const failed = a.link('eth9');
    expect(await a.beacon.follow([gone, lo])).toBe(false);
    expect(a.link('eth9')).not.toBe(failed);
  });

  it('follows interfaces that come and go, and survives one that goes while it sends', async () => {
    const a = await Station.open();
    const link = a.link();
    expect(await a.beacon.follow([lo])).toBe(false);
    expect(a.link()).toBe(link);
    const sending = Promise.all(Array.from({ length: 50 }, () => a.beacon.announceWide(link, Buffer.from('hello'))));
    expect(await a.beacon.follow([])).toBe(true);
    await sending;
    await a.beacon.announce(link, Buffer.from('nobody sends this'));
    expect(a.beacon.open).toEqual([]);
    expect(await a.beacon.follow([lo])).toBe(true);
    const b = await Station.open(a.beacon.port);
    await b.beacon.announce(b.link(), Buffer.from('hello again'));
    await a.hears('hello again');
  });

  it('remembers what a path failed with until it works again', async () => {
    const a = await Station.open();
    await a.link().send('unicast', '203.0.113.9', a.beacon.port, Buffer.from('cannot leave by loopback'));
    expect([...a.link().errors.keys()]).toContain('unicast');
    await a.link().send('unicast', '127.0.0.1', a.beacon.port, Buffer.from('can'));
    expect([...a.link().errors.keys()]).not.toContain('unicast');
  });

  it('does not share the port with a program that does not share it', async () => {
    const greedy = createSocket('udp4');
    closing.push(() => greedy.close());
    greedy.bind(0, '0.0.0.0');
    await once(greedy, 'listening');
    await expect(new Station(greedy.address().port).beacon.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('finds the way to an address: by its subnet, or as the system would', async () => {
    const a = await Station.open(0, [lo]);
    expect(await a.beacon.linkTowards('127.4.5.6')).toBe(a.link());
    // Wherever that would go, it is not by loopback.
    expect(await a.beacon.linkTowards('203.0.113.9')).toBeUndefined();
  });
});
