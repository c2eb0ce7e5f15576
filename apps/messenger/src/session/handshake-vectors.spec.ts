import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CryptoError, encodePeerId, identityFromSeed } from '@earshot/crypto';
import { decodeExtensions, ProtocolError } from '@earshot/protocol';
import { InitiatorHandshake, ResponderHandshake, type LocalParty } from './handshake.js';
import { nextOrder, type RecordOrder } from './record-order.js';
import { RecordChannel } from './record-channel.js';

interface Vector {
  name: string;
  expect: string;
  side: 'initiator' | 'responder';
  why: string;
}
type HandshakeVector = Vector & { received: string[]; expectedId?: string };
type OrderVector = Vector & { records: { way: 'in' | 'out'; type: number; body: string }[] };

function load(file: string): unknown {
  const path = new URL(`../../../../libs/protocol/vectors/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}
const session = load('session') as Record<
  'id_seed_initiator' | 'id_seed_responder' | 'ext_initiator' | 'ext_responder',
  string
> & { fernet_time: number };
const handshakes = load('handshakes') as HandshakeVector[];
const orders = (load('sessions') as OrderVector[]).filter(
  ({ expect: code }) => code === 'success' || code === 'bad-order',
);
if (handshakes.length === 0 || orders.length === 0) throw new Error('no vectors');
const hex = (text: string) => Buffer.from(text, 'hex');

function drawsFrom(seed: string): (bytes: number) => Buffer {
  let block = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let got = 0; got < bytes; got += 32) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(block++);
      parts.push(createHash('sha256').update(seed).update(counter).digest());
    }
    return Buffer.concat(parts).subarray(0, bytes);
  };
}

function party(side: 'initiator' | 'responder'): LocalParty {
  return {
    identity: identityFromSeed(hex(session[`id_seed_${side}`])),
    extensions: decodeExtensions(hex(session[`ext_${side}`])),
    fixed: { random: drawsFrom(side === 'initiator' ? 'A' : 'R'), timeSeconds: session.fernet_time },
  };
}

function codeOf(call: () => void): string {
  try {
    call();
    return 'success';
  } catch (err) {
    if (err instanceof ProtocolError || err instanceof CryptoError) return err.code;
    throw err;
  }
}

/** What the side under test has accepted when it fails, and with what. */
function receive({ side, received, expectedId }: HandshakeVector): { code: string; accepted: number } {
  let accepted = 0;
  const payloads = received.map((frame) => hex(frame).subarray(1));
  const code = codeOf(() => {
    if (side === 'responder') {
      const handshake = new ResponderHandshake(party(side));
      handshake.receiveHello(payloads[0] ?? Buffer.alloc(0));
      accepted++;
      if (payloads[1] !== undefined) handshake.receiveAuth(payloads[1]);
    } else {
      const handshake = new InitiatorHandshake(
        party(side),
        expectedId === undefined ? undefined : encodePeerId(hex(expectedId)),
      );
      const { result } = handshake.receiveHello(payloads[0] ?? Buffer.alloc(0));
      accepted++;
      if (payloads[1] !== undefined) new RecordChannel(result).open(payloads[1]);
    }
    accepted = payloads.length;
  });
  return { code, accepted };
}

describe('vectors of whole handshakes', () => {
  it.each(handshakes)('$name is $expect', (vector) => {
    const { code, accepted } = receive(vector);
    expect(code).toBe(vector.expect);
    // It fails on the last one, and on no earlier one.
    expect(accepted).toBe(code === 'success' ? vector.received.length : vector.received.length - 1);
  });
});

describe('vectors of the order of records', () => {
  it.each(orders)('$name is $expect', ({ side, records, expect: expected }) => {
    let state: RecordOrder = side === 'initiator' ? 'awaitingReady' : 'awaitingSync';
    const incoming = records.filter(({ way }) => way === 'in');
    let accepted = 0;
    const code = codeOf(() => {
      for (const { type } of incoming) {
        state = nextOrder(state, type);
        accepted++;
      }
    });
    expect(code).toBe(expected);
    expect(accepted).toBe(code === 'success' ? incoming.length : incoming.length - 1);
  });
});
