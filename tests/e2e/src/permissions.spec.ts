import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, thisMachine, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait } from './neighbourhood.js';

const NOBODY = 65_534;
const LOG_FILE_MAX_BYTES = 2 * 1024 * 1024;
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

/** `ls -lR`: everything below a folder, and the folder itself, with what others may do with it. */
function openToOthers(folder: string): { seen: string[]; open: string[] } {
  const paths = [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))];
  const open = paths.filter((path) => {
    const stats = lstatSync(path);
    const wanted = stats.isDirectory() ? 0o700 : 0o600;
    return (stats.mode & 0o777) !== wanted || stats.uid !== process.getuid?.() || stats.isSymbolicLink();
  });
  return { seen: paths, open: open.map((path) => `${path} ${(lstatSync(path).mode & 0o777).toString(8)}`) };
}

describe.each(['000', '022'])('with the umask %s', (umask) => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let temporary: string;
  let before: number;
  const commands: (number | null)[] = [];

  beforeAll(async () => {
    before = process.umask(parseInt(umask, 8));
    neighbourhood = await Neighbourhood.onThisMachine();
    alice = await neighbourhood.node('alice', { supervisor: 'pm2' });
    // Too long for a socket below it: its sockets lie in the temporary folder, where everybody can write.
    temporary = join(neighbourhood.path, 'tmp');
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    const home = join(neighbourhood.path, 'far', 'x'.repeat(90));
    bob = await neighbourhood.node('bob', { env: { TMPDIR: temporary, EARSHOT_HOME: home } });
    // A log that is full, from a time when it was open to others.
    mkdirSync(join(alice.home, 'logs'), { recursive: true });
    writeFileSync(join(alice.home, 'logs/messenger.log'), 'x'.repeat(LOG_FILE_MAX_BYTES), { mode: 0o666 });
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    await sendAndWait(alice, 'bob', 'for nobody else');
    await sendAndWait(bob, 'alice', 'nor this');
    for (const command of [
      ['config', 'set', 'logLevel', 'debug'],
      ['logs', '--url'],
      ['export', 'bob'],
    ])
      commands.push((await alice.command(command)).code);
    await alice.restart('messenger');
    await alice.kill('messenger');
    await sendAndWait(alice, 'bob', 'after a restart and an end');
    await alice.pm2.run('save');
  });
  afterAll(async () => {
    process.umask(before);
    await neighbourhood.close();
  });

  it('a data folder is its owner’s alone, with all that is in it', () => {
    expect(commands).toEqual([0, 0, 0]);
    const { seen, open } = openToOthers(alice.home);
    expect(open).toEqual([]);
    expect(seen.map((path) => path.slice(alice.home.length + 1))).toEqual(
      expect.arrayContaining([
        ...['config.json', 'history.db', 'history.db-wal', 'history.db-shm', 'http-token', 'identity.key'],
        ...['ipc/messenger.rpc', 'ipc/messenger.events', 'ipc/discovery.rpc', 'ipc/logserver.rpc', 'ipc/console.rpc'],
        ...['locks/messenger.lock', 'locks/messenger.pid', 'logs/messenger.log', 'logs/messenger.log.1'],
      ]),
    );
  });

  it('so are sockets in the temporary folder, and the data folder that has none', () => {
    const [folder = '', ...others] = readdirSync(temporary);
    expect(others).toEqual([]);
    const { seen, open } = openToOthers(join(temporary, folder));
    expect(open).toEqual([]);
    expect(seen.map((path) => path.slice(path.lastIndexOf('/') + 1))).toContain('messenger.rpc');
    expect(openToOthers(bob.home).open).toEqual([]);
    expect(existsSync(join(bob.home, 'ipc'))).toBe(false);
  });

  it('nobody else can enter the home of pm2, whose own files and sockets have other modes', () => {
    const { seen } = openToOthers(alice.pm2.home);
    expect(seen.map((path) => path.slice(alice.pm2.home.length + 1))).toEqual(
      expect.arrayContaining(['dump.pm2', 'rpc.sock', 'pub.sock', 'pm2.log', 'pm2.pid']),
    );
    expect(lstatSync(alice.pm2.home).mode & 0o777).toBe(0o700);
  });

  it('`npm start` and `npm stop` make the home of pm2 for its user alone', async () => {
    const home = join(neighbourhood.path, 'newcomer');
    mkdirSync(home);
    const env = { ...alice.env, HOME: home, EARSHOT_PROFILE: 'newcomer' };
    const script = (...words: string[]) => thisMachine.exec(process.execPath, words, { cwd: repositoryRoot, env });
    try {
      expect((await script('scripts/stop.mjs')).stdout).toContain('Earshot is not running.');
      expect(lstatSync(join(home, '.pm2')).mode & 0o777).toBe(0o700);
    } finally {
      await script('node_modules/pm2/bin/pm2', 'kill');
    }
  });
});

describeAsRoot('a place that is not ours alone (needs root, for another user)', () => {
  let neighbourhood: Neighbourhood;
  let number = 0;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  /** Somebody who ran once and then stopped, so that everything is there. */
  async function settled(env: Record<string, string> = {}): Promise<EarshotNode> {
    const node = await neighbourhood.node(`user${(number += 1)}`, { env });
    await node.start();
    await node.stop();
    return node;
  }

  async function expectRefused(node: EarshotNode, app: 'messenger' | 'logserver', text: RegExp): Promise<void> {
    const { code, stderr } = await node.run(app);
    expect([code, stderr]).toEqual([78, expect.stringMatching(text)]);
  }

  it('is refused as a data folder: of another user, also behind a link', async () => {
    const node = await settled();
    chownSync(node.home, NOBODY, NOBODY);
    await expectRefused(
      node,
      'messenger',
      /data belongs to another user .*: run Earshot as its owner, or choose another/,
    );
    expect((await node.command(['peers'])).code).toBe(78);
    const link = join(neighbourhood.path, 'link');
    symlinkSync(node.home, link);
    const { code, stderr } = await node.run('messenger', { EARSHOT_HOME: link });
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining(`${link} is a symbolic link to a folder of another user`),
    ]);
    expect(existsSync(join(node.home, 'identity.key'))).toBe(true);
  });

  it('is closed to others where it is ours', async () => {
    const node = await settled();
    chmodSync(node.home, 0o750);
    await node.start();
    expect(openToOthers(node.home).open).toEqual([]);
  });

  it.each([
    ['messenger', 'identity.key', /identity .*identity\.key can be read by others \(mode 644\): .*chmod 600/],
    ['logserver', 'http-token', /access token .*http-token can be read by others \(mode 644\): .*chmod 600/],
  ] as const)('is refused by the %s for its %s, which stays as it is', async (app, name, text) => {
    const node = await settled();
    const secret = readFileSync(join(node.home, name));
    chmodSync(join(node.home, name), 0o644);
    await expectRefused(node, app, text);
    expect(readFileSync(join(node.home, name))).toEqual(secret);
    expect(lstatSync(join(node.home, name)).mode & 0o777).toBe(0o644);
  });

  it.each([
    [
      'made by another user',
      /earshot-\S+ belongs to another user/,
      (folder: string) => {
        mkdirSync(folder, { mode: 0o777 });
        writeFileSync(join(folder, 'messenger.rpc'), 'theirs');
        chownSync(folder, NOBODY, NOBODY);
      },
    ],
    [
      'a link to one that they can enter',
      /earshot-\S+ is a symbolic link, .*: remove it/,
      (folder: string) => {
        mkdirSync(`${folder}-theirs`, { mode: 0o777 });
        writeFileSync(join(`${folder}-theirs`, 'messenger.rpc'), 'theirs');
        symlinkSync(`${folder}-theirs`, folder);
      },
    ],
  ])('is refused as the folder of the sockets in the temporary folder: %s', async (_, text, prepare) => {
    const temporary = join(neighbourhood.path, `tmp${number}`);
    mkdirSync(temporary);
    const env = { TMPDIR: temporary, EARSHOT_HOME: join(neighbourhood.path, `far${number}`, 'x'.repeat(90)) };
    const victim = await neighbourhood.node(`user${(number += 1)}`, { env });
    // Its name is drawn from the data folder: whoever knows that can be there first.
    await victim.command(['peers']);
    await victim.start(['messenger']);
    await victim.stop(['messenger']);
    const folder = join(temporary, readdirSync(temporary)[0] ?? '');
    rmSync(folder, { recursive: true });
    prepare(folder);
    await expectRefused(victim, 'messenger', text);
    // Nor does a command say anything to whoever plays the messenger there.
    const { code, stderr } = await victim.command(['send', 'bob', 'for bob alone']);
    expect([code, stderr]).toEqual([78, expect.stringMatching(text)]);
    expect(readFileSync(join(folder, 'messenger.rpc'), 'utf8')).toBe('theirs');
  });

  it.each([
    [
      'a file',
      (path: string, precious: string) => {
        writeFileSync(path, precious);
      },
    ],
    [
      'a symbolic link',
      (path: string, precious: string) => {
        writeFileSync(`${path}-precious`, precious);
        symlinkSync(`${path}-precious`, path);
      },
    ],
  ])('is refused where %s stands in the place of a socket, which stays', async (what, prepare) => {
    const node = await settled();
    const socket = join(node.home, 'ipc/messenger.rpc');
    rmSync(socket, { force: true });
    prepare(socket, 'precious');
    await expectRefused(node, 'messenger', new RegExp(`socket ${socket}: ${what} stands in its place: move it away`));
    expect(readFileSync(socket, 'utf8')).toBe('precious');
  });
});
