import { SeededRandom } from '@earshot/testkit';
import type { Coverage } from './coverage.js';
import { Mutator } from './mutator.js';
import type { Target } from './target.js';

export interface Crash {
  readonly input: Buffer;
  readonly error: unknown;
}

export interface Outcome {
  readonly executions: number;
  readonly edges: number;
  /** The inputs that were news, smallest first, without those that the others make needless. */
  readonly corpus: readonly Buffer[];
  readonly crashes: readonly Crash[];
}

export interface SearchOptions {
  readonly seed: number;
  /** Inputs kept from earlier searches. */
  readonly kept: readonly Buffer[];
  readonly coverage: Pick<Coverage, 'reset' | 'hasNews' | 'forget' | 'edges'>;
  /** Asked between two executions, with the number of those made up so far. */
  readonly goesOn: (madeUp: number) => boolean;
  readonly onExecution?: (input: Buffer) => void;
}

/** Different ways to fail are worth knowing; the thousandth of the same is not. */
const CRASHES_MAX = 10;

/**
 * Looks for inputs that a target does not bear: changes an input that is known to reach something, and keeps what comes
 * out of it where it reaches something that nothing reached before.
 */
export async function search(target: Target, options: SearchOptions): Promise<Outcome> {
  const { coverage, kept, goesOn, onExecution } = options;
  const random = new SeededRandom(options.seed);
  const mutator = new Mutator(
    random,
    target.dictionary.map((word) => Buffer.from(word, 'latin1')),
    target.maxBytes,
  );
  const corpus: Buffer[] = [];
  const crashes = new Map<string, Crash>();
  let executions = 0;

  const execute = async (input: Buffer): Promise<boolean> => {
    executions += 1;
    onExecution?.(input);
    coverage.reset();
    try {
      const running = target.run(input);
      // Most targets are done by then; a turn of the event loop for each would cost more than the rest.
      if (running !== undefined) await running;
    } catch (error) {
      const kind = kindOf(error);
      const known = crashes.get(kind);
      if (known === undefined || input.length < known.input.length) crashes.set(kind, { input, error });
    }
    return coverage.hasNews();
  };

  for (const input of [...target.seeds, ...kept]) {
    await execute(input);
    // Whatever it reaches here: what it reaches in libraries is not seen.
    corpus.push(input);
  }
  const any = (): Buffer => corpus[random.below(corpus.length)] ?? Buffer.alloc(0);
  const recent = (): Buffer => corpus[corpus.length - 1 - random.below(Math.ceil(corpus.length / 4))] ?? any();
  for (let madeUp = 0; goesOn(madeUp) && crashes.size < CRASHES_MAX; madeUp += 1) {
    const input = mutator.mutate(random.below(2) === 0 ? recent() : any(), any());
    if (await execute(input)) corpus.push(input);
  }
  const { edges } = coverage;

  const needed: Buffer[] = [];
  coverage.forget();
  const made = executions;
  for (const input of corpus.sort((a, b) => a.length - b.length)) if (await execute(input)) needed.push(input);
  return { executions: made, edges, corpus: needed, crashes: [...crashes.values()] };
}

/** Where it was thrown: two errors of one line are one. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${(error.stack ?? '').split('\n').find((line) => line.includes(' at ')) ?? ''}`;
}
