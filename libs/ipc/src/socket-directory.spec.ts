import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { consoleContract, discoveryContract } from '@earshot/protocol/ipc';
import { RawService, standsAt } from '../test/raw-service.js';
import { temporaryDirectory } from '../test/roster.js';
import { createClient, ensureSocketDirectory, Service, subscribe } from './index.js';
import { socketPath } from './socket-directory.js';

let parent: string;
let path: string;
beforeEach(() => {
  parent = temporaryDirectory();
  path = join(parent, 'ipc');
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

describe('the socket directory', () => {
  it('is made for its owner alone, and left as it is', () => {
    ensureSocketDirectory(join(path, 'deeper'));
    writeFileSync(join(path, 'deeper', 'file'), '');
    ensureSocketDirectory(join(path, 'deeper'));
    expect(lstatSync(join(path, 'deeper')).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(path, 'deeper', 'file')).isFile()).toBe(true);
  });

  it('is refused as a link, even to a good one', () => {
    mkdirSync(join(parent, 'good'), { mode: 0o700 });
    symlinkSync(join(parent, 'good'), path);
    expect(() => {
      ensureSocketDirectory(path);
    }).toThrow(`socket directory ${path} is a symbolic link: remove the link`);
  });

  it.each([0o710, 0o701, 0o755, 0o740, 0o704, 0o777])('is refused with the mode %o', (mode) => {
    mkdirSync(path);
    chmodSync(path, mode);
    expect(() => {
      ensureSocketDirectory(path);
    }).toThrow(`socket directory ${path} is open to other users: chmod 700 it`);
  });

  it('is refused when it is something else', () => {
    writeFileSync(path, '', { mode: 0o600 });
    expect(() => {
      ensureSocketDirectory(path);
    }).toThrow(path);
  });

  it('is refused when it belongs to somebody else', () => {
    mkdirSync(path, { mode: 0o700 });
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path, 65_534, 65_534);
    const theirs = isRoot ? path : '/';
    expect(() => {
      ensureSocketDirectory(theirs);
    }).toThrow(`socket directory ${theirs} belongs to somebody else: move it away`);
  });

  it('that others can enter gets neither requests nor subscribers', async () => {
    mkdirSync(path, { mode: 0o700 });
    const asked: string[] = [];
    const service = new RawService(path, 'discovery', (request) => {
      asked.push(request.method);
      return standsAt(0)(request);
    });
    chmodSync(path, 0o755);
    const client = createClient(discoveryContract, { directory: path });
    await expect(client.health()).rejects.toThrow('open to other users');
    expect(() =>
      subscribe(discoveryContract, { directory: path, onReset: () => undefined, onEvent: () => undefined }),
    ).toThrow('open to other users');
    expect(asked).toEqual([]);
    client.close();
    service.close();
  });
});

describe('what stands where a socket goes', () => {
  const start = async (): Promise<unknown> => {
    const service = new Service(consoleContract, {
      directory: path,
      handlers: {},
      health: () => ({ version: '0', ports: {} }),
      onError: () => undefined,
    });
    try {
      await service.start();
    } finally {
      await service.stop();
    }
    return 'started';
  };

  beforeEach(() => {
    ensureSocketDirectory(path);
  });

  it.each(['rpc', 'events'] as const)(
    'a file at %s is refused, and stays, where ZeroMQ would delete it',
    async (kind) => {
      const file = join(path, `console.${kind}`);
      writeFileSync(file, 'precious');
      await expect(start()).rejects.toMatchObject({
        message: `socket ${file}: a file stands in its place: move it away, then start again`,
        exitCode: 78,
      });
      expect(readFileSync(file, 'utf8')).toBe('precious');
    },
  );

  it('a link is refused, and so is a folder', async () => {
    writeFileSync(join(parent, 'precious'), 'precious');
    symlinkSync(join(parent, 'precious'), join(path, 'console.rpc'));
    await expect(start()).rejects.toThrow('a symbolic link stands in its place');
    expect(readFileSync(join(parent, 'precious'), 'utf8')).toBe('precious');
    rmSync(join(path, 'console.rpc'));
    mkdirSync(join(path, 'console.rpc'));
    await expect(start()).rejects.toThrow('something else stands in its place');
  });

  it('a socket that an earlier process left is taken over', async () => {
    const leftOver = createServer().listen(join(path, 'console.rpc'));
    await once(leftOver, 'listening');
    expect(await start()).toBe('started');
    leftOver.close();
  });
});

describe('the path of a socket', () => {
  it('may have 107 bytes and no more', () => {
    const fits = `/${'d'.repeat(107 - '//messenger.events'.length)}`;
    expect(socketPath(fits, 'messenger', 'events')).toHaveLength(107);
    expect(() => socketPath(`${fits}d`, 'messenger', 'events')).toThrow('has 108 bytes and 107 fit');
    const twoBytesEach = `/${'é'.repeat(50)}`;
    expect(() => socketPath(twoBytesEach, 'messenger', 'events')).toThrow('has 118 bytes');
  });
});
