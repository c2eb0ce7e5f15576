/** Keys kept in each of two generations. */
const GENERATION_MAX = 2_048;

/**
 * Recognises what was seen lately: the same announcement arrives by several paths, and its signature is worth checking
 * once. Two generations instead of an age per key: bounded, and nothing to sweep. Forgetting early costs one check.
 */
export class RecentlySeen {
  private current = new Set<string>();
  private previous = new Set<string>();

  constructor(private readonly generationMax = GENERATION_MAX) {}

  /** Whether it was seen before; from now on it was. */
  note(key: string): boolean {
    if (this.current.has(key)) return true;
    if (this.current.size >= this.generationMax) {
      this.previous = this.current;
      this.current = new Set();
    }
    this.current.add(key);
    return this.previous.has(key);
  }
}
