/** How long it takes to be connected: TCP, handshake, both identities proved, the first authenticated record. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { agree, generateIdentity, generateX25519, sign, verify } from '@earshot/crypto';
import { startPair } from '../nodes/pair.js';
import type { Group } from '../row.js';
import { fdatasyncMs, ipcMs, medianOf, TcpEcho } from './machine.js';

const ROUNDS = 15;
/** A messenger lets one address begin three handshakes a second. */
const PAUSE_MS = 350;

export const session: Group = {
  name: 'session',
  async rows(place) {
    const { a, b } = await startPair(place);
    const echo = await TcpEcho.start(place);
    return [
      {
        name: 'session set-up, as the command connect sees it',
        unit: 'ms',
        goal: { atMost: 5 },
        rounds: ROUNDS,
        async measure() {
          await delay(PAUSE_MS);
          const start = performance.now();
          await a.client.call('connect', { host: '127.0.0.1', port: b.node.port });
          return performance.now() - start;
        },
        // The caller's commit of what it learned of the peer is waited for; so is the request.
        reference: async () => ({
          'key agreement and signatures of both ms': await medianOf(handshakeCryptoMs),
          'TCP connect ms': await medianOf(() => echo.connectMs()),
          'TCP round trip ms': await medianOf(() => echo.roundTripMs()),
          'fdatasync ms': await medianOf(() => fdatasyncMs(place)),
          'IPC ms': await medianOf(() => ipcMs(a)),
        }),
      },
    ];
  },
};

const identity = generateIdentity();
const message = randomBytes(32);

/** The public-key work of the two sides together, which do not do it at the same time. */
function handshakeCryptoMs(): number {
  const start = performance.now();
  const initiator = generateX25519();
  const responder = generateX25519();
  agree(initiator, responder.publicKey);
  agree(responder, initiator.publicKey);
  for (const side of ['initiator', 'responder']) {
    verify(identity.publicKey, side, message, sign(identity, side, message));
  }
  return performance.now() - start;
}
