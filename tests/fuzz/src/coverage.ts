import { COVERAGE } from './instrument.js';

/** What istanbul keeps of a file, as far as it is used here: how often each function ran and each branch was taken. */
interface FileCoverage {
  f: Record<string, number> | Uint32Array;
  b: Record<string, number[] | Uint32Array>;
}

/** Runs in one execution, as classes: a loop that runs a third time is news, one that runs a hundredth time is not. */
const BUCKETS = [1, 2, 3, 4, 8, 16, 32, 128] as const;

function bucketBit(count: number): number {
  let bit = 0;
  for (const from of BUCKETS) if (count >= from) bit += 1;
  return 1 << (bit - 1);
}

/**
 * The counters of all instrumented modules in one row, so that looking at them after every execution costs microseconds:
 * what istanbul made as small arrays becomes views of it.
 */
export class Coverage {
  private counters = new Uint32Array(0);
  private seen = new Uint8Array(0);

  /** Takes in the modules that are loaded, and begins anew: nothing was seen yet. */
  attach(): void {
    const files = Object.values((globalThis as Record<string, unknown>)[COVERAGE] ?? {}) as FileCoverage[];
    const size = files.reduce(
      (sum, { f, b }) => sum + Object.keys(f).length + Object.values(b).reduce((n, { length }) => n + length, 0),
      0,
    );
    this.counters = new Uint32Array(size);
    this.seen = new Uint8Array(size);
    let at = 0;
    const next = (length: number) => this.counters.subarray(at, (at += length));
    for (const file of files) {
      file.f = next(Object.keys(file.f).length);
      for (const [id, taken] of Object.entries(file.b)) file.b[id] = next(taken.length);
    }
  }

  /** Before an execution. */
  reset(): void {
    this.counters.fill(0);
  }

  /** After an execution: whether anything ran that never ran so often; from then on it is known. */
  hasNews(): boolean {
    const { counters, seen } = this;
    let news = false;
    for (let i = 0; i < counters.length; i += 1) {
      const count = counters[i] ?? 0;
      if (count === 0) continue;
      const bit = bucketBit(count);
      const before = seen[i] ?? 0;
      if ((before & bit) !== 0) continue;
      seen[i] = before | bit;
      news = true;
    }
    return news;
  }

  /** Nothing counts as seen any more. */
  forget(): void {
    this.seen.fill(0);
  }

  /** Functions and branches that ever ran. */
  get edges(): number {
    return this.seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }
}
