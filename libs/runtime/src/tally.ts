/** Between two reports of one thing: whoever floods us must not flood the log, nor push the useful lines out of it. */
const REPORT_INTERVAL_MS = 60_000;
/** Sources of one thing that are reported each for itself in that time. */
const SOURCES_MAX = 8;

/** Counts what can happen very often, and says when it may be reported: the first at once, then what has come together. */
export class Tally {
  private readonly counts = new Map<string, { count: number; reportedMs: number }>();
  private readonly sources = new Map<string, { readonly sinceMs: number; readonly each: Set<string> }>();

  /** @param now monotonic milliseconds */
  constructor(private readonly now: () => number) {}

  /** @returns how many are to be reported now, 0 while it is too early to report any */
  add(what: string, count = 1): number {
    const entry = this.counts.get(what) ?? { count: 0, reportedMs: -Infinity };
    this.counts.set(what, entry);
    entry.count += count;
    const nowMs = this.now();
    if (nowMs - entry.reportedMs < REPORT_INTERVAL_MS) return 0;
    const together = entry.count;
    entry.count = 0;
    entry.reportedMs = nowMs;
    return together;
  }

  /** The same for each source alone, as long as there are few of them: of more, what comes is counted together. */
  addFrom(what: string, source: string): number {
    const nowMs = this.now();
    let sources = this.sources.get(what);
    if (sources === undefined || nowMs - sources.sinceMs >= REPORT_INTERVAL_MS) {
      for (const one of sources?.each ?? []) this.counts.delete(`${what} ${one}`);
      sources = { sinceMs: nowMs, each: new Set() };
      this.sources.set(what, sources);
    }
    if (!sources.each.has(source) && sources.each.size >= SOURCES_MAX) return this.add(what);
    sources.each.add(source);
    return this.add(`${what} ${source}`);
  }
}
