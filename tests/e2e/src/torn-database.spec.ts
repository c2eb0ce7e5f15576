import { cpSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom, type EarshotNode } from '@earshot/testkit';
import { LineTraffic } from './line-traffic.js';
import { Neighbourhood, sees } from './neighbourhood.js';
import { conversation, differences, lastIsDelivered, NONE } from './whole-conversation.js';

const SEED = 4_211;
const LINES = 600;
const SUFFIXES = ['', '-wal', '-shm'];

/** The cuts themselves are the subject of apps/messenger/test/torn-database.spec.ts; this is what a user meets. */
describe(`a receiver that was killed, and whose history was cut (seed ${SEED})`, () => {
  const random = new SeededRandom(SEED);
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let traffic: LineTraffic;
  /** Of bob's history, as a kill leaves it. */
  let copy: string;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    alice = await neighbourhood.node('alice');
    bob = await neighbourhood.node('bob', { env: { EARSHOT_POLICY: 'open' } });
    await Promise.all([alice, bob].map((node) => node.start(['discovery', 'messenger'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    traffic = await LineTraffic.start(alice, 'bob', () => random.below(200));
    traffic.type(LINES);
    await bob.kill('messenger');
    await traffic.allStored();
    await lastIsDelivered(alice, 'bob', traffic.ids.at(-1));
    // Stopped in the middle of whatever it does, it leaves in its files what a kill would.
    const pid = (await bob.pid('messenger')) ?? 0;
    process.kill(pid, 'SIGSTOP');
    copy = join(neighbourhood.path, 'copy');
    mkdirSync(copy);
    for (const suffix of SUFFIXES) cpSync(history() + suffix, join(copy, `history.db${suffix}`));
    process.kill(pid, 'SIGCONT');
    await bob.stop(['messenger']);
  });
  afterAll(async () => {
    await traffic.end();
    await neighbourhood.close();
  });

  const history = () => join(bob.home, 'history.db');
  const restore = () => {
    for (const suffix of SUFFIXES) {
      rmSync(history() + suffix, { force: true });
      cpSync(join(copy, `history.db${suffix}`), history() + suffix);
    }
  };

  it.each([
    ['empty', 0],
    ['cut in its first page', 1_000],
    ['cut in the middle', 9_000],
  ])('is told of the file and the way out when the database is %s, and nothing is made anew', async (_, bytes) => {
    restore();
    rmSync(`${history()}-wal`);
    truncateSync(history(), bytes);
    const before = readFileSync(history());
    const { code, stderr } = await bob.run('messenger');
    expect(code).toBe(78);
    expect(stderr).toContain(`${history()}: `);
    expect(stderr).toContain('restore it from a backup, or move it and its -wal aside');
    expect(readFileSync(history())).toEqual(before);
  });

  it.each([1, 2, 3])('has everything again after the next contact when the WAL is cut (%i)', async () => {
    restore();
    truncateSync(`${history()}-wal`, random.below(statSync(`${history()}-wal`).size));
    await bob.start(['messenger']);
    await lastIsDelivered(
      alice,
      'bob',
      (await alice.ask('send', 'bob', `after the cut ${random.below(1e9)}`))[0]?.['id'],
    );
    const texts = (await conversation(bob, 'alice')).map((message) => message['text']);
    const sent = (await conversation(alice, 'bob')).map((message) => message['text']);
    expect(differences(sent, texts)).toEqual(NONE);
    await bob.stop(['messenger']);
  });
});
