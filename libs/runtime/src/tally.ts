/** Between two reports of one thing: whoever floods us must not flood the log, nor push the useful lines out of it. */
const REPORT_INTERVAL_MS = 60_000;

/** Counts what can happen very often, and says when it may be reported: the first at once, then what has come together. */
export class Tally {
  private readonly counts = new Map<string, { count: number; reportedMs: number }>();

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
}
