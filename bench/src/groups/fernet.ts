/** Fernet, sealing and opening: ours against the npm package and against Python's `cryptography`, as they do it for their users. */
import { randomBytes } from 'node:crypto';
import { FernetKey, openFernet, sealFernet } from '@earshot/crypto';
import npmFernet from 'fernet';
import type { Group, Row } from '../row.js';
import { PythonFernet } from './python-fernet.js';

const SIZES = [
  { name: '100 B', bytes: 100, goal: 10 },
  { name: '1 KiB', bytes: 1024, goal: 14 },
  { name: '64 KiB', bytes: 65_536, goal: 30 },
] as const;
const ROUNDS = 9;
/** How long one measurement of one side takes, about: long against the clock's steps, short against the machine's moods. */
const SLICE_MS = 25;

/** Seals and opens `count` times; answers with the milliseconds that took. */
type Side = (count: number) => number | Promise<number>;

export const fernet: Group = {
  name: 'fernet',
  async rows(place) {
    const python = await PythonFernet.start(place);
    if (python === undefined) place.note('no Python with `cryptography` here: its rows are left out');
    return SIZES.flatMap(({ name, bytes, goal }) => [
      comparison(`Fernet seal + open, ${name}, against npm fernet`, 'npm fernet', goal, oursOfText(bytes), npm(bytes)),
      ...(python === undefined
        ? []
        : [
            comparison(
              `Fernet seal + open, ${name}, against Python cryptography ${python.version}`,
              'cryptography',
              1,
              oursOfBytes(bytes),
              (count) => python.run(bytes, count),
            ),
          ]),
    ]);
  },
};

/** A row with how many times as fast ours is. */
function comparison(name: string, otherName: string, goal: number, ours: Side, other: Side): Row {
  const own = { side: ours, count: 0, msEach: 0 };
  const others = { side: other, count: 0, msEach: 0 };
  return {
    name,
    unit: '×',
    goal: { atLeast: goal },
    rounds: ROUNDS,
    async measure() {
      for (const runner of [own, others]) {
        // The search for a count is the warm-up, too.
        if (runner.count === 0) runner.count = await fittingCount(runner.side);
        runner.msEach = (await runner.side(runner.count)) / runner.count;
      }
      return others.msEach / own.msEach;
    },
    reference: () => ({ 'ours µs': own.msEach * 1000, [`${otherName} µs`]: others.msEach * 1000 }),
  };
}

async function fittingCount(side: Side): Promise<number> {
  for (let count = 1; ; count *= 2) {
    if ((await side(count)) >= SLICE_MS) return count;
  }
}

const keyText = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const key = FernetKey.fromText(keyText);

function timed(work: () => void): Side {
  return (count) => {
    const start = performance.now();
    for (let i = 0; i < count; i += 1) work();
    return performance.now() - start;
  };
}

/** The npm package takes and gives text, so here ours does, too. */
function oursOfText(bytes: number): Side {
  const text = 'x'.repeat(bytes);
  return timed(() => openFernet(key, sealFernet(key, Buffer.from(text)).toString()).toString());
}

function oursOfBytes(bytes: number): Side {
  const plaintext = Buffer.alloc(bytes, 'x');
  return timed(() => openFernet(key, sealFernet(key, plaintext)));
}

function npm(bytes: number): Side {
  const secret = new npmFernet.Secret(keyText);
  const text = 'x'.repeat(bytes);
  return timed(() =>
    new npmFernet.Token({ secret, token: new npmFernet.Token({ secret }).encode(text), ttl: 0 }).decode(),
  );
}
