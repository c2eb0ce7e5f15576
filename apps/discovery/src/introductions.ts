import { PASSED_ON_ADDRESSES_MAX } from '@earshot/protocol';
import { isHostAddress } from './network/ipv4.js';

/** Between two questions, whoever is asked: what a peer passes on must not make us send more. */
const ASK_INTERVAL_MS = 1_000;
/** Nobody answered to so many: nobody is there. */
const QUESTIONS = 3;
/** Between two questions at one address. */
const ASK_AGAIN_MS = 10_000;

interface Introduced {
  asked: number;
  askedMs: number;
}

/**
 * Addresses at which somebody may be, as accepted peers say (wire-v1 §5.7). Nobody is present for it: they are asked, one
 * a second at most and each three times, and whoever is really there announces itself. Pure: the caller has the clock.
 */
export class Introductions {
  /** Oldest first. */
  private readonly waiting = new Map<string, Introduced>();
  private askedMs = -Infinity;

  add(ips: readonly string[]): void {
    for (const ip of ips) {
      if (!isHostAddress(ip) || this.waiting.has(ip)) continue;
      this.waiting.set(ip, { asked: 0, askedMs: -Infinity });
      const [oldest] = this.waiting.keys();
      if (this.waiting.size > PASSED_ON_ADDRESSES_MAX && oldest !== undefined) this.waiting.delete(oldest);
    }
  }

  /** @param heardAt whether somebody is heard from an address */
  next(nowMs: number, heardAt: (ip: string) => boolean): string | undefined {
    if (nowMs - this.askedMs < ASK_INTERVAL_MS) return undefined;
    for (const [ip, one] of this.waiting) {
      if (heardAt(ip)) this.waiting.delete(ip);
      else if (nowMs - one.askedMs >= ASK_AGAIN_MS) {
        this.askedMs = one.askedMs = nowMs;
        if (++one.asked === QUESTIONS) this.waiting.delete(ip);
        return ip;
      }
    }
    return undefined;
  }
}
