import {
  ANNOUNCE_BURST_MS,
  ANNOUNCE_INTERVAL_MS,
  ANNOUNCE_JITTER_MS,
  ANNOUNCE_WIDE_INTERVAL_MS,
} from '@earshot/protocol';

/** One announcement to make now. */
export interface Round {
  /** By every path, not only by the directed broadcast that reaches most people. */
  readonly wide: boolean;
  /** Please answer: somebody who knows our instance already has no other reason to. */
  readonly query: boolean;
}

/** The burst's announcements that ask for an answer: two, so that one may get lost. */
const QUERIES_IN_BURST: readonly number[] = [0, 2];

interface Planned extends Round {
  readonly at: number;
}

/**
 * When to announce (protocol-design §8): a burst when there is something new to say or somebody new may listen, then
 * every 8 s ± 1 s, every fourth time by all paths. Pure: the caller has the clock (ms, any origin) and the timer.
 */
export class Schedule {
  private planned: Planned[] = [];
  private nextWide = 0;

  /** @param random as Math.random: keeps the machines of a network from speaking in chorus. */
  constructor(private readonly random: () => number) {}

  /** Starts over with a burst. `asking`: others may be here whom we do not know. */
  burst(now: number, asking = true): void {
    this.planned = ANNOUNCE_BURST_MS.map((offset, index) => ({
      at: now + offset,
      wide: true,
      query: asking && QUERIES_IN_BURST.includes(index),
    }));
  }

  /** When `take` is to be called next; undefined before the first burst. */
  get next(): number | undefined {
    return this.planned[0]?.at;
  }

  /** What is due by now as one round: after a pause (the machine slept) nothing is made up for. */
  take(now: number): Round | undefined {
    const due = this.planned.filter(({ at }) => at <= now);
    if (due.length === 0) return undefined;
    const round = { wide: due.some(({ wide }) => wide), query: due.some(({ query }) => query) };
    if (round.wide) this.nextWide = now + ANNOUNCE_WIDE_INTERVAL_MS;
    this.planned = this.planned.slice(due.length);
    if (this.planned.length === 0) this.planned = [this.regular(now)];
    return round;
  }

  private regular(now: number): Planned {
    const at = now + ANNOUNCE_INTERVAL_MS + (this.random() * 2 - 1) * ANNOUNCE_JITTER_MS;
    // Half an interval of tolerance: jitter must not push the wide round behind by a whole one each time.
    return { at, wide: at >= this.nextWide - ANNOUNCE_INTERVAL_MS / 2, query: false };
  }
}
