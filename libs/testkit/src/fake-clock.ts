interface Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it; timers run in the order in which they fall due. */
export class FakeClock {
  private time: number;
  private made = 0;
  private readonly timers = new Map<number, Timer>();

  constructor(startMs = Date.UTC(2030, 0, 1)) {
    this.time = startMs;
  }

  readonly now = (): number => this.time;

  /** Runs something once, later. Answers with the way to call it off. */
  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const order = ++this.made;
    this.timers.set(order, { due: this.time + Math.max(0, delayMs), order, run });
    return () => {
      this.timers.delete(order);
    };
  };

  /** Timers that wait: a test that ends with some has left something running. */
  get waiting(): number {
    return this.timers.size;
  }

  /** Moves the time forward. A timer sees its own due time as now, and one that it sets runs too when it falls due on the way. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.timers.delete(next.order);
      this.time = next.due;
      next.run();
    }
    this.time = end;
  }

  private next(end: number): Timer | undefined {
    return [...this.timers.values()]
      .filter((timer) => timer.due <= end)
      .sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}
