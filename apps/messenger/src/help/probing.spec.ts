import { createServer, type AddressInfo, type Server } from 'node:net';
import { jest } from '@jest/globals';
import { FEATURE, HEARD_BY, PROBE_INTERVAL_MS, REACHED, type Report } from '@earshot/protocol';
import { Probing, type ProbedSession } from './probing.js';

/** A session as far as probing sees one; the real ones are in test/help.spec.ts. */
function sessionFrom(ip: string, tcpPort: number | undefined) {
  const sent: Report[] = [];
  const session = {
    peerId: 'friend',
    isEnded: false,
    remoteAddress: `${ip}:40000`,
    result: { extensions: { features: FEATURE.probe, ...(tcpPort === undefined ? {} : { tcpPort }) } },
    sendProbe: () => undefined,
    sendReport: (report: Report) => void sent.push(report),
  };
  return { session: session as unknown as ProbedSession, sent };
}

let now: number;
let connections: number;
let server: Server;
let port: number;
let probing: Probing;
beforeEach(async () => {
  now = 1_000_000;
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  probing = new Probing({
    heardBy: () => ({ unicast: new Date(5_000).toISOString(), multicast: new Date(90_000).toISOString() }),
    now: () => now,
    wallClock: () => 65_400,
  });
});
afterEach(async () => {
  jest.useRealTimers();
  await new Promise((resolve) => server.close(resolve));
});

it('says whether the asker can be reached, and how long ago it was heard', async () => {
  const { session, sent } = sessionFrom('127.0.0.1', port);
  await probing.probed(session, 7n);
  const heard = [
    { path: HEARD_BY.unicast, ageSeconds: 60 },
    // Our clock was set back since.
    { path: HEARD_BY.multicast, ageSeconds: 0 },
  ];
  expect(sent).toEqual([{ nonce: 7n, tcp: REACHED.connected, heard }]);
});

it('connects to where the session comes from, and tells what comes of it', async () => {
  const { session, sent } = sessionFrom('127.0.0.2', port);
  await probing.probed(session, 7n);
  expect(sent).toMatchObject([{ tcp: REACHED.refused }]);
  expect(connections).toBe(0);
});

it.each([undefined, 80, 1_023])('answers nothing where the asker listens at port %s', async (tcpPort) => {
  const { session, sent } = sessionFrom('127.0.0.1', tcpPort);
  await probing.probed(session, 7n);
  expect(sent).toEqual([]);
});

it('answers, and connects, once in five seconds', async () => {
  const { session, sent } = sessionFrom('127.0.0.1', port);
  for (const wait of [0, 1, PROBE_INTERVAL_MS - 2, 1]) {
    now += wait;
    await probing.probed(session, BigInt(now));
  }
  expect(sent.map(({ nonce }) => Number(nonce))).toEqual([1_000_000, 1_000_000 + PROBE_INTERVAL_MS]);
  expect(connections).toBe(2);
});

it('takes an answer on the session that was asked alone, and none after that session', async () => {
  const [{ session }, other] = [sessionFrom('127.0.0.1', port), sessionFrom('127.0.0.1', port)];
  let nonce = 0n;
  Object.assign(session, { sendProbe: (drawn: bigint) => (nonce = drawn) });
  const answer = probing.ask(session);
  probing.reported(other.session, { nonce, tcp: REACHED.refused, heard: [] });
  probing.reported(session, { nonce: nonce ^ 1n, tcp: REACHED.refused, heard: [] });
  probing.reported(session, { nonce, tcp: REACHED.connected, heard: [{ path: 9, ageSeconds: 1 }] });
  // A way that is not known yet is passed over.
  expect(await answer).toEqual({ tcp: 'connected', heardBy: {} });
  now += 2 * PROBE_INTERVAL_MS;
  // Time stands still: it is the end of the session that ends the wait.
  jest.useFakeTimers();
  const second = probing.ask(session);
  probing.closed(session);
  expect(await second).toBeNull();
});
