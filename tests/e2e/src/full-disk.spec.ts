import { join } from 'node:path';
import { temporaryFolder, until, type EarshotNode } from '@earshot/testkit';
import { LineTraffic } from './line-traffic.js';
import { Neighbourhood, sees, sendAndWait } from './neighbourhood.js';
import { describeOnSmallDisk, SmallDisk } from './small-disk.js';
import { TailWatch, withoutKnocks } from './tail-watch.js';
import { conversation, differences, lastIsDelivered, NONE } from './whole-conversation.js';

const MIB = 1024 * 1024;
const SMALL = 2 * MIB;
const LARGE = 64 * MIB;
/** More than the small disk holds, with what an index of their words takes. */
const LINES = 2_500;
const PADDING = 1_000;
/** Of a long list of what is wrong. */
const FEW = 5;
const LAST = 'are you there?';

describeOnSmallDisk('a receiver on a disk of 2 MiB', () => {
  let neighbourhood: Neighbourhood;
  let disk: SmallDisk;
  const folder = temporaryFolder();
  let alice: EarshotNode;
  let bob: EarshotNode;
  let traffic: LineTraffic;
  let tail: TailWatch;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    disk = SmallDisk.mount(join(folder.path, 'disk'), SMALL);
    alice = await neighbourhood.node('alice');
    bob = await neighbourhood.node('bob', { env: { EARSHOT_HOME: disk.path } });
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    tail = await TailWatch.on(bob, alice);
  });
  afterAll(async () => {
    try {
      await neighbourhood.close();
    } finally {
      disk.unmount();
      folder.remove();
    }
  });

  it('stops acknowledging when it is full, and both users can see it', async () => {
    await sendAndWait(bob, 'alice', 'there is room for this');
    traffic = await LineTraffic.start(alice, 'bob', () => PADDING);
    traffic.type(LINES);
    await traffic.allStored();
    await until('the receiver is told', () => bob.output('console').includes('history cannot be written'), 60_000);
    // It stays queued, and says so.
    expect(await alice.command(['send', 'bob', LAST, '--wait', 'delivered', '--timeout', '1'])).toMatchObject({
      code: 5,
    });
    expect((await stored()).length).toBeLessThan(LINES);
    expect(await acknowledgedButNotStored()).toEqual([]);
  });

  const stored = async () =>
    withoutKnocks(await conversation(bob, 'alice')).filter((message) => message['direction'] === 'received');

  /** What the sender shows as delivered is read first: what comes in between does no harm. */
  async function acknowledgedButNotStored(): Promise<unknown[]> {
    const delivered = (await conversation(alice, 'bob')).filter((message) => message['state'] === 'delivered');
    const held = new Set((await conversation(bob, 'alice')).map((message) => message['id']));
    return delivered
      .map((message) => message['id'])
      .filter((id) => !held.has(id))
      .slice(0, FEW);
  }

  const servesAgain = () => until('it serves again', async () => (await bob.command(['status'])).code === 0);

  it('holds what it acknowledged after a crash and a restart on the full disk, and everything stays up', async () => {
    await bob.kill('messenger');
    await servesAgain();
    expect(await acknowledgedButNotStored()).toEqual([]);
    disk.fill();
    await bob.kill('messenger');
    await servesAgain();
    expect(await acknowledgedButNotStored()).toEqual([]);
  });

  it('goes on by itself when it is larger: everything arrives, in order and once', async () => {
    disk.resize(LARGE);
    expect(await traffic.end()).toBe(0);
    await lastIsDelivered(alice, 'bob', traffic.ids.at(-1));
    const texts = (await stored()).map((message) => message['text']);
    expect(
      differences(
        traffic.lines,
        texts.filter((text) => text !== LAST),
      ),
    ).toEqual(NONE);
    const messages = withoutKnocks(await conversation(bob, 'alice'));
    await tail.shows(messages.at(-1)?.['id']);
    expect(
      differences(
        messages.map((message) => message['id']),
        tail.messages.map((message) => message['id']),
      ),
    ).toEqual(NONE);
    await sendAndWait(bob, 'alice', 'there is room again');
  });
});

describeOnSmallDisk('a start on a full disk', () => {
  let neighbourhood: Neighbourhood;
  let disk: SmallDisk;
  let alice: EarshotNode;
  const folder = temporaryFolder();

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    disk = SmallDisk.mount(join(folder.path, 'disk'), SMALL);
    alice = await neighbourhood.node('alice', { env: { EARSHOT_HOME: disk.path } });
  });
  afterAll(async () => {
    try {
      await neighbourhood.close();
    } finally {
      disk.unmount();
      folder.remove();
    }
  });

  /** What a service says and exits with: 1, which the supervisor answers with another attempt, and not 78. */
  const start = async (app: 'messenger' | 'logserver') => {
    const { code, stderr } = await alice.run(app);
    return { code, says: /disk is full/.exec(stderr)?.[0] ?? stderr };
  };
  const REFUSED = { code: 1, says: 'disk is full' };

  it('is refused for now and says why, be it the very first one or a later one; with room again it works', async () => {
    disk.fill();
    expect([await start('messenger'), await start('logserver')]).toEqual([REFUSED, REFUSED]);
    disk.empty();
    await alice.start();
    const [me] = await alice.ask('whoami');
    await alice.stop();

    disk.fill();
    expect(await start('messenger')).toEqual(REFUSED);
    disk.empty();
    await alice.start();
    expect(await alice.ask('whoami')).toEqual([me]);
  });
});
