/** Whether the history takes commits. While it does not, it is tried again, less and less often (wire-v1 §6.6). */
import { HistoryError, type HistoryWriter } from '@earshot/history';

const RETRY_MIN_MS = 1_000;
/** Whoever frees some space should not have to wait for long. */
const RETRY_MAX_MS = 10_000;
/** A probe is small, and may find room where what waits does not: it works again when nothing has failed for so long. */
const PROVED_AFTER_MS = 10_000;

export interface StoreHealthOptions {
  readonly history: HistoryWriter;
  /** Said once, until it works again. */
  readonly failed: (error: HistoryError) => void;
  /** A probe went through: what waits may be tried. */
  readonly retry: () => void;
  readonly recovered: () => void;
}

export class StoreHealth {
  private lastError: HistoryError | undefined;
  private down = false;
  private delayMs = RETRY_MIN_MS;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: StoreHealthOptions) {}

  /** Why nothing is to be written now; undefined where it may be tried. */
  get failure(): HistoryError | undefined {
    return this.down ? this.lastError : undefined;
  }

  /** A commit failed. Throws on what no retry can cure: a bug, or a damaged database. */
  report(error: unknown): void {
    if (!isPassing(error)) throw error;
    const isNews = this.lastError === undefined;
    this.lastError = error;
    if (this.down) return;
    this.down = true;
    this.schedule(this.delayMs, () => {
      this.probe();
    });
    this.delayMs = Math.min(2 * this.delayMs, RETRY_MAX_MS);
    if (isNews) this.options.failed(error);
  }

  /** A commit of what people say went through. */
  proved(): void {
    if (this.lastError === undefined || this.down) return;
    clearTimeout(this.timer);
    this.lastError = undefined;
    this.delayMs = RETRY_MIN_MS;
    this.options.recovered();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private probe(): void {
    this.down = false;
    try {
      this.options.history.probe();
    } catch (error) {
      this.report(error);
      return;
    }
    this.schedule(PROVED_AFTER_MS, () => {
      this.proved();
    });
    this.options.retry();
  }

  private schedule(ms: number, work: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(work, ms);
  }
}

function isPassing(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.code === 'store-failed';
}
