import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EarshotNode } from '@earshot/testkit';
import { describeWithFalseClocks, FalseClock } from './false-clock.js';
import { LineTraffic } from './line-traffic.js';
import { Neighbourhood, sees, sendAndWait } from './neighbourhood.js';
import { TailWatch, withoutKnocks } from './tail-watch.js';
import { conversation, differences, lastIsDelivered, NONE } from './whole-conversation.js';

const DAYS_90 = 90 * 24 * 60 * 60;
/** Before and after each jump, from each side. */
const LINES = 100;
/** Each session looks at its clock every 5 s. */
const HEARTBEAT_MS = 6_000;

describeWithFalseClocks('two people whose clocks jump', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let alicesClock: FalseClock;
  let bobsClock: FalseClock;
  let traffic: readonly [LineTraffic, LineTraffic];
  let tails: readonly [TailWatch, TailWatch];

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    alicesClock = new FalseClock(join(neighbourhood.path, 'alices-time'));
    bobsClock = new FalseClock(join(neighbourhood.path, 'bobs-time'));
    alice = await neighbourhood.node('alice', { env: alicesClock.env });
    bob = await neighbourhood.node('bob', { env: bobsClock.env });
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    tails = [await TailWatch.on(alice, bob), await TailWatch.on(bob, alice)];
    traffic = [await LineTraffic.start(alice, 'bob', () => 0), await LineTraffic.start(bob, 'alice', () => 0)];
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  /** Both write, the clocks jump in the middle, both go on; answers with the newest message that bob holds. */
  async function talkAcross(jump: () => void): Promise<Record<string, unknown> | undefined> {
    for (const side of traffic) side.type(LINES);
    jump();
    for (const side of traffic) side.type(LINES);
    for (const side of traffic) await side.allStored();
    await lastIsDelivered(alice, 'bob', traffic[0].ids.at(-1));
    await lastIsDelivered(bob, 'alice', traffic[1].ids.at(-1));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    return (await bob.ask('history', 'alice', '--limit', '500')).findLast((m) => m['direction'] === 'received');
  }
  const yearOf = (time: unknown) => new Date(String(time)).getUTCFullYear();
  /** Rounded without a negative zero. */
  const daysFromNow = (time: unknown) => Math.floor((Date.parse(String(time)) - Date.now()) / 86_400_000 + 0.5);
  const closedSessions = () =>
    readFileSync(join(alice.home, 'logs/messenger.log'), 'utf8').split('"session closed"').length - 1;
  const departures = () => tails.flatMap((tail) => tail.departures);

  it('deliver both ways while one is set 90 days ahead, and its time is shown as its claim', async () => {
    const newest = await talkAcross(() => {
      alicesClock.setAhead(DAYS_90);
    });
    expect(daysFromNow(newest?.['sentAt'])).toBe(90);
    expect(daysFromNow(newest?.['committedAt'])).toBe(0);
  });

  it('deliver both ways while it is set back in the middle of the session', async () => {
    const newest = await talkAcross(() => {
      alicesClock.setAhead(0);
    });
    expect(daysFromNow(newest?.['sentAt'])).toBe(0);
  });

  it('keep their session when a clock jumps while nothing is said', async () => {
    const before = closedSessions();
    alicesClock.setAhead(2 * DAYS_90);
    await sleep(HEARTBEAT_MS);
    bobsClock.setAhead(DAYS_90);
    await sleep(HEARTBEAT_MS);
    expect(closedSessions()).toBe(before);
  });

  it('deliver both ways in 1970, never lose sight of each other, and go on after a start in that year', async () => {
    const newest = await talkAcross(() => {
      alicesClock.setTo(1);
    });
    expect(yearOf(newest?.['sentAt'])).toBe(1970);
    expect(departures()).toEqual([]);
    await alice.restart('messenger');
    await alice.restart('discovery');
    await talkAcross(() => {
      bobsClock.setTo(1);
    });
    expect(yearOf((await bob.ask('history', 'alice', '--limit', '1'))[0]?.['committedAt'])).toBe(1970);
  });

  it('find somebody whose first start is in 1970', async () => {
    const clock = new FalseClock(join(neighbourhood.path, 'carols-time'));
    clock.setTo(0);
    const carol = await neighbourhood.node('carol', { env: clock.env });
    await carol.start(['discovery', 'messenger']);
    await Promise.all([sees(bob, 'carol'), sees(carol, 'bob')]);
    await sendAndWait(carol, 'bob', 'hello from long ago');
    expect(yearOf((await bob.ask('history', 'carol'))[0]?.['sentAt'])).toBe(1970);
    await carol.stop();
  });

  it('deliver both ways when both are right again', async () => {
    const newest = await talkAcross(() => {
      alicesClock.setAhead(0);
      bobsClock.setAhead(0);
    });
    expect(daysFromNow(newest?.['sentAt'])).toBe(0);
  });

  it('have everything once, in the order in which it was stored', async () => {
    expect([await traffic[0].end(), await traffic[1].end()]).toEqual([0, 0]);
    for (const [me, other, node, peer] of [
      [0, 1, alice, 'bob'],
      [1, 0, bob, 'alice'],
    ] as const) {
      const messages = withoutKnocks(await conversation(node, peer));
      const texts = (direction: string) => messages.filter((m) => m['direction'] === direction).map((m) => m['text']);
      expect(differences(traffic[me].lines, texts('sent'))).toEqual(NONE);
      expect(differences(traffic[other].lines, texts('received'))).toEqual(NONE);
      const ids = messages.map((message) => message['id']);
      await tails[me].shows(ids.at(-1));
      const shown = tails[me].messages.filter((m) => m['username'] !== 'carol').map((message) => message['id']);
      expect(differences(ids, shown)).toEqual(NONE);
    }
  });
});
