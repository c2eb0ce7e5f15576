import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, repositoryRoot, until, type EarshotNode, type Pm2Process } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';
import { contentOf, found } from './secrets.js';
import { noTerminal, Terminal } from './terminal.js';

const describeInTerminal = noTerminal === undefined ? describe : describe.skip;

describe('a node under pm2', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  const word = 'kestrel-under-supervision';

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    alice = await neighbourhood.node('alice', { supervisor: 'pm2' });
    bob = await neighbourhood.node('bob');
    await Promise.all([alice.start(), bob.start()]);
    await sees(alice, 'bob');
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  const online = Object.fromEntries(APPS.map((app) => [`alice-${app}`, 'online']));

  it('has its four processes online from `pm2 start ecosystem.config.js`', async () => {
    expect(await alice.pm2.status()).toEqual(online);
    await sendAndWait(alice, 'bob', word);
  });

  it.each(APPS)('delivers the next message after a restart of its %s', async (app) => {
    const before = await alice.pid(app);
    await alice.restart(app);
    expect(await alice.pid(app)).not.toBe(before);
    await sendAndWait(alice, 'bob', `after the restart of ${app}`);
    await sendAndWait(bob, 'alice', `answer after the restart of ${app}`);
  });

  it.each(APPS)('delivers the next message after its %s was killed', async (app) => {
    await alice.kill(app);
    await sendAndWait(alice, 'bob', `after the end of ${app}`);
    await sendAndWait(bob, 'alice', `answer after the end of ${app}`);
    await until('all services answer', async () => (await alice.command(['status'])).code === 0);
    expect((await texts(bob, 'alice')).slice(-2)).toEqual([
      `after the end of ${app}`,
      `answer after the end of ${app}`,
    ]);
  });

  it('has lost and doubled nothing by then, on either side', async () => {
    const atAlice = await texts(alice, 'bob');
    expect(atAlice).toEqual(await texts(bob, 'alice'));
    expect(atAlice).toHaveLength(1 + 4 * APPS.length);
    expect(new Set(atAlice).size).toBe(atAlice.length);
  });

  it('is not restarted where no restart can help', async () => {
    const taken = await neighbourhood.node('carol', { supervisor: 'pm2', env: { EARSHOT_PORT: String(alice.port) } });
    await taken.pm2.run('start', 'ecosystem.config.js', '--only', 'carol-messenger');
    const state = async (): Promise<Pm2Process['pm2_env'] | undefined> => (await taken.pm2.list())[0]?.pm2_env;
    await until('the messenger has given up', async () => (await state())?.exit_code === 78);
    // pm2 shows "waiting restart" where there is a back-off, and yet must not start it: not after ten times that back-off.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await state()).toMatchObject({ exit_code: 78, restart_time: 0 });
    expect(await taken.pid('messenger')).toBeUndefined();
  });

  it('leaves no text and no secret in what pm2 keeps, in logs, in environments and in command lines', async () => {
    await alice.pm2.run('save');
    const key = createPrivateKey(readFileSync(join(alice.home, 'identity.key')));
    const secrets = {
      'message text': word,
      'http token': readFileSync(join(alice.home, 'http-token'), 'utf8').trim(),
      'private key': key.export({ format: 'der', type: 'pkcs8' }).subarray(-32),
    };
    const pm2 = contentOf(alice.pm2.home);
    expect(pm2.files.map((file) => file.slice(alice.pm2.home.length + 1))).toEqual(
      expect.arrayContaining(['dump.pm2', 'pm2.log']),
    );
    const logs = contentOf(join(alice.home, 'logs'));
    expect(logs.files.length).toBeGreaterThanOrEqual(3);
    const bytes = [pm2.bytes, logs.bytes, Buffer.from(alice.pm2.printed)];
    if (process.platform === 'linux') {
      for (const app of APPS) {
        const pid = String(await alice.pid(app));
        bytes.push(readFileSync(`/proc/${pid}/environ`), readFileSync(`/proc/${pid}/cmdline`));
      }
    }
    expect(found(secrets, Buffer.concat(bytes))).toEqual([]);
    // The search does find them where they belong.
    expect(found(secrets, contentOf(alice.home).bytes)).toEqual(Object.keys(secrets));
  });

  it('shows the line console to who attaches to it, and takes lines from there', async () => {
    const id = (await alice.pm2.list()).find((entry) => entry.name === 'alice-console')?.pm_id;
    const attached = alice.pm2.attach(String(id));
    try {
      // What stands on the screen already is not replayed; an empty line asks for it.
      await until('the console answers an empty line', () => {
        attached.type('\n');
        return attached.lines.length > 0;
      });
      attached.type('/help\n');
      await attached.line('the help is shown', (line) => line.includes('/quit'));
      attached.type('/quit\n');
      attached.type('/help\n');
      await until('quit has not ended it', () => attached.lines.filter((line) => line.includes('/quit')).length >= 2);
    } finally {
      await attached.stop();
    }
    expect(await alice.pm2.status()).toEqual(online);
  });

  describeInTerminal('in the full screen', () => {
    it('starts what is down, with one key', async () => {
      await alice.pm2.run('stop', 'alice-messenger', 'alice-logserver');
      const terminal = new Terminal(neighbourhood.path, { ...alice.env, PM2_HOME: alice.pm2.home }, 24);
      try {
        const show = await terminal.show(process.execPath, join(repositoryRoot, 'earshot'));
        await show.sees(/! messenger, logserver down: F5 starts what is down/);
        await show.type('F5');
        await show.sees('Started: messenger, logserver.');
        await show.type('F5');
        await show.sees('All of them run.');
        await show.type('C-d');
        await show.over();
      } finally {
        await terminal.close();
      }
      expect(await alice.pm2.status()).toEqual(online);
    });
  });

  it('stops cleanly and is deleted', async () => {
    await alice.stop();
    expect(Object.values(await alice.pm2.status())).toEqual(APPS.map(() => 'stopped'));
    expect((await alice.command(['status'])).code).toBe(4);
    await until('bob sees alice leave', async () =>
      (await bob.ask('peers')).some((peer) => peer['username'] === 'alice' && peer['presence'] === 'away'),
    );
    expect((await alice.pm2.run('delete', 'ecosystem.config.js')).code).toBe(0);
    expect(await alice.pm2.status()).toEqual({});
  });
});
