const WINDOW_MS = 1_000;

/**
 * So many a second: in all, and of each source. The share of a source is judged first, so that one loud neighbour does
 * not use up what belongs to everybody; and a source gets a counter only while the total lasts, so that invented
 * addresses do not fill the memory.
 */
export class RateLimiter {
  private readonly bySource = new Map<string, number>();
  private total = 0;
  private windowStart = -Infinity;

  constructor(private readonly perSecond: { readonly total: number; readonly perSource: number }) {}

  admit(source: string, nowMs: number): boolean {
    if (nowMs - this.windowStart >= WINDOW_MS) {
      this.bySource.clear();
      this.total = 0;
      this.windowStart = nowMs;
    }
    const before = this.bySource.get(source) ?? 0;
    if (before >= this.perSecond.perSource || this.total >= this.perSecond.total) return false;
    this.bySource.set(source, before + 1);
    this.total++;
    return true;
  }
}
