import { UNACCEPTED_BYTES_PER_SECOND, UNACCEPTED_RECORDS_PER_SECOND } from '@earshot/protocol';

const PERIOD_MS = 1_000;

/** What a peer whom the user has not accepted may send in a second (wire-v1 §2). Pure but for the clock it is given. */
export class ReceiveQuota {
  private periodStart: number;
  private records = 0;
  private bytes = 0;

  constructor(now: number) {
    this.periodStart = now;
  }

  /** Counts what has arrived; answers for how many milliseconds nothing more should be read, 0 for none. */
  count(records: number, bytes: number, now: number): number {
    if (now - this.periodStart >= PERIOD_MS) {
      this.periodStart = now;
      this.records = this.bytes = 0;
    }
    this.records += records;
    this.bytes += bytes;
    const spent = this.records >= UNACCEPTED_RECORDS_PER_SECOND || this.bytes >= UNACCEPTED_BYTES_PER_SECOND;
    return spent ? this.periodStart + PERIOD_MS - now : 0;
  }
}
