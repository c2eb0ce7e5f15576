import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, type BackgroundCommand, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';

async function idOf(node: EarshotNode): Promise<string> {
  return String((await node.ask('whoami'))[0]?.['id']);
}

async function done(node: EarshotNode, ...args: string[]): Promise<void> {
  expect(await node.command(args)).toMatchObject({ code: 0 });
}

const trustIn = async (node: EarshotNode, peer: string): Promise<unknown> =>
  (await node.ask('whois', peer))[0]?.['trust'];

describe('somebody else who takes the name of a person one knows', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let mallory: EarshotNode;
  let screen: BackgroundCommand;
  let real: string;
  let other: string;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    [alice, bob] = await neighbourhood.aliceAndBob();
    real = await idOf(alice);
    await sendAndWait(bob, 'alice', 'is it you?');
    await alice.stop();
    await bob.ask('send', 'alice', 'for alice alone');
    screen = bob.follow(['--plain']);
    await screen.line('the console is up', (line) => line.startsWith('You are bob.'));
    mallory = await neighbourhood.node('mallory', { env: { EARSHOT_USERNAME: 'alice' } });
    await mallory.start();
    other = await idOf(mallory);
    await until('bob hears of the other alice', async () =>
      (await bob.ask('peers')).some((peer) => peer['id'] === other),
    );
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('is announced in the console by a banner with both tags', async () => {
    await screen.line('the banner', (line) => line.startsWith('! SOMEBODY ELSE CALLS THEMSELVES alice'));
    await screen.line('its end', (line) => line.includes('same person with a new machine'));
    const shown = screen.lines.join('\n');
    expect(shown).toContain(`! SOMEBODY ELSE CALLS THEMSELVES alice: alice#${other.slice(0, 10)} at 127.0.0.1:`);
    expect(shown).toContain(
      `! The one you know is alice#${real.slice(0, 10)}: what you wrote to them goes to them alone.`,
    );
    screen.type('\n');
    await screen.line('an empty line says it again', (line) =>
      line.startsWith(`! alice#${other.slice(0, 10)} is NOT the one you know`),
    );
  });

  it('is marked in `peers`, and not in what scripts read', async () => {
    const { stdout } = await bob.command(['peers']);
    const marked = stdout.split('\n').filter((line) => line.includes('NOT the one you know'));
    expect(marked).toHaveLength(1);
    expect(marked[0]).toContain(`alice#${other.slice(0, 10)}`);
    for (const peer of await bob.ask('peers'))
      expect(Object.keys(peer)).toEqual(['id', 'username', 'address', 'presence', 'lastSeen', 'trust']);
  });

  it.each([['alice'], ['ALICE'], ['ａlice']])(
    'makes %s ambiguous: nothing is sent, and both are named',
    async (name) => {
      const { code, stdout, stderr } = await bob.command(['send', name, 'who gets this?']);
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(new RegExp(`\\* alice#${real.slice(0, 10)} {2}accepted`));
      expect(stderr).toMatch(new RegExp(` {4}alice#${other.slice(0, 10)} {2}new .*NOT the one you know`));
    },
  );

  it('is named on the log page beside the conversation with the one whom one knows', async () => {
    const token = readFileSync(join(bob.home, 'http-token'), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${bob.port + 1}/api/v1/conversations`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items } = (await answer.json()) as { items: { peer: string; claims: unknown[] }[] };
    expect(items.map(({ peer, claims }) => [peer, claims])).toEqual([
      [real, [{ id: other, username: 'alice', address: expect.stringMatching(/^127\.0\.0\.1:/) as string }]],
    ]);
  });

  it('gets nothing of what waits, not even by writing first; the one who was meant gets it', async () => {
    await mallory.ask('send', 'bob', 'I am alice, send it to me');
    await screen.line('what it wrote is shown as not hers', (line) =>
      line.includes(`alice#${other.slice(0, 10)} (NOT the one you know): I am alice, send it to me`),
    );
    await alice.start();
    await sees(alice, 'bob');
    await until('alice has it', async () => (await texts(alice, 'bob', 'received')).includes('for alice alone'));
    expect(await texts(mallory, 'bob', 'received')).toEqual([]);
  });

  it('is out of the way once it is blocked', async () => {
    await done(bob, 'block', `alice#${other.slice(0, 10)}`);
    await sendAndWait(bob, 'alice', 'without a tag');
    expect((await texts(alice, 'bob', 'received')).at(-1)).toBe('without a tag');
    expect((await bob.command(['peers'])).stdout).not.toContain('NOT the one you know');
  });
});

describe('a stranger', () => {
  let neighbourhood: Neighbourhood;
  beforeEach(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
  });
  afterEach(async () => {
    await neighbourhood.close();
  });

  it('waits until the user accepts one and blocks the other', async () => {
    const [alice, bob] = await neighbourhood.aliceAndBob();
    const carol = await neighbourhood.node('carol');
    await carol.start();
    await sees(carol, 'bob');
    await alice.ask('send', 'bob', 'may I?');
    await carol.ask('send', 'bob', 'and I?');
    await until('both wait', async () => {
      const { stdout } = await bob.command(['peers']);
      return stdout.match(/ {2}! wrote 1 message: `earshot accept` or `earshot block`/g)?.length === 2;
    });
    await done(bob, 'accept', 'alice');
    await done(bob, 'block', 'carol');
    expect([await trustIn(bob, 'alice'), await trustIn(bob, 'carol')]).toEqual(['accepted', 'blocked']);
    await sendAndWait(alice, 'bob', 'thank you');
    const [refused] = await carol.ask('send', 'bob', 'hello?', '--wait', 'queued');
    expect(refused?.['state']).toBe('queued');
    // Nothing tells carol that she was blocked: bob is there and does not take it, for whatever reason.
    expect((await carol.command(['send', 'bob', 'hello??', '--wait', 'delivered', '--timeout', '2'])).code).toBe(5);
    expect(await texts(bob, 'carol')).toEqual(['and I?']);
    expect(await texts(bob, 'alice')).toEqual(['may I?', 'thank you']);
  });

  it('comes straight in under EARSHOT_POLICY=open', async () => {
    const bob = await neighbourhood.node('bob', { env: { EARSHOT_POLICY: 'open' } });
    const alice = await neighbourhood.node('alice');
    await Promise.all([alice.start(), bob.start()]);
    await sees(alice, 'bob');
    const lines = Array.from({ length: 30 }, (_, i) => `n${i}`);
    const { code } = await alice.command(['send', 'bob', '-', '--wait', 'delivered'], `${lines.join('\n')}\n`);
    expect(code).toBe(0);
    expect([await texts(bob, 'alice'), await trustIn(bob, 'alice')]).toEqual([lines, 'accepted']);
  });

  it('who had the name first does not get what is meant for the person who has it later', async () => {
    const bob = await neighbourhood.node('bob');
    const mallory = await neighbourhood.node('mallory', { env: { EARSHOT_USERNAME: 'alice' } });
    await Promise.all([bob.start(), mallory.start()]);
    await Promise.all([sees(bob, 'alice'), sees(mallory, 'bob')]);
    await mallory.ask('send', 'bob', 'I am alice');
    const alice = await neighbourhood.node('alice');
    await alice.start();
    const real = await idOf(alice);
    await until('bob hears her', async () => (await bob.ask('peers')).some((peer) => peer['id'] === real));
    expect((await bob.command(['send', 'alice', 'for the real one'])).code).toBe(3);
    await sendAndWait(bob, `alice#${real.slice(0, 10)}`, 'for the real one');
    expect(await texts(mallory, 'bob', 'received')).toEqual([]);
    // From now on it is the other one who is marked.
    const { stdout } = await bob.command(['peers']);
    expect(stdout).toMatch(new RegExp(`alice#${(await idOf(mallory)).slice(0, 10)} .*NOT the one you know`));
  });
});

describe('comparing safety numbers', () => {
  it('shows both the same 60 digits, which make the other one verified', async () => {
    const neighbourhood = await Neighbourhood.onThisMachine();
    try {
      const [alice, bob] = await neighbourhood.aliceAndBob();
      const [[ofAlice], [ofBob]] = [await alice.ask('verify', 'bob'), await bob.ask('verify', 'alice')];
      const number = String(ofBob?.['safetyNumber']);
      expect(Object.keys(ofAlice ?? {})).toEqual(['id', 'username', 'trust', 'safetyNumber']);
      expect([ofAlice?.['safetyNumber'], number]).toEqual([number, expect.stringMatching(/^\d{5}( \d{5}){11}$/)]);
      expect((await alice.command(['verify', 'bob', '--confirm', number.replace(/^./, '?')])).code).toBe(2);
      expect((await alice.command(['verify', 'bob', '--confirm', '00000 '.repeat(12)])).code).toBe(1);
      expect(await trustIn(alice, 'bob')).toBe('new');
      expect((await alice.command(['verify', 'bob', '--confirm', number])).code).toBe(0);
      // Verified by hand, and not by telling the other side.
      expect([await trustIn(alice, 'bob'), await trustIn(bob, 'alice')]).toEqual(['verified', 'new']);
      await done(alice, 'register', 'alicia');
      await until('bob hears the new name of the same alice', async () =>
        (await bob.ask('peers')).some(({ id, username }) => id === ofBob?.['id'] && username === 'alicia'),
      );
      expect((await bob.ask('verify', 'alicia'))[0]?.['safetyNumber']).toBe(number);
    } finally {
      await neighbourhood.close();
    }
  });
});
