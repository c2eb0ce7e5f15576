/**
 * Random numbers that are the same again for the same seed, so that a failure can be repeated from the seed it prints.
 * xorshift32 (Marsaglia, "Xorshift RNGs", 2003): for choosing test inputs, never for keys.
 */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    // The state zero would stay zero for ever.
    this.state = seed >>> 0 || 1;
  }

  /** An integer, 0 inclusive to `end` exclusive. */
  below(end: number): number {
    this.state ^= this.state << 13;
    this.state >>>= 0;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return Math.floor((this.state / 0x1_0000_0000) * end);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
