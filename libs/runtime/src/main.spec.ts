import { jest } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../test/child.js';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { EXIT } from './exit-codes.js';
import type { DataFolder } from './paths.js';

const CANARY = 'canary-hornbeam';
const children: Child[] = [];

function started(behaviour: string, paths: DataFolder, env: Record<string, string> = {}): Child {
  const child = new Child('service', [behaviour], { EARSHOT_HOME: paths.home, ...env });
  children.push(child);
  return child;
}

function log(paths: DataFolder): Record<string, unknown>[] {
  const text = readFileSync(join(paths.logs, 'messenger.log'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

jest.setTimeout(60_000);

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  removeFolders();
});

describe('the life of a service', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends in order with 0 on %s', async (signal) => {
    const paths = freshDataFolder();
    const child = started('well', paths, { EARSHOT_PORT: '7201' });
    await child.sent('ready');
    child.process.kill(signal);
    expect(await child.exit()).toBe(EXIT.ok);
    expect(child.messages).toEqual(['start store 7201', 'start server', 'ready', 'stop server', 'stop store']);
    expect(child.stderr).toBe('');
    expect(log(paths).map(({ msg }) => msg)).toEqual(['ready', 'told to stop', 'stopped']);
    expect(existsSync(join(paths.locks, 'messenger.pid'))).toBe(false);
  });

  it("ends in order on pm2's message for Windows", async () => {
    const child = started('well', freshDataFolder());
    await child.sent('ready');
    child.process.send('something else');
    child.process.send('shutdown');
    expect(await child.exit()).toBe(EXIT.ok);
    expect(child.messages.slice(3)).toEqual(['stop server', 'stop store']);
  });

  it('ends at once on a second signal', async () => {
    const child = started('never-stops', freshDataFolder());
    await child.sent('ready');
    child.process.kill('SIGINT');
    await child.sent('stop server');
    child.process.kill('SIGTERM');
    expect(await child.exit()).toBe(EXIT.failed);
    expect(child.messages).not.toContain('stop store');
  });

  it('ends when a part hangs in stop, with 1', async () => {
    const paths = freshDataFolder();
    const child = started('hangs-in-stop', paths);
    await child.sent('ready');
    child.process.kill('SIGINT');
    expect(await child.exit()).toBe(EXIT.failed);
    expect(log(paths)).toContainEqual(
      expect.objectContaining({ level: 'error', part: 'store', msg: 'part did not stop in time' }),
    );
  });

  it('goes on when its supervisor is gone', async () => {
    const child = started('well', freshDataFolder());
    await child.sent('ready');
    child.process.disconnect();
    child.process.kill('SIGTERM');
    expect(await child.exit()).toBe(EXIT.ok);
  });

  it('gets ready when its supervisor went away before', async () => {
    const paths = freshDataFolder();
    expect(await started('loses-supervisor', paths).exit()).toBe(EXIT.ok);
    expect(log(paths).map(({ msg }) => msg)).toEqual(['ready', 'told to stop', 'stopped']);
  });

  it.each(['fails-later', 'throws-later', 'rejects-later'])(
    'that %s ends in order with 1, and quotes nothing',
    async (behaviour) => {
      const paths = freshDataFolder();
      const child = started(behaviour, paths);
      expect(await child.exit()).toBe(EXIT.failed);
      expect(child.messages.slice(-2)).toEqual(['stop server', 'stop store']);
      expect(JSON.stringify(log(paths)) + child.stderr).not.toContain(CANARY);
      const failure = log(paths).find(({ msg }) => msg === 'failed');
      expect(JSON.stringify(failure?.['err'])).toContain('service.ts');
    },
  );

  it('ends with the code that the body returns', async () => {
    const child = started('own-code', freshDataFolder());
    await child.sent('ready');
    child.process.kill('SIGINT');
    expect(await child.exit()).toBe(EXIT.notRegistered);
  });
});

describe('a service that does not start', () => {
  it('says why to the user and to the log, and exits with 78 when a restart would not help', async () => {
    const paths = freshDataFolder();
    const child = started('port-taken', paths);
    expect(await child.exit()).toBe(EXIT.misconfigured);
    expect(child.stderr).toBe('messenger: TCP port 7001 is taken by another program\n');
    expect(child.messages).toEqual(['start store 7001', 'start server', 'stop store']);
    expect(log(paths).at(-1)).toMatchObject({
      msg: 'not started',
      err: { message: 'TCP port 7001 is taken by another program' },
    });
  });

  it('exits with 1 when it breaks, and says where without quoting', async () => {
    const paths = freshDataFolder();
    const child = started('breaks-in-start', paths);
    expect(await child.exit()).toBe(EXIT.failed);
    expect(child.stderr).toMatch(/^messenger: failed with SyntaxError\n {4}at .*\n {4}at .*service\.ts/);
    expect(child.stderr + JSON.stringify(log(paths))).not.toContain(CANARY);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong setting', { EARSHOT_PORT: '80' }, /^messenger: EARSHOT_PORT must be a whole number.*\n$/],
    ['a wrong profile', { EARSHOT_PROFILE: '..' }, /^messenger: EARSHOT_PROFILE must be .*\n$/],
  ])('exits with 78 for %s', async (_, env, text) => {
    const child = started('well', freshDataFolder(), env);
    expect(await child.exit()).toBe(EXIT.misconfigured);
    expect(child.stderr).toMatch(text);
    expect(child.messages).toEqual([]);
  });

  it('exits with 78 beside another one, and leaves it and its log alone', async () => {
    const paths = freshDataFolder();
    const first = started('well', paths);
    await first.sent('ready');
    const second = started('well', paths);
    expect(await second.exit()).toBe(EXIT.misconfigured);
    expect(second.stderr).toContain(
      `messenger is already running for the data folder ${paths.home} (pid ${first.process.pid ?? 0}, since `,
    );
    expect(log(paths).map(({ msg }) => msg)).toEqual(['ready']);
    first.process.kill('SIGKILL');
    await first.exit();
    const third = started('well', paths);
    await third.sent('ready');
  });

  it('exits when nobody reads its standard error', async () => {
    const child = started('port-taken', freshDataFolder());
    child.process.stderr?.destroy();
    expect(await child.exit()).toBe(EXIT.misconfigured);
  });
});

describe('the files of a service', () => {
  it('are private, however loose what was there', async () => {
    const paths = freshDataFolder();
    mkdirSync(paths.logs, { recursive: true });
    writeFileSync(join(paths.logs, 'messenger.log'), '');
    for (const path of [paths.home, paths.logs, join(paths.logs, 'messenger.log')]) chmodSync(path, 0o777);
    const child = started('well', paths);
    await child.sent('ready');
    const modes = [
      paths.home,
      paths.logs,
      paths.locks,
      paths.sockets,
      join(paths.logs, 'messenger.log'),
      join(paths.locks, 'messenger.lock'),
    ].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o700, 0o600, 0o600]);
  });
});
