import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { APPS, repositoryRoot, until, type EarshotNode, type Host, type Lab } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';
import { describeInLabWithPython } from './python.js';

/** A flood of announcements lasts longer than it takes until who is not heard any more counts as away (25 s). */
const LASTING_S = 32;
const PARTS: readonly [part: string, seconds: number][] = [
  ['announcements', LASTING_S],
  ['half_open', 10],
  ['trickle', 10],
  ['garbage', 10],
  ['never_reading', 10],
];
/** Between two messages: two people who talk, fast. */
const PAUSE_MS = 100;
/**
 * Memory may grow by half, and by what a full table holds: 4096 strangers, some 3 KB each with their copies, and as much again
 * of datagrams and events that are done with and not collected yet.
 */
const GROWTH = 1.5;
const TABLES_MB = 32;

describeInLabWithPython('people who know each other, while a third host floods one of them', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  /** Has no session with alice, who sees her by her announcements alone. */
  let carol: EarshotNode;
  let mallory: Host;
  let pids: number[];
  let quiet: number[];
  let said = 0;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    [alice, bob] = await neighbourhood.aliceAndBob();
    mallory = (neighbourhood.lab as Lab).host('mallory');
    await sendAndWait(alice, 'bob', 'hello');
    await sendAndWait(bob, 'alice', 'hello');
    carol = await neighbourhood.node('carol');
    await carol.start(['discovery', 'messenger']);
    await sees(alice, 'carol');
    await sendAndWait(alice, 'carol', 'hello');
    await alice.restart('messenger');
    await talk(delay(5_000));
    pids = await pidsOf(alice);
    quiet = pids.map(residentMegabytes);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  /** alice writes to bob, one message after the other, until something is over; each must arrive, in its place. */
  async function talk(over: Promise<unknown>): Promise<void> {
    const first = said;
    const speaker = alice.follow(['send', 'bob', '-']);
    let isOver = false as boolean;
    void over.finally(() => (isOver = true));
    while (!isOver) {
      speaker.type(`${said++}\n`);
      await delay(PAUSE_MS);
    }
    speaker.end();
    expect([await speaker.ended(), speaker.errors]).toEqual([0, '']);
    await until('all is delivered', async () => (await alice.ask('outbox')).length === 0);
    const arrived = (await texts(bob, 'alice', 'received')).filter((text) => Number(text) >= first);
    const expected = Array.from({ length: said - first }, (_, n) => String(first + n));
    expect(arrived).toEqual(expected.slice(-arrived.length));
    expect(arrived.length).toBeGreaterThan(0);
  }

  async function flood(parts: readonly string[], seconds: number): Promise<number[]> {
    const watch = alice.follow(['peers', '--watch', '--json']);
    await watch.line('carol is in the list', (line) => line.includes('"carol"'));
    const floods = parts.map((part) =>
      // A host of its own would have a processor of its own: here it leaves the others theirs.
      mallory.background('nice', [
        ...['-n', '10', 'python3', '-B', join(repositoryRoot, 'tests/e2e/interop/flood.py')],
        ...[part, alice.host.ip, String(alice.port), '--seconds', String(seconds)],
      ]),
    );
    for (const one of floods) await one.line('it is ready', (line) => line === 'ready');
    for (const one of floods) one.type('\n');
    await talk(Promise.all(floods.map((one) => one.ended())));
    await expectUnharmed();
    await watch.stop();
    const known = watch.json.filter(({ username }) => username === 'bob' || username === 'carol');
    const away = known.filter(({ presence }) => presence !== 'online');
    // All at once can take so much of a small machine that carol's own processes do not get to announce her.
    if (parts.length === 1) expect(away).toEqual([]);
    return floods.map((one) => (JSON.parse(one.lines.at(-1) ?? '') as { done: number }).done);
  }

  /** Nothing was started anew, nothing has grown beyond its tables, and who is known is in the list. */
  async function expectUnharmed(): Promise<void> {
    expect(await pidsOf(alice)).toEqual(pids);
    const now = pids.map(residentMegabytes);
    for (const [n, megabytes] of now.entries())
      expect({ app: APPS[n], fits: megabytes <= GROWTH * (quiet[n] ?? 0) + TABLES_MB, megabytes }).toMatchObject({
        fits: true,
      });
    for (const name of ['bob', 'carol']) expect(await sees(alice, name)).toMatchObject({ trust: 'accepted' });
  }

  it.each(PARTS)('are undisturbed by %s', async (part, seconds) => {
    const [done] = await flood([part], seconds);
    expect(done).toBeGreaterThan(0);
  });

  it('are undisturbed by all of it at once', async () => {
    const done = await flood(
      PARTS.map(([part]) => part),
      LASTING_S,
    );
    for (const count of done) expect(count).toBeGreaterThan(0);
    await sendAndWait(bob, 'alice', 'still here');
  });
});

async function pidsOf(node: EarshotNode): Promise<number[]> {
  const pids = await Promise.all(APPS.map((app) => node.pid(app)));
  return pids.map((pid) => pid ?? 0);
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
