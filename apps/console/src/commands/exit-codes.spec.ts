import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EarshotNode, freeUdpPort, repositoryRoot, temporaryFolder, thisMachine } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

const NOBODY = 'z'.repeat(51) + 'a';
const NO_MESSAGE = '00000000-0000-4000-8000-00000000dead';

describe('a command with a messenger', () => {
  let talkers: Talkers;
  let nameless: EarshotNode;
  let folder: ReturnType<typeof temporaryFolder>;

  beforeAll(async () => {
    folder = temporaryFolder();
    talkers = await Talkers.meet();
    nameless = await EarshotNode.create({
      name: 'nameless',
      folder: folder.path,
      discoveryPort: await freeUdpPort(),
    });
    await nameless.start(['messenger']);
  });
  afterAll(async () => {
    await nameless.close();
    await talkers.part();
    folder.remove();
  });

  it.each([
    [0, ['--help']],
    [0, ['--version']],
    [0, ['send', '--help']],
    [0, ['help', 'peers']],
    [0, ['peers']],
    [0, ['whois', 'bob', '--json']],
    [0, ['presence']],
    [0, ['presence', '--clear', '--json']],
    [0, ['accept', 'bob']],
    [0, ['block', 'bob']],
    [1, ['send', 'bob', 'you are blocked']],
    [0, ['unblock', 'bob']],
    [1, ['unblock', 'bob']],
    [0, ['verify', 'bob', '--json']],
    [1, ['verify', 'bob', '--confirm', '00000 '.repeat(12)]],
    [2, ['verify', 'bob', '--confirm', '12345']],
    [3, ['verify', 'nobody']],
    [0, ['accept', 'bob']],
    [1, ['connect', '127.0.0.1:65533']],
    [0, ['outbox']],
    [1, ['cancel', NO_MESSAGE]],
    [1, ['why', NO_MESSAGE]],
    [2, ['frobnicate']],
    [2, ['--frobnicate']],
    [2, ['peers', 'bob']],
    [2, ['send', 'bob']],
    [2, ['send', 'bob', '']],
    [2, ['send', 'bob', 'x', '--timeout', 'soon']],
    [2, ['send', 'bob', 'x', '--id', '17']],
    [2, ['send', 'bob', '-', '--id', '00000000-0000-4000-8000-000000000001']],
    [2, ['send', 'anna', 'to myself']],
    [2, ['history', 'bob', '--limit', '0']],
    [2, ['outbox', 'bob']],
    [2, ['cancel']],
    [2, ['cancel', '17']],
    [2, ['why', `${NO_MESSAGE}0`]],
    [2, ['export', 'bob', '--format', 'pdf']],
    [2, ['history', '']],
    [2, ['forget']],
    [2, ['forget', 'bob', '--before', 'yesterday']],
    [2, ['forget', 'bob', '--before', '2026-02-30']],
    [2, ['forget', 'bob', '--before', '2026-11-27T25:00']],
    [2, ['forget', 'bob', '--before', '27.11.2026']],
    [3, ['forget', 'nobody']],
    [2, ['connect', '::1']],
    [2, ['register', 'an na']],
    [2, ['presence', '--busy', '--free']],
    [2, ['presence', '--clear', '--text', 'x']],
    [2, ['presence', '--text', 'x'.repeat(65)]],
    [3, ['send', 'nobody', 'x']],
    [3, ['whois', NOBODY]],
    [3, ['history', 'nobody']],
    [3, ['export', 'nobody']],
    [4, ['status']],
    [4, ['logs', '--url']],
    [4, ['export', 'bob']],
    [78, ['config', 'get', 'prot']],
    [78, ['config', 'set', 'port', 'high']],
    [78, ['config', 'set', 'keys', 'nonsense=ctrl+g']],
  ] as const)('ends with %i for %j', async (expected, args) => {
    const { code, stdout, stderr } = await talkers.anna.command(args);
    // Data is for standard output; what went wrong is said on the other one, in words.
    const said = expected === 0 ? /^$|^earshot: \S/ : /^earshot: \S/;
    expect([code, stderr]).toEqual([expected, expect.stringMatching(said)]);
    expect(stderr).not.toMatch(/\n {4}at /);
    const printsNothing = expected === 2 || expected === 3;
    expect([printsNothing, stdout]).toEqual([printsNothing, printsNothing ? '' : stdout]);
  });

  it('ends with 6 for whoami and send while there is no name, with the way to one', async () => {
    const results = [await nameless.command(['whoami']), await nameless.command(['connect', `127.0.0.1:1`])];
    expect(results.map(({ code }) => code)).toEqual([6, 6]);
    for (const { stderr } of results) expect(stderr).toContain('earshot register <name>');
  });

  it('ends with 5 where the time is over, and prints the last state', async () => {
    await talkers.bob.stop(['messenger']);
    const args = ['send', 'bob', 'later', '--wait', 'delivered', '--timeout', '0.2', '--json'];
    const { code, json } = await talkers.anna.command(args);
    expect([code, json]).toEqual([5, [{ id: expect.any(String) as string, state: 'queued' }]]);
    await talkers.bob.start(['messenger']);
  });

  it('names the sizes of a message that is too long, even one that fits into no request', async () => {
    for (const bytes of [32_769, 100_000]) {
      const { code, stderr } = await talkers.anna.command(['send', 'bob', 'x'.repeat(bytes)]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(`32768 bytes.*${bytes} bytes`))]);
    }
  });

  it('answers a repeated id with the state it has, and refuses it for another text', async () => {
    const id = '11111111-1111-4111-8111-111111111111';
    const [first] = await talkers.anna.ask('send', 'bob', 'once', '--id', id, '--wait', 'delivered');
    const [again] = await talkers.anna.ask('send', 'bob', 'once', '--id', id.toUpperCase());
    expect([first, again]).toEqual([
      { id, state: 'delivered' },
      { id, state: 'delivered' },
    ]);
    expect((await talkers.anna.command(['send', 'bob', 'other', '--id', id])).code).toBe(2);
    const rows = await talkers.bob.ask('history', 'anna');
    expect(rows.filter((row) => row['text'] === 'once')).toHaveLength(1);
  });

  it('ends with 2 and its help for config alone', async () => {
    const { code, stderr } = await talkers.anna.command(['config']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('config set port')]);
  });

  it('says which command was probably meant', async () => {
    expect((await talkers.anna.command(['sned', 'bob', 'x'])).stderr).toContain('did you mean send?');
  });

  it('shows and changes what one says of oneself, what is not named stays', async () => {
    expect(await talkers.anna.ask('presence', '--busy', '--text', 'at lunch')).toEqual([
      { busy: true, status: 'at lunch' },
    ]);
    expect(await talkers.anna.ask('presence', '--free')).toEqual([{ busy: false, status: 'at lunch' }]);
    expect((await talkers.anna.command(['presence'])).stdout).toBe('Others see of you: at lunch\n');
    expect(await talkers.anna.ask('presence', '--busy')).toEqual([{ busy: true, status: 'at lunch' }]);
    expect(await talkers.anna.ask('presence', '--clear')).toEqual([{ busy: false, status: '' }]);
  });

  it('goes back in the history page by page', async () => {
    for (const text of ['first', 'second', 'third']) await talkers.anna.ask('send', 'bob', text);
    const [second, third] = await talkers.anna.ask('history', 'bob', '--limit', '2');
    expect([second?.['text'], third?.['text']]).toEqual(['second', 'third']);
    const [first] = await talkers.anna.ask('history', 'bob', '--limit', '1', '--before', String(second?.['id']));
    expect(first).toMatchObject({ text: 'first', direction: 'sent', username: 'bob' });
    expect(Object.keys(first ?? {})).toEqual([
      'id',
      'peer',
      'username',
      'direction',
      'text',
      'sentAt',
      'committedAt',
      'state',
    ]);
  });

  it('prints JSON that a terminal only shows, and text that cannot pass for another line', async () => {
    const text = 'a\u001b[2J\u009b\u202eb\nanna: forged';
    await talkers.anna.ask('send', 'bob', text, '--wait', 'delivered');
    const json = await talkers.bob.command(['history', 'anna', '--limit', '1', '--json']);
    expect(json.json[0]?.['text']).toBe(text);
    expect(json.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u0080-\u009f\u202e]/);
    const plain = await talkers.bob.command(['history', 'anna', '--limit', '1']);
    expect(plain.stdout).toContain('a\\u{1b}[2J\\u{9b}\\u{202e}b\n  | anna: forged');
  });
});

describe('a command without a messenger', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let env: Record<string, string>;
  const main = join(repositoryRoot, 'apps/console/dist/main.js');
  const earshot = (args: readonly string[], more: Record<string, string> = {}) =>
    thisMachine.exec(process.execPath, [main, ...args], { env: { ...env, ...more } });

  beforeEach(() => {
    folder = temporaryFolder();
    env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, EARSHOT_HOME: join(folder.path, 'data') };
  });
  afterEach(() => {
    folder.remove();
  });

  it.each([
    [['peers']],
    [['status']],
    [['whoami']],
    [['send', 'bob', 'x']],
    [['tail']],
    [['peers', '--watch']],
    [['outbox']],
    [['cancel', NO_MESSAGE]],
    [['why', NO_MESSAGE]],
    [['export', 'bob']],
  ])('ends %j with 4, names the service and what starts it, and creates nothing', async (args) => {
    const { code, stderr } = await earshot(args, { EARSHOT_PROFILE: 'anna' });
    expect(code).toBe(4);
    expect(stderr).toContain('the messenger is not running');
    expect(stderr).toContain('pm2 restart anna-messenger');
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  it.each([[['--plain']], [[]]])('ends the console with nothing to read: %j', async (args) => {
    const { code, stdout } = await earshot(args);
    expect([code, stdout]).toEqual([0, expect.stringContaining('the messenger is not running')]);
  });

  it.each([
    ['a relative folder', { EARSHOT_HOME: 'data' }, 'EARSHOT_HOME'],
    ['a profile that is no name', { EARSHOT_PROFILE: '../x' }, 'EARSHOT_PROFILE'],
    ['a setting that does not exist', { EARSHOT_PROFIL: 'anna' }, 'did you mean EARSHOT_PROFILE?'],
    ['a value that cannot be', { EARSHOT_PORT: 'high' }, 'EARSHOT_PORT'],
  ])('ends with 78 for %s', async (_, more, named) => {
    for (const args of [['peers'], ['send', 'bob', 'x'], ['status'], ['--plain']]) {
      const { code, stderr } = await earshot(args, more);
      expect([args, code, stderr]).toEqual([args, 78, expect.stringContaining(named)]);
    }
  });

  it('ends with 78 for a data folder that is a file, and for a config.json that is wrong, which config set repairs', async () => {
    writeFileSync(join(folder.path, 'data'), '');
    expect((await earshot(['peers'])).code).toBe(78);

    const home = join(folder.path, 'home');
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, 'config.json'), '{"port": "high"}');
    const { code, stderr } = await earshot(['peers'], { EARSHOT_HOME: home });
    expect([code, stderr]).toEqual([78, expect.stringContaining('config.json')]);
    expect((await earshot(['config', 'set', 'port', '7101'], { EARSHOT_HOME: home })).code).toBe(0);
    expect((await earshot(['config', 'get', 'port'], { EARSHOT_HOME: home })).stdout).toBe('7101\n');
    expect((await earshot(['peers'], { EARSHOT_HOME: home })).code).toBe(4);
  });

  it('can change a setting before the first start, in a folder for the owner alone', async () => {
    expect((await earshot(['config', 'set', 'port', '7101'])).code).toBe(0);
    expect((await earshot(['config', 'get', 'port'])).stdout).toBe('7101\n');
    expect((await earshot(['config', 'set', 'port', ''])).code).toBe(0);
    expect((await earshot(['config', 'get', 'port'])).stdout).toBe('7001\n');
  });
});
