import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { generateIdentity } from '@earshot/crypto';
import { encodePing, RECORD_TYPE, REJECT_REPEAT_MESSAGES, UNWRITTEN_CLOSE_BYTES } from '@earshot/protocol';
import { Session, type CloseReason, type SessionEvents } from './session.js';

let server: Server;
const sockets: Socket[] = [];
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

interface Side {
  readonly session: Session;
  readonly socket: Socket;
  readonly closed: Promise<CloseReason>;
  reason: CloseReason | undefined;
}

/** Two ends of a real connection, of which both have sent SYNC. */
async function pair(): Promise<[Side, Side]> {
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  sockets.push(near, far);
  const opened: Promise<void>[] = [];
  const side = (socket: Socket, role: 'initiator' | 'responder'): Side => {
    let settle: (reason: CloseReason) => void = () => undefined;
    let open: () => void = () => undefined;
    opened.push(new Promise((resolve) => (open = resolve)));
    const closed = new Promise<CloseReason>((resolve) => (settle = resolve));
    const ignore = (): void => undefined;
    const events: SessionEvents = {
      authenticated: () => 'accept',
      ready: (session) => {
        session.sendSync([]);
      },
      confirmed: ignore,
      sync: () => {
        open();
      },
      message: ignore,
      ack: ignore,
      reject: ignore,
      window: ignore,
      drained: ignore,
      answered: () => undefined,
      peers: () => undefined,
      probe: () => undefined,
      report: () => undefined,
      closed: (_session, reason) => {
        made.reason = reason;
        settle(reason);
      },
    };
    const session = new Session(socket, {
      role,
      local: { identity: generateIdentity(), extensions: {} },
      events,
      isAccepted: () => true,
      now: () => performance.now(),
    });
    const made: Side = { session, socket, closed, reason: undefined };
    return made;
  };
  const sides: [Side, Side] = [side(near, 'initiator'), side(far, 'responder')];
  await Promise.all(opened);
  return sides;
}

/** All that the outbox may put on the wire. */
function sendAll({ session }: Side): void {
  const content = Buffer.alloc(32_768, 'x');
  while (!session.isCongested)
    session.sendMessage({ stream: Buffer.alloc(8, 1), n: 1, id: Buffer.alloc(16, 2), sentMs: 0, ctype: 0, content });
}

describe('a peer that never reads', () => {
  it('ends its session by what it makes us answer', async () => {
    const [hostile, victim] = await pair();
    hostile.socket.pause();
    sendAll(victim);
    let most = 0;
    const asking = setInterval(() => {
      most = Math.max(most, victim.socket.writableLength);
      // Only what the other side takes: it is our memory that is looked at, and not its own.
      if (hostile.socket.writableLength > 0) return;
      for (let i = 0; i < 1_000; i += 1) hostile.session['send'](RECORD_TYPE.ping, encodePing(1n));
    }, 1);
    expect(await victim.closed).toBe('no-drain');
    clearInterval(asking);
    expect(most).toBeLessThanOrEqual(UNWRITTEN_CLOSE_BYTES);
  });

  it('may be told late of all that was ever refused', async () => {
    const [slow, teller] = await pair();
    slow.socket.pause();
    const stream = Buffer.alloc(8, 1);
    sendAll(teller);
    for (let n = 1; n <= REJECT_REPEAT_MESSAGES; n += 1) teller.session.sendReject({ stream, n, reason: 3 });
    slow.socket.resume();
    await once(teller.socket, 'drain');
    expect([teller.session.isCongested, teller.reason]).toEqual([false, undefined]);
  });
});
