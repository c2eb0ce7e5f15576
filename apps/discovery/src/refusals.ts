import type { ProtocolErrorCode } from '@earshot/protocol';
import { Tally } from '@earshot/runtime/service';

/** Why a datagram was not looked at further; the protocol's codes, and ours for what never got that far. */
export type RefusalCode =
  ProtocolErrorCode | 'datagram-too-large' | 'too-many-datagrams' | 'roster-full' | 'messenger-away';

/** Counts refused datagrams by reason and reports each at a bounded rate. */
export class Refusals {
  private readonly tally: Tally;

  constructor(
    now: () => number,
    private readonly report: (code: RefusalCode, count: number) => void,
  ) {
    this.tally = new Tally(now);
  }

  add(code: RefusalCode, count = 1): void {
    const together = this.tally.add(code, count);
    if (together > 0) this.report(code, together);
  }
}
