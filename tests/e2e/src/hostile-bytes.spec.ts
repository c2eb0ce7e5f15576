import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { APPS, SeededRandom, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sendAndWait, sees, texts } from './neighbourhood.js';

/** Writes bytes to a TCP port and answers with everything that came back until the other side closed. */
async function answerTo(port: number, bytes: Buffer | string): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const got: Buffer[] = [];
  // A reset is a close too.
  socket.on('data', (chunk) => got.push(chunk)).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.destroy();
  return Buffer.concat(got);
}

const random = new SeededRandom(20_250_101);
/** `u32 length | u8 type | payload` with the magic of a HELLO: the start of a real handshake, cut off. */
const HALF_HELLO = Buffer.concat([Buffer.from([0, 0, 0, 73, 1]), Buffer.from('ESHT'), Buffer.from([1, 1])]);
const ORIGINAL = JSON.stringify({ sender: 'mallory', message: 'unencrypted words', key: 5 });

describe('strangers who send nonsense', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    [alice, bob] = await neighbourhood.aliceAndBob();
    await sendAndWait(bob, 'alice', 'before');
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it.each<[string, Buffer | string]>([
    ['garbage', random.bytes(4096)],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['the start of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ["the original program's message", ORIGINAL],
    ['a frame of four gigabytes', Buffer.from([0xff, 0xff, 0xff, 0xff, 1])],
    ['a frame of another type', Buffer.from([0, 0, 0, 73, 3, ...random.bytes(72)])],
    ['a hello of the right size with random content', Buffer.from([0, 0, 0, 73, 1, ...random.bytes(72)])],
    ['half a frame, and then silence', HALF_HELLO],
    ['nothing at all', Buffer.alloc(0)],
  ])('get no answer to %s but a closed connection, while a conversation goes on', async (what, bytes) => {
    const answer = answerTo(alice.port, bytes);
    await sendAndWait(bob, 'alice', `during ${what}`);
    expect(await answer).toEqual(Buffer.alloc(0));
    await sendAndWait(alice, 'bob', `after ${what}`);
    expect((await texts(alice, 'bob')).slice(-2)).toEqual([`during ${what}`, `after ${what}`]);
  });

  it('cannot open more connections than are good for us', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(alice.port, '127.0.0.1').on('error', () => undefined));
    await sendAndWait(bob, 'alice', 'in the crowd');
    for (const socket of sockets) socket.destroy();
    expect((await texts(alice, 'bob', 'received')).at(-1)).toBe('in the crowd');
  });

  it('change nothing with malformed datagrams', async () => {
    const before = (await alice.ask('peers')).map((peer) => peer['username']);
    const socket = createSocket('udp4');
    const announcement = { username: 'mallory', ip: '127.0.0.1', port: 7001 };
    const datagrams: (string | Buffer)[] = [
      'not JSON',
      '[]',
      'null',
      '"text"',
      '{',
      '{}',
      JSON.stringify({ username: 'mallory' }),
      JSON.stringify({ ...announcement, port: '7001' }),
      JSON.stringify({ ...announcement, port: 70_000 }),
      JSON.stringify({ ...announcement, ip: 'localhost' }),
      JSON.stringify({ ...announcement, username: 'mal lory' }),
      JSON.stringify({ ...announcement, username: { toString: 'mallory' } }),
      JSON.stringify({ ...announcement, earshot: 'AAAA' }),
      JSON.stringify({ ...announcement, earshot: random.bytes(200).toString('base64url') }),
      Buffer.alloc(1025, 0x20),
      Buffer.alloc(65_000, 0x7b),
      random.bytes(512),
    ];
    for (const datagram of datagrams) {
      await new Promise((resolve) => {
        socket.send(datagram, neighbourhood.discoveryPort, '127.255.255.255', resolve);
      });
    }
    socket.close();
    await sendAndWait(bob, 'alice', 'after the datagrams');
    expect((await alice.ask('peers')).map((peer) => peer['username'])).toEqual(before);
    expect((await alice.command(['status'])).code).toBe(0);
    await sees(alice, 'bob');
  });

  it('leave no word of theirs in any output', () => {
    expect(APPS.map((app) => alice.output(app)).join('')).not.toContain('unencrypted words');
  });
});
