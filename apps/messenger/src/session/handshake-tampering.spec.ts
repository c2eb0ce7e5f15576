/**
 * Whoever sits on the wire against the pure part: every bit of every message of a handshake, and messages of one
 * handshake put into another. What it can do to a connection is in session-tampering.spec.ts.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { CryptoError, generateIdentity, type IdentityKey } from '@earshot/crypto';
import {
  encodeReady,
  encodeSync,
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FrameDecoder,
  ProtocolError,
  RECORD_TYPE,
  type FrameExpectation,
} from '@earshot/protocol';
import { InitiatorHandshake, ResponderHandshake, type LocalParty } from './handshake.js';
import { RecordChannel } from './record-channel.js';

const alice = generateIdentity();
const bob = generateIdentity();
const party = (identity = alice): LocalParty => ({ identity, extensions: { username: 'alice', tcpPort: 7001 } });

/** 'accepted', or the code of the refusal; any other exception fails the test. */
function codeOf(receive: () => void): string {
  try {
    receive();
    return 'accepted';
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof CryptoError) return error.code;
    throw error;
  }
}

/** The payload that a receiver takes out of these bytes, which are all that comes: then the connection ends. */
function payloadOf(bytes: Buffer, decoder: FrameDecoder): Buffer {
  decoder.push(bytes);
  const frame = decoder.next();
  if (frame === null) throw new ProtocolError('truncated');
  return frame.payload;
}
const received = (frame: Buffer, expected: FrameExpectation) => payloadOf(frame, new FrameDecoder(expected));
const copyOf = (frame: Buffer) => Buffer.from(frame);

/** How often each code came, and that the last call, with the message as it was, is accepted. */
function flipEveryBit(message: Buffer, receive: (frame: Buffer) => void): Record<string, number> {
  const tally: Record<string, number> = {};
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const frame = copyOf(message);
    frame.writeUInt8(frame.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const code = codeOf(() => {
      receive(frame);
    });
    tally[code] = (tally[code] ?? 0) + 1;
  }
  const untouched = codeOf(() => {
    receive(copyOf(message));
  });
  // A handshake that was broken by an earlier case would refuse anything.
  expect(untouched).toBe('accepted');
  return tally;
}

/** The same handshake for each case, to the byte: what it derives serves once and is erased. */
function sameEachTime<H>(identity: IdentityKey, begin: (local: LocalParty) => H): () => H {
  const seed = randomBytes(32);
  return () => {
    let drawn = 0;
    const random = (bytes: number) => Buffer.from(hkdfSync('sha256', seed, '', `draw ${(drawn += 1)}`, bytes));
    return begin({ ...party(identity), fixed: { random, timeSeconds: 1_760_000_000 } });
  };
}

describe('every flipped bit is refused, whichever', () => {
  it('of the 616 of HELLO_I: at the latest when the answer does not open', () => {
    const initiator = sameEachTime(alice, (local) => new InitiatorHandshake(local));
    const tally = flipEveryBit(initiator().hello, (frame) => {
      const helloR = new ResponderHandshake(party(bob)).receiveHello(received(frame, EXPECT_HELLO_I));
      initiator().receiveHello(received(helloR, EXPECT_HELLO_R));
    });
    // bad-token: what another version may change, nonce, share.
    expect(tally).toEqual({
      'not-earshot': 8,
      'bad-frame-length': 24,
      'bad-frame-type': 8,
      'bad-hello': 56,
      'bad-token': 520,
    });
  });

  it('of the 5640 of HELLO_R', () => {
    const initiator = sameEachTime(alice, (local) => new InitiatorHandshake(local));
    const helloR = new ResponderHandshake(party(bob)).receiveHello(received(initiator().hello, EXPECT_HELLO_I));
    const tally = flipEveryBit(helloR, (frame) => {
      initiator().receiveHello(received(frame, EXPECT_HELLO_R));
    });
    expect(tally).toEqual({
      'not-earshot': 8,
      'bad-frame-length': 24,
      'bad-frame-type': 8,
      'bad-hello': 16,
      'bad-version': 8,
      'bad-token': 5576,
    });
  });

  it('of the 5096 of AUTH_I', () => {
    const initiator = new InitiatorHandshake(party());
    const responder = sameEachTime(bob, (local) => new ResponderHandshake(local));
    const helloR = responder().receiveHello(received(initiator.hello, EXPECT_HELLO_I));
    const { auth } = initiator.receiveHello(received(helloR, EXPECT_HELLO_R));
    const tally = flipEveryBit(auth, (frame) => {
      const decoder = new FrameDecoder(EXPECT_HELLO_I);
      const one = responder();
      one.receiveHello(payloadOf(initiator.hello, decoder));
      decoder.expect(EXPECT_AUTH_I);
      one.receiveAuth(payloadOf(frame, decoder));
    });
    expect(tally).toEqual({ 'bad-frame-length': 32, 'bad-frame-type': 8, 'bad-token': 5056 });
  });

  it('of the 3560 of READY, one of which makes it the beginning of a longer record', () => {
    const initiator = new InitiatorHandshake(party());
    const responder = new ResponderHandshake(party(bob));
    const helloR = responder.receiveHello(received(initiator.hello, EXPECT_HELLO_I));
    const { auth, result } = initiator.receiveHello(received(helloR, EXPECT_HELLO_R));
    const theirs = new RecordChannel(responder.receiveAuth(received(auth, EXPECT_AUTH_I)));
    const ours = new RecordChannel(result);
    const tally = flipEveryBit(theirs.seal(RECORD_TYPE.ready, encodeReady('ok')), (frame) => {
      const decoder = new FrameDecoder(EXPECT_HELLO_R);
      payloadOf(helloR, decoder);
      decoder.expect(EXPECT_RECORD);
      ours.open(payloadOf(frame, decoder));
    });
    expect(tally).toEqual({ 'bad-frame-length': 31, truncated: 1, 'bad-frame-type': 8, 'bad-token': 3520 });
  });
});

/** What a party draws a second time as it did the first: a broken source of randomness, or what an attacker hopes for. */
const REPEATS = ['nothing', 'nonce', 'share', 'nonce and share', 'everything'] as const;
type Repeats = (typeof REPEATS)[number];
/** It sends the same hello, but for the token in it. */
const repeatsHello = (repeats: Repeats) => repeats === 'nonce and share' || repeats === 'everything';

/** The draws of a party, in their order: share, nonce, IV of its token. */
type Draws = readonly [share: Buffer, nonce: Buffer, iv: Buffer];
const drawn = (): Draws => [randomBytes(32), randomBytes(32), randomBytes(16)];

function again([share, nonce, iv]: Draws, repeats: Repeats): Draws {
  const fresh = drawn();
  return [
    repeats === 'nothing' || repeats === 'nonce' ? fresh[0] : share,
    repeats === 'nothing' || repeats === 'share' ? fresh[1] : nonce,
    repeats === 'everything' ? iv : fresh[2],
  ];
}

function drawing(identity: typeof alice, draws: Draws): LocalParty {
  const left = [...draws];
  return {
    ...party(identity),
    fixed: { random: () => Buffer.from(left.shift() ?? Buffer.alloc(0)), timeSeconds: 1_760_000_000 },
  };
}

const MESSAGES = ['HELLO_I', 'HELLO_R', 'AUTH_I', 'READY', 'SYNC_I', 'SYNC_R', 'PING_I', 'PONG_R'] as const;
type Message = (typeof MESSAGES)[number];
type Recording = Map<Message, Buffer>;

/** A whole handshake and the records after it, each message as `onWire` hands it on; what was sent is recorded. */
function talk(
  i: LocalParty,
  r: LocalParty,
  onWire: (message: Message, frame: Buffer) => Buffer,
): { code: string; sent: Recording; arrived: number } {
  const sent: Recording = new Map();
  let arrived = 0;
  const pass = (message: Message, frame: Buffer, expected: FrameExpectation) => {
    sent.set(message, copyOf(frame));
    const payload = received(copyOf(onWire(message, frame)), expected);
    arrived += 1;
    return payload;
  };
  const code = codeOf(() => {
    const initiator = new InitiatorHandshake(i);
    const responder = new ResponderHandshake(r);
    const helloR = responder.receiveHello(pass('HELLO_I', initiator.hello, EXPECT_HELLO_I));
    const { auth, result } = initiator.receiveHello(pass('HELLO_R', helloR, EXPECT_HELLO_R));
    const theirs = new RecordChannel(responder.receiveAuth(pass('AUTH_I', auth, EXPECT_AUTH_I)));
    const ours = new RecordChannel(result);
    ours.open(pass('READY', theirs.seal(RECORD_TYPE.ready, encodeReady('ok')), EXPECT_RECORD));
    theirs.open(pass('SYNC_I', ours.seal(RECORD_TYPE.sync, encodeSync([])), EXPECT_RECORD));
    ours.open(pass('SYNC_R', theirs.seal(RECORD_TYPE.sync, encodeSync([])), EXPECT_RECORD));
    theirs.open(pass('PING_I', ours.seal(RECORD_TYPE.ping, Buffer.alloc(8)), EXPECT_RECORD));
    ours.open(pass('PONG_R', theirs.seal(RECORD_TYPE.pong, Buffer.alloc(8)), EXPECT_RECORD));
  });
  return { code, sent, arrived };
}
const asSent = (_: Message, frame: Buffer) => frame;

describe('messages of one handshake in another of the same two', () => {
  const [i, r] = [drawn(), drawn()];
  const recorded = talk(drawing(alice, i), drawing(bob, r), asSent).sent;
  const pairs = REPEATS.flatMap((one) => REPEATS.map((other) => [one, other] as const));

  it('are recorded whole', () => {
    expect([...recorded.keys()]).toEqual(MESSAGES);
  });

  it.each(pairs)('are refused where the initiator repeats %s and the responder %s', (initiator, responder) => {
    const sameHello = repeatsHello(initiator);
    const sameKeys = sameHello && repeatsHello(responder);
    const sameAnswer = sameHello && responder === 'everything';
    const sameSession = sameAnswer && initiator === 'everything';
    const tally: Record<string, number> = {};
    for (const replaced of MESSAGES) {
      const { code } = talk(drawing(alice, again(i, initiator)), drawing(bob, again(r, responder)), (message, frame) =>
        message === replaced ? (recorded.get(message) ?? Buffer.alloc(0)) : frame,
      );
      tally[code] = (tally[code] ?? 0) + 1;
    }
    // What is the same byte for byte is no splice; and where both draw all of it again, it is the same session.
    const accepted = sameSession ? MESSAGES.length : Number(sameHello) + Number(sameAnswer);
    // With the same handshake keys a token opens; what was signed has another token in it (h5).
    const badSignature = sameKeys && !sameAnswer ? 2 : 0;
    expect(tally).toEqual({
      ...(accepted > 0 && { accepted }),
      ...(badSignature > 0 && { 'bad-signature': badSignature }),
      ...(!sameSession && { 'bad-token': MESSAGES.length - accepted - badSignature }),
    });
  });

  it('are refused where the two have changed roles', () => {
    const swapped = talk(party(bob), party(alice), asSent).sent;
    for (const replaced of MESSAGES) {
      const { code } = talk(party(alice), party(bob), (message, frame) =>
        message === replaced ? (swapped.get(message) ?? Buffer.alloc(0)) : frame,
      );
      expect([replaced, code]).toEqual([replaced, 'bad-token']);
    }
  });

  it('are refused in any other place, those of the same handshake too', () => {
    let cases = 0;
    for (const place of MESSAGES) {
      for (const other of MESSAGES) {
        // In the other's place, or held back until then: a message that was not sent yet comes from the recording.
        if (place === other) continue;
        const sent: Recording = new Map(recorded);
        const { code } = talk(party(alice), party(bob), (message, frame) => {
          sent.set(message, copyOf(frame));
          return message === place ? (sent.get(other) ?? frame) : frame;
        });
        const isRecord = (message: Message) => MESSAGES.indexOf(message) > 2;
        const sameWay = other.endsWith('_R') || other === 'READY' ? !place.endsWith('_I') : place.endsWith('_I');
        // Of this session and direction, it opens, and is not the next one.
        const opens = MESSAGES.indexOf(other) < MESSAGES.indexOf(place) && sameWay;
        const expected =
          !isRecord(place) || !isRecord(other) ? 'bad-frame-length' : opens ? 'bad-sequence' : 'bad-token';
        expect([place, other, code]).toEqual([place, other, expected]);
        cases += 1;
      }
    }
    expect(cases).toBe(MESSAGES.length * (MESSAGES.length - 1));
  });

  it('are refused when one of them is left out or comes twice', () => {
    for (const [at, repeated] of MESSAGES.entries()) {
      const next = MESSAGES[at + 1];
      if (next === undefined) continue;
      let last = Buffer.alloc(0);
      const { code, arrived } = talk(party(alice), party(bob), (message, frame) => {
        const instead = message === next ? last : frame;
        if (message === repeated) last = copyOf(frame);
        return instead;
      });
      // It goes back to the one who sent it, too: a message reflected.
      const expected = at < 3 ? 'bad-frame-length' : 'bad-token';
      expect([repeated, code]).toEqual([repeated, expected]);
      expect(arrived).toBe(at < 3 ? at + 1 : at + 2);
    }
  });
});
