/**
 * Discovery: who is around, over UDP. Holds no key: the messenger signs and verifies.
 * This file only wires.
 */
import { networkInterfaces } from 'node:os';
import { version } from '@earshot/runtime';
import { main, run } from '@earshot/runtime/service';
import { systemClock } from './clock.js';
import { Discovery } from './discovery.js';
import { skippedInterfaces, usableInterfaces } from './network/interfaces.js';

await main('discovery', ({ settings, paths, log }) => {
  const discovery = new Discovery({
    port: settings.discoveryPort,
    peerHosts: settings.peers.map(({ host }) => host),
    readInterfaces: () => usableInterfaces(networkInterfaces(), settings.interfaces),
    readSkipped: () => skippedInterfaces(networkInterfaces(), settings.interfaces),
    directory: paths.sockets,
    instance: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    version: version(),
    clock: systemClock,
    random: Math.random,
    log,
  });
  return run([discovery], { log });
});
