import { APPS, until, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sees } from './neighbourhood.js';

describe('the exit code of a command', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let nameless: EarshotNode;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    alice = await neighbourhood.node('alice');
    // Nobody has chosen a name here yet: an empty variable counts as none.
    nameless = await neighbourhood.node('nameless', { env: { EARSHOT_USERNAME: '' } });
    const twins = await Promise.all([
      neighbourhood.node('carol'),
      neighbourhood.node('carol2', { env: { EARSHOT_USERNAME: 'carol' } }),
    ]);
    const away = await neighbourhood.node('away');
    await Promise.all([
      alice.start(),
      nameless.start(),
      away.start(['messenger', 'discovery']),
      ...twins.map((twin) => twin.start(['messenger', 'discovery'])),
    ]);
    await sees(alice, 'away');
    await away.stop(['messenger', 'discovery']);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it.each([
    ['an option that does not exist', ['peers', '--colour']],
    ['a command that does not exist', ['shout', 'bob']],
    ['no text', ['send', 'bob']],
    ['an empty text', ['send', 'away', '']],
    ['a text over 32 768 bytes', ['send', 'away', 'x'.repeat(32_769)]],
    ['a state that does not exist', ['send', 'away', 'hi', '--wait', 'read']],
    ['a limit that is no number', ['history', 'away', '--limit', 'many']],
    ['a message to oneself', ['send', 'alice', 'hi']],
    ['a name with a space', ['register', 'al ice']],
    ['an over-long name', ['register', 'a'.repeat(33)]],
  ])('is 2 for %s', async (_, args) => {
    const { code, stdout, stderr } = await alice.command(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });

  it('is 3 for somebody whom nobody knows, and the name is in the answer', async () => {
    const { code, stdout, stderr } = await alice.command(['send', 'zelda', 'hi']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('zelda');
  });

  it('is 3 for a name that two people have, and both are offered with their tags', async () => {
    const carols = await until('both carols are seen', async () => {
      const found = (await alice.ask('peers')).filter((peer) => peer['username'] === 'carol');
      return found.length === 2 && found;
    });
    const { code, stderr } = await alice.command(['send', 'carol', 'hi']);
    expect(code).toBe(3);
    for (const carol of carols) expect(stderr).toContain(`carol#${String(carol['id']).slice(0, 10)}`);
    const [first] = carols;
    const [sent] = await alice.ask(
      'send',
      `carol#${String(first?.['id']).slice(0, 10)}`,
      'just you',
      '--wait',
      'delivered',
    );
    expect(sent?.['state']).toBe('delivered');
  });

  it('is 5 when the time is over, and the message stays queued', async () => {
    const { code, json } = await alice.command([
      'send',
      'away',
      'later',
      '--wait',
      'delivered',
      '--timeout',
      '1',
      '--json',
    ]);
    expect(code).toBe(5);
    expect(json).toHaveLength(1);
    expect(json[0]).toMatchObject({ state: 'queued' });
    expect((await alice.ask('history', 'away')).map((row) => [row['text'], row['state']])).toEqual([
      ['later', 'queued'],
    ]);
  });

  it('is 6 before there is a name, and the way to one is in the answer', async () => {
    for (const args of [['whoami'], ['send', 'alice', 'hi']]) {
      const { code, stderr } = await nameless.command(args);
      expect([args[0], code]).toEqual([args[0], 6]);
      expect(stderr).toContain('earshot register');
    }
  });

  it('is 0 for all four services of a node that has no name, which announces nothing', async () => {
    expect((await nameless.command(['status'])).code).toBe(0);
    await sees(alice, 'carol');
    expect((await alice.ask('peers')).map((peer) => peer['username'])).not.toContain('nameless');
  });

  it('is 0 after register, and the name stays for the next start', async () => {
    const dora = await neighbourhood.node('dora', { env: { EARSHOT_USERNAME: '' } });
    await dora.start();
    expect((await dora.command(['register', 'Özmen'])).code).toBe(0);
    await sees(alice, 'Özmen');
    await dora.stop(APPS);
    await dora.start();
    expect((await dora.ask('whoami'))[0]).toMatchObject({ username: 'Özmen' });
    await sees(alice, 'Özmen');
  });

  it('is 4 when a service is down, which is named with the command that starts it', async () => {
    await alice.stop(['messenger']);
    const { code, stderr } = await alice.command(['send', 'away', 'hi']);
    expect(code).toBe(4);
    expect(stderr).toContain('messenger');
    const status = await alice.command(['status', '--json']);
    expect(status.code).toBe(4);
    expect(status.json[0]?.['services']).toMatchObject({ messenger: { up: false }, discovery: { up: true } });
    await alice.start(['messenger']);
    expect((await alice.ask('history', 'away')).map((row) => row['text'])).toEqual(['later']);
  });
});
