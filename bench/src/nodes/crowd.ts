/**
 * A crowd that announces itself as presence-v1 §4 has it, and answers nobody. A program of its own: what it costs is not ours.
 *
 *     node crowd.js <people> <broadcast address>:<port> <IPv4 address> ...
 *
 * The people are spread evenly over the addresses, which are this host's. Prints `ready` once everybody has
 * announced themselves, and goes on until its standard input ends.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateIdentity, sign } from '@earshot/crypto';
import { encodeAnnouncement, encodeDatagram, OWN_VERSIONS } from '@earshot/protocol';

const INTERVAL_MS = 8_000;
const SPREAD_MS = 1_000;
/** Nobody listens there. */
const FIRST_PORT = 20_000;

const [people = '', target = '', ...ips] = process.argv.slice(2);
const count = Number(people);
const [broadcast = '', port] = target.split(':');
const udpPort = Number(port);
process.stdin.resume().once('end', () => process.exit());

const sockets = await Promise.all(
  ips.map(async (address) => {
    const socket = createSocket('udp4');
    socket.bind({ address, port: 0 });
    await once(socket, 'listening');
    socket.setBroadcast(true);
    return { socket, ip: address };
  }),
);
await Promise.all(Array.from({ length: count }, (_, n) => live(n)));
process.stdout.write('ready\n');

/** Resolves after the first announcement. */
async function live(n: number): Promise<void> {
  const from = sockets[n % sockets.length];
  if (from === undefined) throw new Error('no address was given');
  const identity = generateIdentity();
  const instance = randomBytes(8);
  let counter = 0;
  const announce = () => {
    const blob = encodeAnnouncement({
      ...OWN_VERSIONS,
      goodbye: false,
      query: false,
      busy: false,
      passOn: true,
      identity: identity.publicKey,
      unixMs: Date.now(),
      instance,
      counter: (counter += 1),
      port: FIRST_PORT + n,
      ip: from.ip,
      username: `person${n}`,
    });
    from.socket.send(encodeDatagram(blob, sign(identity, 'earshot/1 announce', blob)), udpPort, broadcast);
    setTimeout(announce, INTERVAL_MS + (Math.random() * 2 - 1) * SPREAD_MS);
  };
  await sleep(Math.random() * INTERVAL_MS);
  announce();
}
