/** Whether the history takes commits. While it does not, it is tried again every second (wire-v1 §6.6). */
import { HistoryError, type HistoryWriter } from '@earshot/history';

const RETRY_MS = 1_000;

export interface StoreHealthOptions {
  readonly history: HistoryWriter;
  readonly failed: (error: HistoryError) => void;
  readonly recovered: () => void;
}

function isPassing(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.code === 'store-failed';
}

export class StoreHealth {
  private down = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: StoreHealthOptions) {}

  get isDown(): boolean {
    return this.down;
  }

  /** A commit failed. Throws on what no retry can cure: a bug, or a damaged database. */
  report(error: unknown): void {
    if (!isPassing(error)) throw error;
    if (this.down) return;
    this.down = true;
    this.options.failed(error);
    this.retry();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private retry(): void {
    this.timer = setTimeout(() => {
      try {
        this.options.history.probe();
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.retry();
        return;
      }
      this.down = false;
      this.options.recovered();
    }, RETRY_MS);
  }
}
