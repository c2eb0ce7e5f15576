import type { Clock } from './clock.js';
import { RateLimiter } from './rate-limiter.js';

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** Everybody who hears a newcomer answers: the more of us there are, the longer each waits at random. */
const DELAY_MS = 50;
const DELAY_PER_PEER_MS = 2;
const DELAY_MAX_MS = 4_000;
/**
 * Answers a second, in all and to one address, where several profiles may be: what somebody sends must not make us send
 * more, least of all to whoever is named as the source.
 */
const ANSWERS = { total: 20, perSource: 4 };

/** Announces ourselves to a newcomer or to who asks, by unicast, so that both see each other at once. */
export class Answers {
  private readonly limiter: RateLimiter;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly send: (target: Target) => void,
    limits = ANSWERS,
  ) {
    this.limiter = new RateLimiter(limits);
  }

  /**
   * @param rosterSize how many others will answer as well
   * @param isWanted asked again when the time has come
   */
  plan(target: Target, rosterSize: number, isWanted: () => boolean = () => true): void {
    if (!this.limiter.admit(target.ip, this.clock.now())) return;
    const delayMs = this.random() * Math.min(DELAY_MS + DELAY_PER_PEER_MS * rosterSize, DELAY_MAX_MS);
    const callOff = this.clock.after(delayMs, () => {
      this.waiting.delete(callOff);
      if (isWanted()) this.send(target);
    });
    this.waiting.add(callOff);
  }

  stop(): void {
    for (const callOff of this.waiting) callOff();
    this.waiting.clear();
  }
}
