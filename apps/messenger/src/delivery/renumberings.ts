import { RENUMBERINGS_MAX, RENUMBERINGS_WITHIN_MS } from '@earshot/protocol';

/**
 * How often a peer's SYNC may make us go over a whole conversation again. That takes a second where it is long and nothing
 * else happens meanwhile; a peer that lies could have it with every session, while a restored copy is rare.
 */
export class Renumberings {
  private readonly times = new Map<string, number[]>();

  /** @param now monotonic milliseconds */
  constructor(private readonly now: () => number) {}

  /** Whether once more is all right; from now on it has happened once more. */
  take(peerId: string): boolean {
    const now = this.now();
    const recent = (this.times.get(peerId) ?? []).filter((at) => now - at < RENUMBERINGS_WITHIN_MS);
    if (recent.length >= RENUMBERINGS_MAX) return false;
    this.times.set(peerId, [...recent, now]);
    return true;
  }
}
