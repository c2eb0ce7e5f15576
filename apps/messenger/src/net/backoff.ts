import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from '@earshot/protocol';

/**
 * Full-jitter back-off (wire-v1 §6): a random wait up to a ceiling that doubles from 1 s to 60 s, so that a room full
 * of clients does not come back in step after an outage.
 */
export class Backoff {
  private failures = 0;

  constructor(private readonly random: () => number) {}

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.failures);
    this.failures += 1;
    return Math.round(this.random() * ceiling);
  }

  reset(): void {
    this.failures = 0;
  }
}
