import { SeededRandom, type AppName, type EarshotNode, type Lab } from '@earshot/testkit';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineTraffic } from './line-traffic.js';
import { describeInLab, Neighbourhood, sees } from './neighbourhood.js';
import { TailWatch, withoutKnocks } from './tail-watch.js';
import { conversation, differences, lastIsDelivered, NONE, type Differences } from './whole-conversation.js';

/** Another one can be tried with CHAOS_SEED; a failure says which one it was. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261);
/** From lines to the crash: before the first of them is stored, in the middle, or after they were delivered. */
const LATEST_MISHAP_MS = 400;
const LONGEST_CUT_MS = 1_500;
const LONGEST_PADDING = 200;

/** What one side has in the end, against what was written. */
interface Findings {
  readonly exitCode: number | null;
  readonly sent: Differences;
  readonly received: Differences;
  readonly states: readonly unknown[];
  /** What its tail has shown, against its history. */
  readonly tail: Differences;
}
const ALL_THERE: Findings = {
  exitCode: 0,
  sent: NONE,
  received: NONE,
  states: ['delivered', 'received'],
  tail: NONE,
};

type Mishap = { kill: AppName; of: 'alice' | 'bob' } | { cut: 'alice' | 'bob' };

describeInLab('two hosts that talk while everything goes wrong', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    alice = await neighbourhood.node('alice');
    bob = await neighbourhood.node('bob');
    await Promise.all([alice, bob].map((node) => node.start(['discovery', 'messenger'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it(`have every message once and in order, the messengers killed 30 times and the link cut 10 times (seed ${SEED})`, async () => {
    const mishaps: Mishap[] = [
      ...Array.from({ length: 30 }, (_, i): Mishap => ({ kill: 'messenger', of: i % 2 === 0 ? 'alice' : 'bob' })),
      ...Array.from({ length: 10 }, (_, i): Mishap => ({ cut: i % 2 === 0 ? 'alice' : 'bob' })),
    ];
    expect(await talkThrough(mishaps, 250, SEED)).toEqual([ALL_THERE, ALL_THERE]);
  }, 900_000);

  it(`have every message once and in order, every other process killed meanwhile (seed ${SEED + 1})`, async () => {
    await Promise.all([alice, bob].map((node) => node.start(['logserver', 'console'])));
    const mishaps = (['discovery', 'logserver', 'console'] as const).flatMap((app): Mishap[] => [
      { kill: app, of: 'alice' },
      { kill: app, of: 'bob' },
      { kill: app, of: 'alice' },
    ]);
    expect(await talkThrough(mishaps, 100, SEED + 1)).toEqual([ALL_THERE, ALL_THERE]);
  });

  /** Both write `portion` lines around each mishap; answers with what is wrong in the end, for each of them. */
  async function talkThrough(mishaps: readonly Mishap[], portion: number, seed: number): Promise<Findings[]> {
    const random = new SeededRandom(seed);
    const padding = () => random.below(LONGEST_PADDING);
    const tails = [await TailWatch.on(alice, bob), await TailWatch.on(bob, alice)] as const;
    const before = new Set((await conversation(alice, 'bob')).map((message) => message['id']));
    const traffic = [
      await LineTraffic.start(alice, 'bob', padding),
      await LineTraffic.start(bob, 'alice', padding),
    ] as const;
    let inTheMiddle = 0;
    for (const [i, mishap] of shuffled(mishaps, random).entries()) {
      for (const side of traffic) side.type(portion);
      // Every third one at once, when certainly not all is stored.
      await sleep(i % 3 === 0 ? 0 : random.below(LATEST_MISHAP_MS));
      if (traffic.some((side) => side.unanswered > 0)) inTheMiddle += 1;
      await suffer(mishap, random);
      for (const side of traffic) await side.allStored();
    }
    if (inTheMiddle === 0) throw new Error('nothing went wrong while messages were under way');

    const exitCodes = [await traffic[0].end(), await traffic[1].end()] as const;
    await lastIsDelivered(alice, 'bob', traffic[0].ids.at(-1));
    await lastIsDelivered(bob, 'alice', traffic[1].ids.at(-1));
    const findings: Findings[] = [];
    for (const [me, other, node, peer] of [
      [0, 1, alice, 'bob'],
      [1, 0, bob, 'alice'],
    ] as const) {
      const messages = withoutKnocks(await conversation(node, peer)).filter((message) => !before.has(message['id']));
      const texts = (direction: string) => messages.filter((m) => m['direction'] === direction).map((m) => m['text']);
      const ids = messages.map((message) => message['id']);
      await tails[me].shows(ids.at(-1));
      findings.push({
        exitCode: exitCodes[me],
        sent: differences(traffic[me].lines, texts('sent')),
        received: differences(traffic[other].lines, texts('received')),
        states: [...new Set(messages.map((message) => message['state']))].sort(),
        tail: differences(
          ids,
          tails[me].messages.map((message) => message['id']),
        ),
      });
      await tails[me].stop();
    }
    return findings;
  }

  async function suffer(mishap: Mishap, random: SeededRandom): Promise<void> {
    const nodes = { alice, bob };
    if ('kill' in mishap) {
      await nodes[mishap.of].kill(mishap.kill);
      return;
    }
    const lab = neighbourhood.lab as Lab;
    lab.cut(nodes[mishap.cut].host);
    await sleep(random.below(LONGEST_CUT_MS));
    lab.join(nodes[mishap.cut].host);
  }
});

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
