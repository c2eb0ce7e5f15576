import { once } from 'node:events';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { IPC_MAX_BYTES, IpcError } from '@earshot/protocol';
import { consoleContract, defineService, discoveryContract, type DiscoveryContract } from '@earshot/protocol/ipc';
import { Dealer, Router } from 'zeromq';
import { z } from 'zod';
import { ServedRoster, startChild } from '../test/child.js';
import { Roster, temporaryDirectory } from '../test/roster.js';
import { until } from '../test/until.js';
import { machineNow } from './machine-clock.js';
import { createClient, RequestLostError, Service, type Client } from './index.js';

jest.setTimeout(60_000);

const RESULT = { announcing: true, items: [], skipped: [] };

let directory: string;
let client: Client<DiscoveryContract>;
let roster: Roster | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
  client = createClient(discoveryContract, { directory });
});
afterEach(async () => {
  client.close();
  await roster?.service.stop();
  roster = undefined;
  rmSync(directory, { recursive: true });
});

async function serve(interfaces: () => Promise<typeof RESULT> | typeof RESULT = () => RESULT): Promise<Roster> {
  roster = new Roster(directory, { interfaces });
  await roster.service.start();
  return roster;
}

/** Nothing of this process runs meanwhile but the threads of ZeroMQ. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('a request', () => {
  it('is answered by the handler of its method', async () => {
    await serve();
    await expect(client.call('interfaces', {})).resolves.toEqual(RESULT);
  });

  it('for the health is answered by every service', async () => {
    await serve();
    await expect(client.health()).resolves.toEqual({
      service: 'discovery',
      pid: process.pid,
      uptimeMs: expect.any(Number) as number,
      version: '0.1.0',
      ports: { discovery: 6004 },
    });
  });

  it('fails with the code and the detail that the handler threw', async () => {
    await serve(() => {
      throw new IpcError('unreachable', 'no route');
    });
    await expect(client.call('interfaces', {})).rejects.toMatchObject({ code: 'unreachable', detail: 'no route' });
  });

  it('fails with nothing but a code where the handler failed otherwise', async () => {
    const failure = new Error('with something in its text');
    const { errors } = await serve(() => Promise.reject(failure));
    await expect(client.call('interfaces', {})).rejects.toMatchObject({ code: 'internal', detail: '' });
    expect(errors).toEqual([[failure, 'interfaces']]);
  });

  it('does not wait for those before it', async () => {
    const releases: (() => void)[] = [];
    await serve(() => new Promise((resolve) => releases.push(resolve.bind(null, RESULT))));
    const first = client.call('interfaces', {});
    const second = client.call('interfaces', {});
    await until('both handlers run', () => releases.length === 2);
    releases[1]?.();
    await second;
    await client.health();
    releases[0]?.();
    await expect(first).resolves.toEqual(RESULT);
  });

  it('is answered among thousands at once', async () => {
    let handled = 0;
    await serve(() => ({ ...RESULT, announcing: (handled += 1) > 0 }));
    await Promise.all(Array.from({ length: 5_000 }, () => client.call('interfaces', {})));
    expect(handled).toBe(5_000);
  });

  it('refuses a reply that does not fit the contract', async () => {
    await serve(() => ({ announcing: 'yes' }) as never);
    await expect(client.call('interfaces', {})).rejects.toMatchObject({ code: 'internal' });
  });

  it('that is too large is refused here and disturbs nothing', async () => {
    const contract = defineService({
      name: 'messenger',
      methods: { measure: { request: z.object({ text: z.string() }), reply: z.object({ length: z.int() }) } },
      event: z.object({ event: z.literal('none') }),
    });
    const service = new Service(contract, {
      directory,
      handlers: { measure: ({ text }) => ({ length: text.length }) },
      health: () => ({ ports: {}, version: '0' }),
      onError: () => undefined,
    });
    await service.start();
    const messenger = createClient(contract, { directory });
    try {
      const deadlineMs = machineNow() + 5_000;
      const around = JSON.stringify({ id: 1, method: 'measure', deadlineMs, params: { text: '' } }).length;
      const largest = 'x'.repeat(IPC_MAX_BYTES - around);
      await expect(messenger.call('measure', { text: largest })).resolves.toEqual({ length: largest.length });
      const outstanding = messenger.health();
      await expect(messenger.call('measure', { text: `${largest}x` })).rejects.toMatchObject({ code: 'bad-request' });
      await expect(outstanding).resolves.toMatchObject({ service: 'messenger' });
    } finally {
      messenger.close();
      await service.stop();
    }
  });

  it('whose reply is too large fails as an error of ours', async () => {
    const { errors } = await serve(() => ({ announcing: 'x'.repeat(IPC_MAX_BYTES) }) as never);
    await expect(client.call('interfaces', {})).rejects.toMatchObject({ code: 'internal', detail: '' });
    expect(errors).toHaveLength(1);
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
  });
});

describe('time', () => {
  it('past the deadline ends the wait, and only that', async () => {
    await serve(() => new Promise(() => undefined));
    await expect(client.call('interfaces', {}, { deadlineMs: 20 })).rejects.toMatchObject({ code: 'timed-out' });
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
  });

  it('an aborted call ends at once', async () => {
    await serve(() => new Promise(() => undefined));
    const abort = new AbortController();
    const call = client.call('interfaces', {}, { signal: abort.signal });
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(client.call('interfaces', {}, { signal: abort.signal })).rejects.toBe(reason);
  });

  it('a reply that was there in time counts, although this process stood still', async () => {
    const served = await ServedRoster.start(directory);
    await client.health();
    const call = client.health({ deadlineMs: 100 });
    // As after Ctrl-Z: when it goes on, the timer is due and the reply unread.
    standStill(500);
    await expect(call).resolves.toMatchObject({ service: 'discovery' });
    await served.kill();
  });

  it('a request is answered although somebody sets the clock while it is under way', async () => {
    await serve();
    await client.health();
    const call = client.call('interfaces', {});
    const day = 24 * 60 * 60_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 90 * day);
    await expect(call).resolves.toEqual(RESULT);
    clock.mockReturnValue(0);
    await expect(client.call('interfaces', {})).resolves.toEqual(RESULT);
    clock.mockRestore();
  });

  it('a request whose time was over before it could be sent is not sent', async () => {
    const deaf = new Router({ linger: 0, receiveHighWaterMark: 1 });
    deaf.bindSync(`ipc://${directory}/discovery.rpc`);
    const params = { padding: 'x'.repeat(1_000) } as object as Record<string, never>;
    const calls = Array.from({ length: 5_000 }, () => client.call('interfaces', params, { deadlineMs: 200 }));
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'timed-out' } });
    }
    const health = client.health().catch((err: unknown) => err);
    let sent = 0;
    for await (const [, bytes] of deaf) {
      if (String(bytes).includes('"health"')) break;
      sent += 1;
    }
    expect(sent).toBeLessThan(5_000);
    deaf.close();
    expect(await health).toBeInstanceOf(RequestLostError);
  });

  it('a request whose time was over before the service came to it is not carried out', async () => {
    let handled = 0;
    await serve(() => {
      handled += 1;
      return RESULT;
    });
    await client.health();
    const late = client.call('interfaces', {}, { deadlineMs: 1 }).catch((err: unknown) => err);
    standStill(50);
    expect(await late).toMatchObject({ code: 'timed-out' });
    await client.health();
    expect(handled).toBe(0);
  });
});

describe('a service that is not there', () => {
  it('is told at once, without a directory, without a socket, and with one that nobody holds', async () => {
    const nowhere = createClient(discoveryContract, { directory: join(directory, 'missing'), deadlineMs: 600_000 });
    const patient = createClient(discoveryContract, { directory, deadlineMs: 600_000 });
    const notRunning = { code: 'not-running', detail: 'discovery', constructor: IpcError };
    await expect(nowhere.health()).rejects.toMatchObject(notRunning);
    await expect(patient.health()).rejects.toMatchObject(notRunning);
    const served = await ServedRoster.start(directory);
    await served.kill();
    expect(statSync(join(directory, 'discovery.rpc')).isSocket()).toBe(true);
    await expect(patient.health()).rejects.toMatchObject(notRunning);
    nowhere.close();
    patient.close();
  });

  it('fails what was outstanding when it died, and answers again after a restart', async () => {
    const served = await ServedRoster.start(directory);
    await client.health();
    const outstanding = [1, 2, 3].map(() => client.call('interfaces', {}, { deadlineMs: 600_000 }));
    const lost = Promise.allSettled(outstanding);
    await client.health();
    await served.kill();
    for (const result of await lost) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'not-running', constructor: RequestLostError },
      });
    }
    await serve();
    await expect(client.call('interfaces', {})).resolves.toEqual(RESULT);
  });

  it('leaves nothing to its successor of which the caller was told that it failed', async () => {
    const served = await ServedRoster.start(directory);
    await client.health();
    served.pause();
    const calls = Array.from({ length: 3_000 }, () => client.call('interfaces', {}, { deadlineMs: 50 }));
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'timed-out' } });
    }
    const patient = client.call('interfaces', {}, { deadlineMs: 600_000 }).catch((err: unknown) => err);
    await served.kill();
    let handled = 0;
    await serve(() => {
      handled += 1;
      return RESULT;
    });
    expect(await patient).toBeInstanceOf(RequestLostError);
    await client.health();
    await delay(300);
    expect(handled).toBe(0);
  });

  it('leaves nothing to a successor that is there before this process notices', async () => {
    const served = await ServedRoster.start(directory);
    await client.health();
    served.pause();
    // More than the socket takes: the rest waits in our own queue.
    const params = { padding: 'x'.repeat(100_000) } as object as Record<string, never>;
    const calls = Array.from({ length: 50 }, () => client.call('interfaces', params));
    const lost = Promise.allSettled(calls);
    await delay(50);
    served.killWithoutWaiting();
    standStill(300);
    const successor = new Router({ linger: 0, receiveTimeout: 300 });
    successor.bindSync(`ipc://${directory}/discovery.rpc`);
    standStill(500);
    for (const result of await lost) expect(result).toMatchObject({ reason: { code: 'not-running' } });
    await expect(successor.receive()).rejects.toMatchObject({ code: 'EAGAIN' });
    successor.close();
  });

  it('goes on with the next requests when it only stood still', async () => {
    const served = await ServedRoster.start(directory);
    await client.health();
    served.pause();
    await expect(client.health({ deadlineMs: 20 })).rejects.toMatchObject({ code: 'timed-out' });
    served.resume();
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
    await served.kill();
  });

  it('is what a closed client says, too', async () => {
    await serve();
    const outstanding = client.health();
    client.close();
    await expect(outstanding).rejects.toMatchObject({ code: 'not-running' });
    await expect(client.health()).rejects.toMatchObject({ code: 'not-running' });
  });
});

describe('a service', () => {
  it('makes its sockets in a directory that nobody else can enter, for nobody else', async () => {
    rmSync(directory, { recursive: true });
    const mask = process.umask(0o027);
    await serve();
    expect(process.umask(mask)).toBe(0o027);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const kind of ['rpc', 'events']) {
      expect(statSync(join(directory, `discovery.${kind}`)).mode & 0o777).toBe(0o600);
    }
  });

  it('starts again after it was stopped', async () => {
    const { service } = await serve();
    await service.stop();
    await expect(client.health()).rejects.toMatchObject({ code: 'not-running' });
    await service.start();
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
  });

  it('is not started where its second socket cannot be', async () => {
    const { service } = new Roster(directory);
    rmSync(directory, { recursive: true });
    await service.start();
    await service.stop();
    rmSync(join(directory, 'discovery.rpc'));
    mkdirSync(join(directory, 'discovery.rpc'));
    await expect(service.start()).rejects.toThrow(`socket ${directory}/discovery.rpc: something else stands`);
    rmSync(join(directory, 'discovery.rpc'), { recursive: true });
    await expect(service.start()).resolves.toBeUndefined();
    await service.stop();
  });

  it('ignores frames that are no requests, and callers that are gone before their reply', async () => {
    const releases: (() => void)[] = [];
    const { errors } = await serve(() => new Promise((resolve) => releases.push(resolve.bind(null, RESULT))));
    const stranger = new Dealer({ linger: 0, reconnectInterval: -1 });
    stranger.connect(`ipc://${directory}/discovery.rpc`);
    await stranger.send('{');
    await stranger.send(Buffer.from([0xff, 0xfe]));
    await stranger.send(['two', 'frames']);
    await stranger.send(JSON.stringify({ id: 1, method: 'interfaces', deadlineMs: machineNow() + 60_000, params: {} }));
    await until('its handler runs', () => releases.length === 1);
    stranger.close();
    const call = client.call('interfaces', {});
    await until('the next one runs', () => releases.length === 2);
    for (const release of releases) release();
    await expect(call).resolves.toEqual(RESULT);
    expect(errors).toEqual([]);
  });

  it('keeps every reply for a caller that reads late', async () => {
    let handled = 0;
    const error = 'x'.repeat(1_000);
    await serve(() => {
      handled += 1;
      throw new IpcError('unreachable', error);
    });
    const late = new Dealer({ linger: 0, reconnectInterval: -1 });
    late.connect(`ipc://${directory}/discovery.rpc`);
    const frame = { method: 'interfaces', deadlineMs: machineNow() + 60_000, params: {} };
    for (let id = 1; id <= 5_000; id += 1) await late.send(JSON.stringify({ id, ...frame }));
    await until('all are carried out', () => handled === 5_000);
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
    for (let id = 1; id <= 5_000; id += 1) {
      const [reply] = await late.receive();
      expect(JSON.parse(String(reply))).toMatchObject({ id, ok: false });
    }
    late.close();
  });

  it('without methods says that it is there', async () => {
    const service = new Service(consoleContract, {
      directory,
      handlers: {},
      health: () => ({ ports: {}, version: '0' }),
      onError: () => undefined,
    });
    await service.start();
    const caller = createClient(consoleContract, { directory });
    await expect(caller.health()).resolves.toMatchObject({ service: 'console', pid: process.pid });
    caller.close();
    await service.stop();
  });

  it('closes the connection of who sends more than a frame may have, and nobody else’s', async () => {
    await serve();
    await client.health();
    const stranger = new Dealer({ linger: 0, reconnectInterval: -1 });
    const { events } = stranger;
    stranger.connect(`ipc://${directory}/discovery.rpc`);
    await stranger.send('x'.repeat(IPC_MAX_BYTES + 1));
    for await (const { type } of events) if (type === 'disconnect') break;
    stranger.close();
    await expect(client.health()).resolves.toMatchObject({ service: 'discovery' });
  });
});

it('a process that closed everything comes to its end', async () => {
  const child = startChild('exits-by-itself.ts', directory);
  try {
    const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(40_000) })) as [number | null];
    expect(code).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
