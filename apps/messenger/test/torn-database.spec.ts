/** A receiver whose database was cut at any byte: by a disk that lied about its flushes, or by who copied half of it. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HistoryError, openHistory } from '@earshot/history';
import { SeededRandom } from '@earshot/testkit';
import { eventually, Person } from './people.js';

const SEED = 731;
const CUTS = 200;
/** Messages that are on their way at once: several turns and so several commits for each lot. */
const LOT = 5;
const WAY_OUT = '; restore it from a backup, or move it and its -wal aside';

/** The files of a history as a kill would leave them, and how much was acknowledged at which length of the WAL. */
interface Copy {
  readonly database: Buffer;
  readonly wal: Buffer;
  readonly acknowledged: readonly { walBytes: number; messages: number }[];
}

let alice: Person;
let bob: Person;
const texts: string[] = [];

beforeAll(async () => {
  alice = await Person.create('alice', 'open');
  bob = await Person.create('bob', 'open');
  await alice.connect(bob);
});
afterAll(async () => {
  await alice.remove();
  await bob.remove();
});

const file = () => join(bob.folder, 'history.db');
const sizes = () => ({ database: statSync(file()).size, wal: statSync(`${file()}-wal`).size });

/** alice writes, and all of it is acknowledged. */
async function write(count: number): Promise<void> {
  const more = Array.from({ length: count }, (_, i) => `line ${texts.length + i}`);
  texts.push(...more);
  const ids = await Promise.all(more.map((text) => alice.send(bob, text)));
  if ((await alice.state(ids.at(-1) ?? '')) !== 'delivered') throw new Error('nothing is delivered');
}

/** alice writes until `enough`; bob's writer is in this process, so between two turns the files are what a kill leaves. */
async function writeUntil(enough: () => boolean): Promise<Copy> {
  const acknowledged = [{ walBytes: sizes().wal, messages: texts.length }];
  do {
    await write(LOT);
    acknowledged.push({ walBytes: sizes().wal, messages: texts.length });
  } while (!enough());
  return { database: readFileSync(file()), wal: readFileSync(`${file()}-wal`), acknowledged };
}

/** What is in the files, or the refusal to open them. */
function opened(): (string | null)[] | HistoryError {
  try {
    const history = openHistory({ file: file(), now: Date.now, randomBytes });
    const held = [...history.iterateAll()].map((message) => message.text);
    history.close();
    return held;
  } catch (error) {
    if (error instanceof HistoryError) return error;
    throw error;
  }
}

type Outcome =
  | 'whole'
  | 'refused with the file and the way out'
  | 'whole after the SYNC'
  | 'refused, but not clearly'
  | 'not the beginning of what was sent'
  | 'without something that was acknowledged'
  | 'not whole after the SYNC';

const GOOD = new Set<Outcome>(['whole', 'refused with the file and the way out', 'whole after the SYNC']);

/** What becomes of bob's cut history. @param certain how many messages were acknowledged before what was cut */
async function outcomeOf(certain: number): Promise<Outcome> {
  const held = opened();
  if (held instanceof HistoryError) {
    const clear = held.exitCode === 78 && held.detail.startsWith(`${file()}: `) && held.detail.endsWith(WAY_OUT);
    return clear ? 'refused with the file and the way out' : 'refused, but not clearly';
  }
  if (!isDeepStrictEqual(held, texts.slice(0, held.length))) return 'not the beginning of what was sent';
  if (held.length < certain) return 'without something that was acknowledged';
  if (held.length === texts.length) return 'whole';
  // Days may lie between two such disks: alice would not go over all of it for bob again and again within minutes.
  await alice.stop();
  await alice.start();
  await bob.start();
  // More connections in a second than one address may begin are closed.
  await eventually(() =>
    bob.connect(alice).then(
      () => true,
      () => false,
    ),
  );
  await eventually(async () => (await bob.textsFrom(alice)).length >= texts.length);
  const after = await bob.textsFrom(alice);
  await bob.stop();
  return isDeepStrictEqual(after, texts) ? 'whole after the SYNC' : 'not whole after the SYNC';
}

it(`a history that is cut anywhere is refused, or whole after the next SYNC, and holds what was acknowledged before the cut (seed ${SEED})`, async () => {
  await write(50);
  await bob.stop();
  await bob.start();
  await alice.connect(bob);
  const { database } = sizes();
  const copies = [
    await writeUntil(() => texts.length >= 150),
    // The WAL is copied into the database, and not begun anew yet.
    await writeUntil(() => sizes().database > database),
  ];
  await bob.stop();
  const random = new SeededRandom(SEED);
  const outcomes = new Set<Outcome>();
  for (let cut = 0; cut < CUTS; cut++) {
    const copy = copies[cut % copies.length] as Copy;
    const kind = ['wal', 'database', 'both'][random.below(3)];
    const walBytes = kind === 'database' ? copy.wal.length : random.below(copy.wal.length);
    const databaseBytes = kind === 'wal' ? copy.database.length : random.below(copy.database.length);
    rmSync(`${file()}-shm`, { force: true });
    writeFileSync(file(), copy.database.subarray(0, databaseBytes));
    writeFileSync(`${file()}-wal`, copy.wal.subarray(0, walBytes));
    const point = copy.acknowledged.findLast((point) => point.walBytes <= walBytes);
    const outcome = await outcomeOf(kind === 'wal' ? (point?.messages ?? 0) : 0);
    outcomes.add(outcome);
    // Each of these may have waited in vain for a while.
    if (!GOOD.has(outcome)) break;
  }
  expect(outcomes).toEqual(GOOD);
}, 600_000);
