/** Something that reads what others sent or typed. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with, from the vectors where there are some. */
  readonly seeds: readonly Buffer[];
  /** Words that no chance would find. */
  readonly dictionary: readonly string[];
  readonly maxBytes: number;
  /** Throws where the input did anything that no input may. Refusing it is right, and returns. */
  readonly run: (input: Buffer) => void | Promise<void>;
  readonly close?: () => Promise<void>;
}

/** The value of a call, or undefined where it throws one of these; anything else goes on. */
export function unless<T>(refusals: readonly (new (...args: never[]) => Error)[], call: () => T): T | undefined {
  try {
    return call();
  } catch (err) {
    if (refusals.some((refusal) => err instanceof refusal)) return undefined;
    throw err;
  }
}

export function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}
