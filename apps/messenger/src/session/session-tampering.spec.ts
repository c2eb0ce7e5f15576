/** Whoever sits on the wire against the real Session on a real connection: bytes cut off, put in, sent twice and in another order. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { generateIdentity } from '@earshot/crypto';
import {
  encodeReady,
  encodeSync,
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FrameDecoder,
  RECORD_TYPE,
  type FrameExpectation,
} from '@earshot/protocol';
import {
  InitiatorHandshake,
  ResponderHandshake,
  type HandshakeResult,
  type LocalParty,
  type Role,
} from './handshake.js';
import { RecordChannel } from './record-channel.js';
import { Session } from './session.js';

const alice: LocalParty = { identity: generateIdentity(), extensions: { username: 'alice', tcpPort: 7001 } };
const bob: LocalParty = { identity: generateIdentity(), extensions: { username: 'bob', tcpPort: 7001 } };

let listener: Server;
beforeAll(async () => {
  listener = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(() => {
  listener.close();
});

/** Our end of a connection whose other end a Session has. */
class Wire {
  private readonly decoder = new FrameDecoder(EXPECT_HELLO_I);
  private wake: () => void = () => undefined;

  constructor(private readonly socket: Socket) {
    // What was refused is closed without reading the rest, which is a reset to us.
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        this.decoder.push(chunk);
        this.wake();
      });
  }

  async read(expected: FrameExpectation): Promise<Buffer> {
    this.decoder.expect(expected);
    for (;;) {
      const frame = this.decoder.next();
      if (frame !== null) return Buffer.from(frame.payload);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  finish(): void {
    this.socket.end();
  }

  cut(): void {
    this.socket.destroy();
  }
}

type Message = 'HELLO_I' | 'HELLO_R' | 'AUTH_I' | 'READY' | 'SYNC';
/** What is sent for a message; where it is the last of the stream, the connection is closed behind it. */
interface Sent {
  readonly bytes: Buffer;
  readonly last?: boolean;
}
type Change = (message: Message, frame: Buffer) => Sent;

/** An honest peer whose messages are changed on their way. */
async function speak(role: Role, wire: Wire, change: Change): Promise<void> {
  const send = (message: Message, frame: Buffer) => {
    const { bytes, last = false } = change(message, frame);
    wire.write(bytes);
    if (last) wire.finish();
  };
  let result: HandshakeResult;
  if (role === 'initiator') {
    const handshake = new InitiatorHandshake(alice);
    send('HELLO_I', handshake.hello);
    const answer = handshake.receiveHello(await wire.read(EXPECT_HELLO_R));
    result = answer.result;
    send('AUTH_I', answer.auth);
  } else {
    const handshake = new ResponderHandshake(bob);
    send('HELLO_R', handshake.receiveHello(await wire.read(EXPECT_HELLO_I)));
    result = handshake.receiveAuth(await wire.read(EXPECT_AUTH_I));
  }
  const channel = new RecordChannel(result);
  if (role === 'initiator') channel.open(await wire.read(EXPECT_RECORD));
  else send('READY', channel.seal(RECORD_TYPE.ready, encodeReady('ok')));
  send('SYNC', channel.seal(RECORD_TYPE.sync, encodeSync([])));
}

/** What a session told its owner of a peer whose messages are changed: why it ended comes last. */
async function toldOf(peer: Role, change: Change): Promise<string[]> {
  const { port } = listener.address() as AddressInfo;
  const ours = connect({ port, host: '127.0.0.1', noDelay: true });
  const [theirs] = (await once(listener, 'connection')) as [Socket];
  const wire = new Wire(ours);
  const told: string[] = [];
  const tell = (what: string) => () => {
    told.push(what);
  };
  const ended = new Promise<void>((resolve) => {
    new Session(theirs, {
      role: peer === 'initiator' ? 'responder' : 'initiator',
      local: peer === 'initiator' ? bob : alice,
      isAccepted: () => true,
      now: () => performance.now(),
      events: {
        authenticated: () => {
          told.push('authenticated');
          return 'accept';
        },
        ready: (session) => {
          told.push('ready');
          session.sendSync([]);
        },
        confirmed: tell('confirmed'),
        sync: tell('sync'),
        message: tell('message'),
        ack: tell('ack'),
        reject: tell('reject'),
        window: tell('window'),
        drained: () => undefined,
        answered: () => undefined,
        peers: () => undefined,
        probe: () => undefined,
        report: () => undefined,
        closed: (_, reason) => {
          told.push(reason);
          resolve();
        },
      },
    });
  });
  // A session that has ended answers no more: the peer may wait for ever.
  await Promise.race([ended, speak(peer, wire, change).then(() => ended)]);
  wire.cut();
  return told;
}

/** By the message that is tampered with: who sends it, its length, and what its receiver had told before. */
const PROGRESS = [
  ['HELLO_I', 'initiator', 77, []],
  ['AUTH_I', 'initiator', 637, []],
  ['HELLO_R', 'responder', 705, []],
  ['READY', 'responder', 445, ['authenticated']],
] as const;
/** What there is to tell when the one before it was accepted, where that can be. */
const AFTER = {
  HELLO_I: [],
  AUTH_I: ['authenticated', 'ready'],
  HELLO_R: ['authenticated'],
  READY: ['authenticated', 'confirmed', 'ready'],
};

describe('a connection', () => {
  it('comes to its SYNC when nobody touches it', async () => {
    const untilSync: Change = (message, bytes) => ({ bytes, last: message === 'SYNC' });
    expect(await toldOf('initiator', untilSync)).toEqual(['authenticated', 'ready', 'confirmed', 'sync', 'truncated']);
    expect(await toldOf('responder', untilSync)).toEqual(['authenticated', 'confirmed', 'ready', 'sync', 'truncated']);
  });

  it.each(PROGRESS)(
    'that ends anywhere in %s (of the %s, %i bytes) is one cut short, and proves nothing',
    async (cut, peer, length, before) => {
      for (let kept = 0; kept < length; kept += 1) {
        const told = await toldOf(peer, (message, frame) => {
          if (message !== cut) return { bytes: frame };
          expect(frame).toHaveLength(length);
          return { bytes: frame.subarray(0, kept), last: true };
        });
        expect([kept, told]).toEqual([kept, [...before, 'truncated']]);
      }
    },
  );

  it.each(PROGRESS)('with a byte more within %s is refused by its length', async (longer, peer, length, before) => {
    for (let value = 0; value < 256; value += 1) {
      const told = await toldOf(peer, (message, frame) => {
        if (message !== longer) return { bytes: frame };
        const bytes = Buffer.concat([frame, Buffer.of(value)]);
        bytes.writeUInt32BE(length - 4 + 1, 0);
        return { bytes };
      });
      expect([value, told]).toEqual([value, [...before, 'bad-frame-length']]);
    }
  });

  it.each(PROGRESS)(
    'with a byte more behind %s, whichever, is refused by what comes after it',
    async (longer, peer) => {
      for (let value = 0; value < 256; value += 1) {
        const told = await toldOf(peer, (message, frame) => ({
          bytes: message === longer ? Buffer.concat([frame, Buffer.of(value)]) : frame,
        }));
        expect([value, told]).toEqual([value, [...AFTER[longer], 'bad-frame-length']]);
      }
    },
  );

  it.each([
    ['HELLO_I', 'initiator', [], 'bad-frame-length'],
    ['AUTH_I', 'initiator', ['authenticated', 'ready'], 'bad-frame-length'],
    ['SYNC', 'initiator', ['authenticated', 'ready', 'confirmed', 'sync'], 'bad-sequence'],
    ['HELLO_R', 'responder', ['authenticated'], 'bad-frame-length'],
    ['READY', 'responder', ['authenticated', 'confirmed', 'ready'], 'bad-sequence'],
    ['SYNC', 'responder', ['authenticated', 'confirmed', 'ready', 'sync'], 'bad-sequence'],
  ] as const)('in which %s of the %s comes twice ends with the second', async (twice, peer, before, code) => {
    const told = await toldOf(peer, (message, frame) => ({
      bytes: message === twice ? Buffer.concat([frame, frame]) : frame,
    }));
    expect(told).toEqual([...before, code]);
  });

  it('in which READY and SYNC have changed places ends with the first of them', async () => {
    let ready: Buffer = Buffer.alloc(0);
    const told = await toldOf('responder', (message, frame) => {
      if (message === 'READY') ready = frame;
      const bytes = message === 'SYNC' ? Buffer.concat([frame, ready]) : frame;
      return { bytes: message === 'READY' ? Buffer.alloc(0) : bytes };
    });
    expect(told).toEqual(['authenticated', 'bad-sequence']);
  });
});
