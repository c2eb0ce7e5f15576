import { Coverage } from './coverage.js';
import { instrument } from './instrument.js';
import { search, type SearchOptions } from './search.js';
import type { Target } from './target.js';

/** Fails for what begins with five letters, one branch each: blindly, one input in 2^40 does. */
const PLANTED = `(bytes) => {
  if (bytes[0] !== 0x6f) return;
  if (bytes[1] !== 0x77) return;
  if (bytes[2] !== 0x6c) return;
  if (bytes[3] !== 0x65) return;
  if (bytes[4] === 0x74) throw new Error('planted');
}`;
// eslint-disable-next-line no-eval -- a text of our own, as the fuzzer makes it of a file
const run = globalThis.eval(instrument(PLANTED, 'planted.js')) as Target['run'];
const target: Target = { name: 'planted', seeds: [Buffer.from('.....')], dictionary: [], maxBytes: 16, run };

function find(executions: number, more: Partial<SearchOptions> = {}) {
  const coverage = new Coverage();
  coverage.attach();
  return search(target, { seed: 1, kept: [], coverage, goesOn: (madeUp) => madeUp < executions, ...more });
}
const messages = (outcome: Awaited<ReturnType<typeof find>>) =>
  outcome.crashes.map(({ error }) => (error as Error).message);

describe('the search', () => {
  it('finds, led by what runs, what chance does not', async () => {
    const { crashes } = await find(100_000);
    expect(crashes).toHaveLength(1);
    expect(crashes[0]?.input.toString()).toMatch(/^owlet/);
    const blind = await find(100_000, {
      coverage: { reset: () => 0, hasNews: () => false, forget: () => 0, edges: 0 },
    });
    expect(blind.crashes).toEqual([]);
  });

  it('executes the same for the same seed, and something else for another', async () => {
    const executed = async (seed: number) => {
      const inputs: string[] = [];
      await find(20_000, { seed, onExecution: (input) => inputs.push(input.toString('latin1')) });
      return inputs;
    };
    const one = await executed(1);
    expect(await executed(1)).toEqual(one);
    expect(await executed(2)).not.toEqual(one);
  });

  it('executes what was kept, and tells of it', async () => {
    expect(messages(await find(0))).toEqual([]);
    const kept = [Buffer.from('owlet, kept')];
    const executed: Buffer[] = [];
    const outcome = await find(0, { kept, onExecution: (input) => executed.push(input) });
    expect(messages(outcome)).toEqual(['planted']);
    expect(executed.slice(0, 2)).toEqual([...target.seeds, ...kept]);
    expect(outcome.executions).toBe(2);
  });

  it('keeps an input for each thing that can be reached, and no more', async () => {
    const { corpus, edges } = await find(100_000);
    // The function, and the two ways from each of the branches but the last.
    expect(edges).toBe(11);
    const reached = corpus.map((input) =>
      Array.from('owlet').findIndex((letter, at) => input.toString()[at] !== letter),
    );
    expect(reached.sort()).toEqual([-1, 0, 1, 2, 3, 4]);
  });
});
