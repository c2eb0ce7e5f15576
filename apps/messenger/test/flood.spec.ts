/** Connections of strangers, more than are good for us: what people who know each other have of it. */
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { subscribe } from '@earshot/ipc';
import { HALF_OPEN_MAX_PER_IP, HANDSHAKES_PER_SECOND } from '@earshot/protocol';
import { messengerContract } from '@earshot/protocol/ipc';
import { eventually, pair, Person, removeEverybody } from './people.js';

const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await removeEverybody();
});

/** From the `n`th of many addresses: all of 127/8 is this machine. */
async function stranger(to: Person, n: number, bytes?: string): Promise<Socket> {
  const localAddress = `127.1.${n >> 8}.${n & 255}`;
  const socket = connect({ host: '127.0.0.1', port: to.port, localAddress }).on('error', () => undefined);
  sockets.add(socket);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  if (bytes !== undefined) socket.write(bytes);
  return socket;
}
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.resume().once('close', resolve));
}

/** What the consoles are told meanwhile. */
async function noticesDuring(person: Person, work: () => Promise<void>): Promise<string[]> {
  const notices: string[] = [];
  let name: string | null = null;
  const subscription = subscribe(messengerContract, {
    directory: person.sockets,
    onReset: () => undefined,
    onEvent: (event) => {
      if (event.event === 'notice') notices.push(event.code);
      if (event.event === 'self') name = event.username;
    },
  });
  try {
    await eventually(() => Promise.resolve(name === person.name));
    await work();
    // Events are in order: whatever was to be said has been said before this.
    await person.client.call('register', { username: 'renamed' });
    await eventually(() => Promise.resolve(name === 'renamed'));
    return notices;
  } finally {
    subscription.close();
  }
}

describe('a flood of connections', () => {
  it('does not lock out whom we know, also when we have just started', async () => {
    const [alice, bob] = await pair();
    await bob.state(await bob.send(alice, 'before'));
    await alice.accept(bob);
    await bob.stop();
    await alice.stop();
    await alice.start();
    // One each: as many as may begin in a second, and more that find no place.
    const flood = await Promise.all(Array.from({ length: 3 * HANDSHAKES_PER_SECOND }, (_, n) => stranger(alice, n)));
    await bob.start();
    const { id } = await bob.connect(alice);
    expect(id).toBe(alice.id);
    expect(flood.filter((socket) => !socket.closed).length).toBeGreaterThan(0);
  });

  it('leaves nothing behind: no socket, and a line or two in the log', async () => {
    const alice = await Person.create('alice');
    const files = () => readdirSync('/proc/self/fd').length;
    const before = files();
    for (let round = 0; round < 20; round += 1) {
      const flood = await Promise.all(Array.from({ length: 200 }, (_, n) => stranger(alice, n, 'GET / HTTP/1.1\r\n')));
      await Promise.all(flood.map(closed));
    }
    await eventually(() => Promise.resolve(files() <= before));
    expect(files()).toBeLessThanOrEqual(before);
    const refused = alice.logged.filter(({ event }) => event === 'connection refused');
    const codes = refused.map(({ fields }) => fields.code);
    expect(codes).toContain('too-busy');
    // Of 4000 from 200 addresses: a few addresses each for itself, and once what came together.
    for (const code of new Set(codes)) expect(codes.filter((one) => one === code).length).toBeLessThan(10);
  });

  it('is told to the consoles once', async () => {
    const alice = await Person.create('alice');
    const told = await noticesDuring(alice, async () => {
      const flood = Array.from({ length: HALF_OPEN_MAX_PER_IP }, () => stranger(alice, 0, '{"sender":"mallory"}'));
      await Promise.all((await Promise.all(flood)).map(closed));
    });
    expect(told).toEqual(['legacy-message']);
  });

  it('of people who take one name that we know is told to the consoles once', async () => {
    const [alice, bob] = await pair('requests');
    await alice.accept(bob);
    const others = [await Person.create('bob'), await Person.create('bob')];
    const told = await noticesDuring(alice, async () => {
      for (const other of others) await other.connect(alice);
      const knows = async () => (await alice.client.call('peers', {})).items.length === 3;
      await eventually(knows);
    });
    expect(told).toEqual(['name-claimed']);
  });

  it('of people without number is not a line in the log for each', async () => {
    const alice = await Person.create('alice');
    const [bob, carol] = [await Person.create('bob'), await Person.create('carol')];
    for (const person of [bob, carol]) await person.connect(alice);
    const opened = () => alice.logged.filter(({ event }) => event === 'session open');
    await eventually(() => Promise.resolve(opened().length > 0));
    expect(opened().map(({ fields }) => fields.peer)).toEqual([bob.id]);
    await alice.accept(carol);
    await carol.connect(alice);
    await eventually(() => Promise.resolve(opened().length > 1));
    expect(opened().map(({ fields }) => fields.peer)).toEqual([bob.id, carol.id]);
  });
});
