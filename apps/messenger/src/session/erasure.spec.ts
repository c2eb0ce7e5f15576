import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import * as crypto from '@earshot/crypto';
import { ProtocolError } from '@earshot/protocol';
import type { LocalParty } from './handshake.js';
import type { SessionEvents } from './session.js';

/** Every secret that the code under test has got from libs/crypto: the buffers themselves, not copies. */
const secrets: Buffer[] = [];
const keys: crypto.FernetKey[] = [];

function watched<A extends unknown[]>(make: (...args: A) => Buffer): (...args: A) => Buffer {
  return (...args) => {
    const secret = make(...args);
    secrets.push(secret);
    return secret;
  };
}

// The real functions, watched. Session ids are derived like keys and are none: they are not erased, and not watched.
const SESSION_ID = 'earshot/1 sid';
jest.unstable_mockModule('@earshot/crypto', () => ({
  ...crypto,
  agree: watched(crypto.agree),
  extract: watched(crypto.extract),
  expand: (...args: Parameters<typeof crypto.expand>) =>
    args[1] === SESSION_ID ? crypto.expand(...args) : watched(crypto.expand)(...args),
}));
const taking = crypto.FernetKey.taking.bind(crypto.FernetKey);
jest.spyOn(crypto.FernetKey, 'taking').mockImplementation((bytes) => {
  const key = taking(bytes);
  keys.push(key);
  return key;
});
const { InitiatorHandshake, ResponderHandshake } = await import('./handshake.js');
const { RecordChannel } = await import('./record-channel.js');
const { Session } = await import('./session.js');

function isErased(key: crypto.FernetKey): boolean {
  try {
    return key.signing.length === 0;
  } catch {
    return true;
  }
}
/** How many of the secrets and keys so far are not erased. */
const left = () =>
  secrets.filter((secret) => secret.some((byte) => byte !== 0)).length + keys.filter((key) => !isErased(key)).length;

const party = (): LocalParty => ({
  identity: crypto.generateIdentity(),
  extensions: { username: 'anybody', tcpPort: 7001 },
});
const payload = (frame: Buffer) => Buffer.from(frame.subarray(5));
const flipped = (bytes: Buffer) => {
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  return bytes;
};

beforeEach(() => {
  secrets.length = keys.length = 0;
});

describe('after a handshake', () => {
  it('nothing is left but the two chains', () => {
    const initiator = new InitiatorHandshake(party());
    const responder = new ResponderHandshake(party());
    const helloR = responder.receiveHello(payload(initiator.hello));
    const { auth, result } = initiator.receiveHello(payload(helloR));
    const theirs = responder.receiveAuth(payload(auth));
    // ss, prk, two token keys, two MAC keys, master and two chains on each side.
    expect([secrets.length, keys.length]).toEqual([18, 4]);
    expect(left()).toBe(4);
    for (const chain of [result.sendChain, result.receiveChain, theirs.sendChain, theirs.receiveChain])
      expect(secrets).toContain(chain);
  });

  it.each<[string, () => void]>([
    [
      'that found somebody else',
      () => {
        const initiator = new InitiatorHandshake(party(), crypto.encodePeerId(crypto.generateIdentity().publicKey));
        const responder = new ResponderHandshake(party());
        const helloR = responder.receiveHello(payload(initiator.hello));
        try {
          initiator.receiveHello(payload(helloR));
        } finally {
          responder.erase();
        }
      },
    ],
    [
      'whose answer was tampered with',
      () => {
        const initiator = new InitiatorHandshake(party());
        const responder = new ResponderHandshake(party());
        const helloR = responder.receiveHello(payload(initiator.hello));
        try {
          initiator.receiveHello(flipped(payload(helloR)));
        } finally {
          responder.erase();
        }
      },
    ],
    [
      'whose last message was tampered with',
      () => {
        const initiator = new InitiatorHandshake(party());
        const responder = new ResponderHandshake(party());
        const { auth, result } = initiator.receiveHello(payload(responder.receiveHello(payload(initiator.hello))));
        crypto.erase(result.sendChain, result.receiveChain);
        responder.receiveAuth(flipped(payload(auth)));
      },
    ],
  ])('nothing is left of one %s', (_, attempt) => {
    expect(attempt).toThrow();
    expect(secrets.length).toBeGreaterThan(8);
    expect(left()).toBe(0);
  });
});

describe('of a record channel', () => {
  it('nothing is left of the epochs before, nor of any at its end', () => {
    const initiator = new InitiatorHandshake(party());
    const responder = new ResponderHandshake(party());
    const { auth, result } = initiator.receiveHello(payload(responder.receiveHello(payload(initiator.hello))));
    const [ours, theirs] = [new RecordChannel(result), new RecordChannel(responder.receiveAuth(payload(auth)))];
    expect(left()).toBe(8);
    for (let i = 0; i < 2_100; i += 1) theirs.open(payload(ours.seal(6, Buffer.alloc(8))));
    // A chain key and its Fernet key, for each side and direction.
    expect(left()).toBe(8);
    ours.erase();
    theirs.erase();
    expect(left()).toBe(0);
  });
});

describe('of a session', () => {
  let server: Server;
  let incoming: Socket;
  let outgoing: Socket;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    outgoing = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [incoming] = await accepted;
  });
  afterEach(async () => {
    outgoing.destroy();
    incoming.destroy();
    server.close();
    await once(server, 'close');
  });

  function session(socket: Socket, role: 'initiator' | 'responder', events: Partial<SessionEvents> = {}) {
    let ready = (): void => undefined;
    const whenReady = new Promise<void>((resolve) => (ready = resolve));
    let closed: (reason: string) => void = () => undefined;
    const whenClosed = new Promise<string>((resolve) => (closed = resolve));
    const none = () => undefined;
    const made = new Session(socket, {
      role,
      local: party(),
      isAccepted: () => true,
      now: () => performance.now(),
      events: {
        ...{ authenticated: () => 'accept', confirmed: none, sync: none, message: none, ack: none },
        ...{ reject: none, window: none, drained: none, answered: none, peers: none, probe: none, report: none },
        ready: (ready_) => {
          ready_.sendSync([]);
          ready();
        },
        closed: (_, reason) => {
          closed(reason);
        },
        ...events,
      },
    });
    return { made, whenReady, whenClosed };
  }

  it('nothing is left when it was closed', async () => {
    const [ours, theirs] = [session(outgoing, 'initiator'), session(incoming, 'responder')];
    await Promise.all([ours.whenReady, theirs.whenReady]);
    expect(left()).toBe(8);
    ours.made.close();
    await Promise.all([ours.whenClosed, theirs.whenClosed]);
    expect(left()).toBe(0);
  });

  it('nothing is left when the peer is not let in, on either side', async () => {
    const refuse = new ProtocolError('blocked-peer');
    const theirs = session(incoming, 'responder', { authenticated: () => ({ refuse }) });
    const ours = session(outgoing, 'initiator');
    expect(await theirs.whenClosed).toBe('blocked-peer');
    await ours.whenClosed;
    expect(secrets).toHaveLength(20);
    expect(left()).toBe(0);
  });

  it.each([
    ['when the other side goes away in the middle', (socket: Socket) => socket.destroy()],
    ['when the other side says nothing more', () => undefined],
  ])(
    'nothing is left %s',
    async (_, then) => {
      const theirs = session(incoming, 'responder');
      const initiator = new InitiatorHandshake(party());
      outgoing.write(initiator.hello);
      await once(outgoing, 'data');
      // The keys of the token that was sent, and of the one that is awaited.
      expect(left()).toBe(5);
      then(outgoing);
      await theirs.whenClosed;
      expect(left()).toBe(0);
    },
    15_000,
  );
});
