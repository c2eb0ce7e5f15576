/** Who may begin a handshake (wire-v1 §2): counted before any work is done for a stranger. */
import {
  HALF_OPEN_MAX,
  HALF_OPEN_MAX_PER_IP,
  HALF_OPEN_RESERVED,
  HANDSHAKES_PER_SECOND,
  HANDSHAKES_PER_SECOND_PER_IP,
} from '@earshot/protocol';

/** Known addresses remembered, at most. */
const KNOWN_MAX = 1_024;
/** A bucket is full again after as long as it was filled for. */
const FULL_AFTER_MS = 1_000;

/** Refills continuously up to one second's worth. */
class TokenBucket {
  private tokens: number;
  constructor(
    private readonly perSecond: number,
    private last: number,
  ) {
    this.tokens = perSecond;
  }

  has(now: number): boolean {
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.last) / FULL_AFTER_MS) * this.perSecond);
    this.last = now;
    return this.tokens >= 1;
  }

  take(): void {
    this.tokens -= 1;
  }

  isFull(now: number): boolean {
    return now - this.last >= FULL_AFTER_MS;
  }
}

/** Places for half-open handshakes, and how many may begin there in a second. */
class Pool {
  private inUse = 0;
  private readonly rate: TokenBucket;
  constructor(
    private readonly places: number,
    now: number,
  ) {
    this.rate = new TokenBucket(HANDSHAKES_PER_SECOND, now);
  }

  hasRoom(now: number): boolean {
    return this.inUse < this.places && this.rate.has(now);
  }

  /** Answers with the way to give the place back. */
  occupy(): () => void {
    this.rate.take();
    this.inUse += 1;
    return () => (this.inUse -= 1);
  }
}

/**
 * Pure but for the clock it is given. `enter` answers whether a connection may stay; whoever got in calls `leave`
 * exactly once, when its handshake is over, well or not.
 */
export class Admission {
  private readonly halfOpen = new Map<string, number>();
  private readonly everybody: Pool;
  private readonly reserved: Pool;
  /** Of whoever got in during the last second or two: there are no more of them than the pools let in. */
  private readonly perIp = new Map<string, TokenBucket>();
  private sweptAt: number;
  /** Addresses from which an accepted peer authenticated, oldest first. */
  private readonly known = new Set<string>();

  constructor(private readonly now: () => number) {
    this.sweptAt = now();
    this.everybody = new Pool(HALF_OPEN_MAX, this.sweptAt);
    this.reserved = new Pool(HALF_OPEN_RESERVED, this.sweptAt);
  }

  /** An accepted peer authenticated from here: a flood of strangers must not lock it out. */
  remember(ip: string): void {
    this.known.delete(ip);
    this.known.add(ip);
    if (this.known.size > KNOWN_MAX) for (const oldest of this.known) return void this.known.delete(oldest);
  }

  enter(ip: string): (() => void) | undefined {
    if ((this.halfOpen.get(ip) ?? 0) >= HALF_OPEN_MAX_PER_IP) return undefined;
    const now = this.now();
    const pool = this.poolFor(ip, now);
    if (pool === undefined) return undefined;
    // Also of a friend's address: somebody else may be there as well.
    const share = this.shareOf(ip, now);
    if (!share.has(now)) return undefined;
    share.take();
    return this.occupy(ip, pool.occupy());
  }

  private poolFor(ip: string, now: number): Pool | undefined {
    if (this.known.has(ip) && this.reserved.hasRoom(now)) return this.reserved;
    return this.everybody.hasRoom(now) ? this.everybody : undefined;
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

  private shareOf(ip: string, now: number): TokenBucket {
    this.sweep(now);
    let share = this.perIp.get(ip);
    if (share === undefined) {
      share = new TokenBucket(HANDSHAKES_PER_SECOND_PER_IP, now);
      this.perIp.set(ip, share);
    }
    return share;
  }

  /** Forgets full buckets only: whoever has used its share up must not get it back by being forgotten. */
  private sweep(now: number): void {
    if (now - this.sweptAt < FULL_AFTER_MS) return;
    this.sweptAt = now;
    for (const [ip, share] of this.perIp) if (share.isFull(now)) this.perIp.delete(ip);
  }
}
