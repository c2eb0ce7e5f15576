import { chmodSync, chownSync, mkdirSync, openSync, readFileSync, closeSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { APPS, until, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sendAndWait, texts } from './neighbourhood.js';

/** No restart cures it: ecosystem.config.js leaves such a process stopped. */
const MISCONFIGURED = 78;

describe('a node that cannot start says why and how to go on', () => {
  let neighbourhood: Neighbourhood;
  let node: EarshotNode;
  let made = 0;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
  });
  beforeEach(async () => {
    node = await neighbourhood.node(`n${++made}`);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it.each(APPS)('when a setting is wrong: %s names it and an example', async (app) => {
    const { code, stderr } = await node.run(app, { EARSHOT_PORT: 'seven' });
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining('EARSHOT_PORT')]);
    expect(stderr).not.toContain('    at ');
  });

  it('when the log server is to listen on an address other than loopback', async () => {
    const { code, stderr } = await node.run('logserver', { EARSHOT_HTTP_HOST: '0.0.0.0' });
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining('EARSHOT_HTTP_HOST')]);
  });

  it.each([
    ['messenger', 0],
    ['logserver', 1],
  ] as const)('when the port of the %s is taken', async (app, offset) => {
    const squatter = createServer().listen(node.port + offset, app === 'logserver' ? '127.0.0.1' : '0.0.0.0');
    await until('the squatter listens', () => squatter.listening);
    const { code, stderr } = await node.run(app);
    await new Promise((resolve) => squatter.close(resolve));
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining(String(node.port + offset))]);
    expect(stderr).toContain('EARSHOT_PORT');
  });

  it.each(APPS)('when it runs already: a second %s names the first', async (app) => {
    await node.start();
    const { code, stderr } = await node.run(app);
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining(String(await node.pid(app)))]);
    // The first is not disturbed.
    expect((await node.command(['status'])).code).toBe(0);
    await node.stop();
  });

  it('when others may read the identity', async () => {
    await node.start();
    await node.stop();
    chmodSync(join(node.home, 'identity.key'), 0o644);
    const { code, stderr } = await node.run('messenger');
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining('identity.key')]);
    expect(stderr).toContain('chmod');
  });

  it('when the data folder is a file', async () => {
    writeFileSync(node.home, 'something else');
    for (const app of APPS) {
      const { code, stderr } = await node.run(app);
      expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining(node.home)]);
    }
    expect(readFileSync(node.home, 'utf8')).toBe('something else');
  });

  it('when the data folder belongs to somebody else or may not be written', async () => {
    mkdirSync(node.home);
    // Root may write everywhere, but must not write into another user's folder.
    if (process.getuid?.() === 0) chownSync(node.home, 65_534, 65_534);
    else chmodSync(node.home, 0o500);
    for (const app of APPS) {
      const { code, stderr } = await node.run(app);
      expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining(node.home)]);
    }
    chmodSync(node.home, 0o700);
  });

  it('when the database is damaged, which is never recreated', async () => {
    const peer = await neighbourhood.node(`peer${made}`);
    await Promise.all([node.start(), peer.start(['messenger', 'discovery'])]);
    await until(
      'they see each other',
      async () => (await node.ask('peers')).length > 0 && (await peer.ask('whoami')).length > 0,
    );
    await until('it is delivered', async () => {
      const peers = (await node.ask('peers')).map((entry) => entry['username']);
      if (!peers.includes(peer.name)) return false;
      await sendAndWait(node, peer.name, 'precious');
      return true;
    });
    await Promise.all([node.stop(), peer.stop(['messenger', 'discovery'])]);
    const database = join(node.home, 'history.db');
    const intact = readFileSync(database);
    const file = openSync(database, 'r+');
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    closeSync(file);
    const damaged = readFileSync(database);

    const { code, stderr } = await node.run('messenger');
    expect([code, stderr]).toEqual([MISCONFIGURED, expect.stringContaining('history.db')]);
    expect(stderr).toMatch(/restore|move/i);
    expect(readFileSync(database).equals(damaged)).toBe(true);

    // Restored from a copy, it is as it was.
    writeFileSync(database, intact);
    await node.start();
    expect(await texts(node, peer.name)).toEqual(['precious']);
    await node.stop();
  });
});
