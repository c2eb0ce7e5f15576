import { ConfigError } from './config-error.js';
import { EXIT } from './exit-codes.js';
import type { LogFields, Logger } from './log-fields.js';
import { run, type Part } from './run.js';

/** A log that remembers, and parts that write down what happens to them. */
function recorder(): {
  log: Logger;
  logged: [string, LogFields?][];
  happened: string[];
  part: (name: string, more?: Partial<Part>) => Part;
} {
  const logged: [string, LogFields?][] = [];
  const happened: string[] = [];
  const write = (event: string, fields?: LogFields): void => {
    logged.push(fields === undefined ? [event] : [event, fields]);
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log };
  const part = (name: string, more: Partial<Part> = {}): Part => ({
    name,
    ...more,
    start: async (fail) => {
      happened.push(`start ${name}`);
      await more.start?.(fail);
    },
    stop: async () => {
      happened.push(`stop ${name}`);
      await more.stop?.();
    },
  });
  return { log, logged, happened, part };
}

const listeners = (): number =>
  ['SIGINT', 'SIGTERM', 'message', 'uncaughtException'].reduce((sum, event) => sum + process.listenerCount(event), 0);

describe('run', () => {
  it('starts in order, says ready, and stops in reverse when a part cannot go on', async () => {
    const { log, logged, happened, part } = recorder();
    let fail: (err: unknown) => void = () => undefined;
    const before = listeners();
    const err = new Error('x');
    const code = await run([part('store'), part('server', { start: (given) => void (fail = given) }), part('beacon')], {
      log,
      onReady: () => {
        happened.push('ready');
        fail(err);
      },
    });
    expect(code).toBe(EXIT.failed);
    expect(happened).toEqual([
      'start store',
      'start server',
      'start beacon',
      'ready',
      'stop beacon',
      'stop server',
      'stop store',
    ]);
    expect(logged).toContainEqual(['failed', { part: 'server', err }]);
    expect(listeners()).toBe(before);
  });

  it('waits for a part to serve before it starts the next', async () => {
    const { log, happened, part } = recorder();
    const slow = part('slow', {
      start: async () => {
        await new Promise(setImmediate);
        happened.push('serves');
      },
    });
    await run(
      [
        slow,
        part('next', {
          start: (fail) => {
            fail(new Error('x'));
          },
        }),
      ],
      { log },
    ).catch(() => undefined);
    expect(happened.slice(0, 3)).toEqual(['start slow', 'serves', 'start next']);
  });

  it('stops what had started, and throws, when a part does not start', async () => {
    const { log, happened, part } = recorder();
    const err = new ConfigError('TCP port 7001 is taken');
    const broken = part('server', { start: () => Promise.reject(err) });
    const onReady = (): void => void happened.push('ready');
    await expect(run([part('store'), broken, part('beacon')], { log, onReady })).rejects.toBe(err);
    expect(happened).toEqual(['start store', 'start server', 'stop store']);
  });

  it('treats a part that throws at once like one that rejects', async () => {
    const { log, happened, part } = recorder();
    const err = new Error('x');
    const broken = part('server', {
      start: () => {
        throw err;
      },
    });
    await expect(run([part('store'), broken], { log })).rejects.toBe(err);
    expect(happened).toEqual(['start store', 'start server', 'stop store']);
  });

  it('stops a part that was starting when another one failed, once it has started', async () => {
    const { log, happened, part } = recorder();
    const err = new Error('x');
    let fail: (err: unknown) => void = () => undefined;
    const slow = part('slow', {
      start: async () => {
        fail(err);
        await new Promise(setImmediate);
        happened.push('serves');
      },
    });
    const parts = [part('store', { start: (given) => void (fail = given) }), slow, part('never')];
    await expect(run(parts, { log })).rejects.toBe(err);
    expect(happened).toEqual(['start store', 'start slow', 'serves', 'stop slow', 'stop store']);
  });

  it('stops the others when one does not stop in time or fails to', async () => {
    const { log, logged, happened, part } = recorder();
    const err = new Error('x');
    const parts = [
      part('store'),
      part('hanging', { stop: () => new Promise(() => undefined), stopTimeoutMs: 10 }),
      part('failing', { stop: () => Promise.reject(err) }),
      part('last', { start: (fail) => void setImmediate(fail, new Error('y')) }),
    ];
    expect(await run(parts, { log })).toBe(EXIT.failed);
    expect(happened.slice(4)).toEqual(['stop last', 'stop failing', 'stop hanging', 'stop store']);
    expect(logged).toContainEqual(['part did not stop cleanly', { part: 'failing', err }]);
    expect(logged).toContainEqual(['part did not stop in time', { part: 'hanging', ms: 10 }]);
  });

  it('returns 78 when what failed later is for the user to cure', async () => {
    const { log, part } = recorder();
    const parts = [part('server', { start: (fail) => void setImmediate(fail, new ConfigError('x')) })];
    expect(await run(parts, { log })).toBe(EXIT.misconfigured);
  });

  it('stops when onReady throws', async () => {
    const { log, happened, part } = recorder();
    const onReady = (): void => {
      throw new Error('x');
    };
    expect(await run([part('store')], { log, onReady })).toBe(EXIT.failed);
    expect(happened).toEqual(['start store', 'stop store']);
  });
});
