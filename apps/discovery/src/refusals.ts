import type { ProtocolErrorCode } from '@earshot/protocol';

/** Why a datagram was not looked at further; the protocol's codes, and ours for what never got that far. */
export type RefusalCode =
  ProtocolErrorCode | 'datagram-too-large' | 'too-many-datagrams' | 'roster-full' | 'messenger-away';

/** Between two reports of one reason: whoever floods us must not flood the log. */
const REPORT_INTERVAL_MS = 60_000;

/** Counts refused datagrams by reason and reports each at a bounded rate: the first at once, then what has come together. */
export class Refusals {
  private readonly counts = new Map<RefusalCode, { count: number; reportedMs: number }>();

  constructor(
    private readonly now: () => number,
    private readonly report: (code: RefusalCode, count: number) => void,
  ) {}

  add(code: RefusalCode, count = 1): void {
    const entry = this.counts.get(code) ?? { count: 0, reportedMs: -Infinity };
    this.counts.set(code, entry);
    entry.count += count;
    const nowMs = this.now();
    if (nowMs - entry.reportedMs < REPORT_INTERVAL_MS) return;
    this.report(code, entry.count);
    entry.count = 0;
    entry.reportedMs = nowMs;
  }
}
