/** Time for the parts that wait; tests pass one that stands still. */
export interface Clock {
  /** Milliseconds of any origin that never go backwards. */
  readonly now: () => number;
  /** Runs something once, later. Answers with the way to call it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
