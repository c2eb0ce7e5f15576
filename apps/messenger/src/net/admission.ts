/** Who may begin a handshake (wire-v1 §2): counted before any work is done for a stranger. */
import {
  HALF_OPEN_MAX,
  HALF_OPEN_MAX_PER_IP,
  HALF_OPEN_RESERVED,
  HANDSHAKES_PER_SECOND,
  HANDSHAKES_PER_SECOND_PER_IP,
} from '@earshot/protocol';

/** Known addresses remembered, and addresses counted, at most. */
const TABLE_MAX = 1_024;

/** Refills continuously up to one second's worth. */
class TokenBucket {
  private tokens: number;
  constructor(
    private readonly perSecond: number,
    private last: number,
  ) {
    this.tokens = perSecond;
  }
  take(now: number): boolean {
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.last) / 1_000) * this.perSecond);
    this.last = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/**
 * Pure but for the clock it is given. `enter` answers whether a connection may stay; whoever got in calls `leave`
 * exactly once, when its handshake is over, well or not.
 */
export class Admission {
  private readonly halfOpen = new Map<string, number>();
  private halfOpenTotal = 0;
  private reservedInUse = 0;
  private readonly perIp = new Map<string, TokenBucket>();
  private readonly total: TokenBucket;
  /** Addresses from which an accepted peer authenticated, oldest first. */
  private readonly known = new Set<string>();

  constructor(private readonly now: () => number) {
    this.total = new TokenBucket(HANDSHAKES_PER_SECOND, now());
  }

  /** An accepted peer authenticated from here: a flood of strangers must not lock it out. */
  remember(ip: string): void {
    this.known.delete(ip);
    this.known.add(ip);
    if (this.known.size > TABLE_MAX) for (const oldest of this.known) return void this.known.delete(oldest);
  }

  enter(ip: string): (() => void) | undefined {
    const inUse = this.halfOpen.get(ip) ?? 0;
    if (inUse >= HALF_OPEN_MAX_PER_IP) return undefined;
    const known = this.known.has(ip);
    const now = this.now();
    if (known && this.reservedInUse < HALF_OPEN_RESERVED) {
      this.reservedInUse += 1;
      return this.occupy(ip, () => (this.reservedInUse -= 1));
    }
    if (this.halfOpenTotal >= HALF_OPEN_MAX || !this.bucketFor(ip, now).take(now) || !this.total.take(now))
      return undefined;
    this.halfOpenTotal += 1;
    return this.occupy(ip, () => (this.halfOpenTotal -= 1));
  }

  private occupy(ip: string, release: () => void): () => void {
    this.halfOpen.set(ip, (this.halfOpen.get(ip) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      release();
      const rest = (this.halfOpen.get(ip) ?? 1) - 1;
      if (rest === 0) this.halfOpen.delete(ip);
      else this.halfOpen.set(ip, rest);
    };
  }

  private bucketFor(ip: string, now: number): TokenBucket {
    let bucket = this.perIp.get(ip);
    if (bucket === undefined) {
      bucket = new TokenBucket(HANDSHAKES_PER_SECOND_PER_IP, now);
      this.perIp.set(ip, bucket);
      if (this.perIp.size > TABLE_MAX)
        for (const oldest of this.perIp.keys()) {
          this.perIp.delete(oldest);
          break;
        }
    }
    return bucket;
  }
}
