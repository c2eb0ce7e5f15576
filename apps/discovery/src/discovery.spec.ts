import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  ANNOUNCE_BURST_MS,
  ANNOUNCE_INTERVAL_MS,
  ANNOUNCE_JITTER_MS,
  GOODBYE_COUNTER,
  parseDatagram,
} from '@earshot/protocol';
import { freeUdpPort, until } from '@earshot/testkit';
import { Profile } from '../test/profile.js';
import { Signer } from '../test/signer.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function profile(name: string, port: number, peerHosts: string[] = []): Promise<Profile> {
  const made = new Profile(name, port, peerHosts);
  closing.push(() => made.close());
  await made.start();
  return made;
}

/** Somebody else on the machine, bound where discovery would send to. */
async function socketAt(port: number, address: string): Promise<{ socket: Socket; heard: Buffer[] }> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const heard: Buffer[] = [];
  socket.on('message', (bytes) => heard.push(bytes));
  socket.bind(port, address);
  await once(socket, 'listening');
  socket.setBroadcast(true);
  closing.push(() => new Promise((resolve) => socket.close(resolve)));
  return { socket, heard };
}

function announcements(heard: readonly Buffer[]) {
  return heard.flatMap((bytes) => {
    const parsed = parseDatagram(bytes);
    return parsed.kind === 'signed' ? [parsed.announcement] : [];
  });
}

describe('Discovery', () => {
  it('lets two profiles on one machine find each other over loopback, dialable, whoever comes first', async () => {
    const port = await freeUdpPort();
    const [a, b] = [await profile('anna', port), await profile('ben', port)];
    await a.messenger.start();
    await until('anna announces', () => a.announcing());
    await b.messenger.start();
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const { username, id, port: tcp } = other.messenger.signer;
      expect(await one.sees(other)).toMatchObject({
        key: id,
        username,
        addresses: [{ address: `127.0.0.1:${tcp}`, interface: 'lo', dialable: true }],
      });
      expect(one.shown(one.messenger.signer.id)).toBeUndefined();
    }
  });

  it('announces nobody until somebody registers, and hears the others all the same', async () => {
    const port = await freeUdpPort();
    const [a, b] = [await profile('anna', port), await profile('ben', port)];
    await a.messenger.start({ registered: false });
    await b.messenger.start();
    await a.sees(b);
    expect(await a.announcing()).toBe(false);
    expect(a.messenger.signed).toBe(0);
    a.messenger.register();
    await b.sees(a);
    expect(await a.announcing()).toBe(true);
  });

  it('says at once what somebody says of themselves, and asks nobody to answer for it', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    const { heard } = await socketAt(port, '0.0.0.0');
    const rounds = (about = '') => {
      const said = announcements(heard).filter(({ status }) => (status ?? '') === about);
      return new Set(said.map(({ counter }) => counter)).size;
    };
    await a.messenger.start();
    await until('the burst of the start is over', () => rounds() >= ANNOUNCE_BURST_MS.length);
    a.messenger.say({ busy: true, status: 'at lunch' });
    // Without a burst of its own it would come with the rounds, of which none follows another so soon.
    await until('it is said twice', () => rounds('at lunch') >= 2, ANNOUNCE_INTERVAL_MS - 2 * ANNOUNCE_JITTER_MS);
    const said = announcements(heard).filter(({ status }) => status === 'at lunch');
    expect(said.filter(({ busy, query }) => !busy || query)).toEqual([]);
  });

  it('stops announcing when the messenger is gone, and goes on under the same instance when it is back', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    const { heard } = await socketAt(port, '0.0.0.0');
    await a.messenger.start();
    await until('anna announces', () => a.announcing());
    await a.messenger.stop();
    await until('anna announces no more', async () => !(await a.announcing()));
    const before = heard.length;
    await a.messenger.start();
    await until('anna announces again', () => heard.length > before);
    const said = announcements(heard);
    expect(new Set(said.map(({ instance }) => instance.toString('hex'))).size).toBe(1);
    const counters = said.map(({ counter }) => counter);
    expect(counters).toEqual([...counters].sort((x, y) => x - y));
  });

  it('says goodbye when it stops, several times, even after the messenger is gone', async () => {
    const port = await freeUdpPort();
    const [a, b] = [await profile('anna', port), await profile('ben', port)];
    await Promise.all([a.messenger.start(), b.messenger.start()]);
    await b.sees(a);
    const { heard } = await socketAt(port, '0.0.0.0');
    await a.messenger.stop();
    await until('anna announces no more', async () => !(await a.announcing()));
    await a.stop();
    expect(await b.sees(a, 'away')).toMatchObject({ username: 'anna' });
    const goodbyes = announcements(heard).filter(({ goodbye, username }) => goodbye && username === 'anna');
    expect(goodbyes.length).toBeGreaterThanOrEqual(3);
  });

  it('says no goodbye when it never announced', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    const { heard } = await socketAt(port, '0.0.0.0');
    await a.stop();
    expect(heard).toEqual([]);
  });

  it('answers a newcomer on the socket that it spoke from, and asks nobody who just answered', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    await a.messenger.start();
    await until('anna announces', () => a.announcing());
    const newcomer = new Signer('nora', 7_500);
    const { socket, heard } = await socketAt(0, '127.0.0.1');
    socket.send(newcomer.datagram(), port, '127.255.255.255');
    await until('the newcomer is answered', () => heard.length > 0);
    expect(announcements(heard)).toMatchObject([{ username: 'anna', ip: '127.0.0.1', query: false, goodbye: false }]);
    // Known by now: only a question brings another answer.
    socket.send(newcomer.datagram({ counter: 2 }), port, '127.255.255.255');
    socket.send(newcomer.datagram({ counter: 3, query: true }), port, '127.255.255.255');
    await until('the question is answered', () => heard.length > 1);
    expect(a.shown(newcomer.id)).toMatchObject({ username: 'nora', presence: 'online' });
    expect(heard).toHaveLength(2);
  });

  it('announces directly to configured hosts and to accepted people, with a question, and says goodbye to them', async () => {
    const port = await freeUdpPort();
    const [configured, remembered] = [await socketAt(port, '127.0.0.2'), await socketAt(port, '127.0.0.3')];
    const a = await profile('anna', port, ['127.0.0.2']);
    await a.messenger.start({ registered: false });
    a.messenger.know({ id: new Signer('ria', 1).id, trust: 'accepted', address: '127.0.0.3:7001' });
    a.messenger.register();
    for (const { heard } of [configured, remembered]) {
      const question = await until('the question came', () => announcements(heard).find(({ query }) => query));
      expect(question).toMatchObject({ username: 'anna', ip: '127.0.0.1' });
    }
    await a.stop();
    for (const { heard } of [configured, remembered]) {
      const goodbye = await until('the goodbye came', () => announcements(heard).find(({ goodbye }) => goodbye));
      expect(goodbye).toMatchObject({ username: 'anna', counter: GOODBYE_COUNTER });
    }
  });

  it('shows legacy announcers as such', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    const { socket } = await socketAt(0, '127.0.0.1');
    socket.send('{"username":"carl","ip":"127.0.0.1","port":7001}', port, '127.255.255.255');
    const entry = await until('carl is shown', () => a.shown('legacy:127.0.0.1:7001'));
    expect(entry).toMatchObject({ id: null, username: 'carl', addresses: [{ dialable: false }] });
  });

  it('is not disturbed by what is no announcement, nor by a flood from elsewhere, and says so in a few lines', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    await a.messenger.start();
    const noise = await socketAt(0, '127.0.0.9');
    const junk = ['', '{', '[]', '{"username":1}', '\0'.repeat(1_024), '9'.repeat(60_000)];
    // Each another one: copies count as one.
    for (let n = 0; n < 2_000; n++) noise.socket.send(`${junk[n % junk.length] ?? ''}${n}`, port, '127.255.255.255');
    const { socket } = await socketAt(0, '127.0.0.8');
    const quiet = new Signer('quiet', 7_600);
    // The flood may overrun the receive buffer: like a real announcer, it goes on.
    let counter = 0;
    await until('quiet is seen', () => {
      socket.send(quiet.datagram({ counter: ++counter, ip: '127.0.0.8' }), port, '127.255.255.255');
      return a.shown(quiet.id);
    });
    const warnings = a.logged.filter(({ event }) => event === 'datagrams refused').map(({ code }) => code);
    expect(warnings).toContain('too-many-datagrams');
    expect(new Set(warnings).size).toBe(warnings.length);
  });

  it('tells its port and how its interfaces do', async () => {
    const port = await freeUdpPort();
    const a = await profile('anna', port);
    await a.messenger.start();
    const item = await until('its announcement comes back', async () => {
      const { items } = await a.client.call('interfaces', {});
      return items.find(({ hearsItself }) => hearsItself);
    });
    expect(item).toMatchObject({ name: 'lo', ip: '127.0.0.1', broadcast: '127.255.255.255', errors: {} });
    expect(item.lastSent).not.toBeNull();
    expect(await a.client.health()).toMatchObject({
      service: 'discovery',
      ports: { discovery: port },
      version: '1.2.3',
    });
  });

  it('names the setting when the port is taken by a program that does not share it', async () => {
    const greedy = createSocket('udp4');
    closing.push(() => new Promise((resolve) => greedy.close(resolve)));
    greedy.bind(0, '0.0.0.0');
    await once(greedy, 'listening');
    const { port } = greedy.address();
    const a = new Profile('anna', port);
    closing.push(() => a.close());
    await expect(a.start()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(new RegExp(`UDP port ${port} is taken.*EARSHOT_DISCOVERY_PORT`)) as string,
    });
  });
});
