import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CryptoError, encodePeerId, expand, generateIdentity, identityFromSeed } from '@earshot/crypto';
import { decodeExtensions, encodeRecord, ProtocolError } from '@earshot/protocol';
import { InitiatorHandshake, ResponderHandshake, type LocalParty } from './handshake.js';
import { RecordChannel } from './record-channel.js';

interface SessionVectors {
  fernet_time: number;
  id_seed_initiator: string;
  id_seed_responder: string;
  ext_initiator: string;
  ext_responder: string;
  hello_i: string;
  hello_r: string;
  auth_i: string;
  sid: string;
  keys_i2r: string[];
  keys_r2i: string[];
  records: { name: string; from: 'initiator' | 'responder'; seq: number; type: number; body: string; frame: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../libs/protocol/vectors/session.json', import.meta.url), 'utf8'),
) as SessionVectors;

/** The vectors' source of randomness: blocks of SHA-256(seed | counter), a block never shared by two draws. */
function drawsFrom(seed: string): (bytes: number) => Buffer {
  let block = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let got = 0; got < bytes; got += 32) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(block);
      block += 1;
      parts.push(createHash('sha256').update(seed).update(counter).digest());
    }
    return Buffer.concat(parts).subarray(0, bytes);
  };
}

function vectorParty(seed: string, identitySeed: string, extensions: string): LocalParty {
  return {
    identity: identityFromSeed(Buffer.from(identitySeed, 'hex')),
    extensions: decodeExtensions(Buffer.from(extensions, 'hex')),
    fixed: { random: drawsFrom(seed), timeSeconds: vectors.fernet_time },
  };
}

const alice = (): LocalParty => ({ identity: generateIdentity(), extensions: { username: 'alice', tcpPort: 7001 } });
const payload = (frame: Buffer) => Buffer.from(frame.subarray(5));

function shake(a: LocalParty, b: LocalParty, expectedId?: string) {
  const initiator = new InitiatorHandshake(a, expectedId);
  const responder = new ResponderHandshake(b);
  const helloR = responder.receiveHello(payload(initiator.hello));
  const { auth, result } = initiator.receiveHello(payload(helloR));
  return {
    ours: result,
    theirs: responder.receiveAuth(payload(auth)),
    frames: [initiator.hello, helloR, auth],
  };
}

describe('the handshake', () => {
  it('reproduces the vectors of the other implementation byte for byte', () => {
    const a = vectorParty('A', vectors.id_seed_initiator, vectors.ext_initiator);
    const b = vectorParty('R', vectors.id_seed_responder, vectors.ext_responder);
    const { ours, theirs, frames } = shake(a, b);
    expect(frames.map((frame) => frame.subarray(4).toString('hex'))).toEqual([
      vectors.hello_i,
      vectors.hello_r,
      vectors.auth_i,
    ]);
    expect(ours.sessionId.toString('hex')).toBe(vectors.sid);
    expect(ours.sendChain).toEqual(theirs.receiveChain);
    expect(ours.receiveChain).toEqual(theirs.sendChain);
    expect(expand(ours.sendChain, 'earshot/1 key').toString('hex')).toBe(vectors.keys_i2r[0]);
    expect(expand(ours.receiveChain, 'earshot/1 key').toString('hex')).toBe(vectors.keys_r2i[0]);
  });

  it('opens every record of the vectors, in order', () => {
    const a = vectorParty('A', vectors.id_seed_initiator, vectors.ext_initiator);
    const b = vectorParty('R', vectors.id_seed_responder, vectors.ext_responder);
    const { ours, theirs } = shake(a, b);
    const channels = { initiator: new RecordChannel(theirs), responder: new RecordChannel(ours) };
    expect(vectors.records.length).toBeGreaterThan(10);
    for (const { from, type, body, frame } of vectors.records) {
      const opened = channels[from].open(Buffer.from(frame.slice(1), 'latin1'));
      expect({ type: opened.type, body: opened.body.toString('hex') }).toEqual({ type, body });
    }
  });

  it('tells each side who the other is', () => {
    const [a, b] = [alice(), alice()];
    const { ours, theirs } = shake(a, b, encodePeerId(b.identity.publicKey));
    expect(ours.peerId).toBe(encodePeerId(b.identity.publicKey));
    expect(theirs.peerId).toBe(encodePeerId(a.identity.publicKey));
    expect(theirs.extensions).toEqual({ username: 'alice', tcpPort: 7001 });
  });

  it('refuses somebody else than the one expected', () => {
    const [a, b, c] = [alice(), alice(), alice()];
    expect(() => shake(a, b, encodePeerId(c.identity.publicKey))).toThrow(new ProtocolError('unexpected-identity'));
  });

  it('refuses our own identity', () => {
    const a = alice();
    expect(() => shake(a, a)).toThrow(new ProtocolError('own-identity'));
  });

  it('refuses a share that is reflected', () => {
    const initiator = new InitiatorHandshake(alice());
    const responder = new ResponderHandshake(alice());
    const helloR = responder.receiveHello(payload(initiator.hello));
    // version, range, flags and nonce of R, but the initiator's own share in place of R's
    initiator.hello.copy(helloR, helloR.length - 632 - 32, initiator.hello.length - 32);
    expect(() => initiator.receiveHello(payload(helloR))).toThrow(new CryptoError('bad-share'));
  });
});

describe('the record channel', () => {
  const pair = () => {
    const { ours, theirs } = shake(alice(), alice());
    return [new RecordChannel(ours), new RecordChannel(theirs)] as const;
  };

  it('carries records across key steps in both directions', () => {
    const [a, b] = pair();
    for (let i = 0; i < 2_100; i += 1) {
      const body = Buffer.alloc(8, i & 255);
      expect(b.open(payload(a.seal(6, body))).body).toEqual(body);
      expect(a.open(payload(b.seal(7, body))).body).toEqual(body);
    }
  });

  it.each([
    ['a repeated record', (frames: Buffer[]) => [frames[0], frames[0]]],
    ['a dropped record', (frames: Buffer[]) => [frames[1]]],
    ['records out of order', (frames: Buffer[]) => [frames[1], frames[0]]],
  ])('refuses %s', (_what, order) => {
    const [a, b] = pair();
    const frames = [a.seal(6, Buffer.alloc(8)), a.seal(6, Buffer.alloc(8))];
    expect(() => {
      for (const frame of order(frames)) b.open(payload(frame as Buffer));
    }).toThrow(new ProtocolError('bad-sequence'));
  });

  it("refuses our own record sent back, and another session's", () => {
    const [a] = pair();
    const [, other] = pair();
    const frame = a.seal(6, Buffer.alloc(8));
    expect(() => a.open(payload(frame))).toThrow(new CryptoError('bad-token'));
    expect(() => other.open(payload(frame))).toThrow(new CryptoError('bad-token'));
  });

  it('says nothing of the length of a text beyond its bucket', () => {
    const [a] = pair();
    const lengths = [1, 100, 200].map((bytes) => a.seal(3, Buffer.alloc(bytes)).length);
    expect(new Set(lengths).size).toBe(1);
    expect(encodeRecord({ role: 'I', type: 3, seq: 0, body: Buffer.alloc(1) })).toHaveLength(256);
  });
});
