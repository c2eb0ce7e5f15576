import { RENUMBERED_AT_WILL_MESSAGES, RENUMBERINGS_MAX, RENUMBERINGS_WITHIN_MS } from '@earshot/protocol';

/**
 * How often a peer's SYNC may make us go over a long conversation again. That takes a second where it is very long, and nothing
 * else happens meanwhile; a peer that lies could have it with every session, while a restored copy is rare. What is short
 * costs milliseconds, and sessions are counted as it is.
 */
export class Renumberings {
  private readonly times = new Map<string, number[]>();

  /** @param now monotonic milliseconds */
  constructor(private readonly now: () => number) {}

  /** Whether once more is all right, for so many messages; from now on it has happened once more. */
  take(peerId: string, messages: number): boolean {
    if (messages <= RENUMBERED_AT_WILL_MESSAGES) return true;
    const now = this.now();
    const recent = (this.times.get(peerId) ?? []).filter((at) => now - at < RENUMBERINGS_WITHIN_MS);
    if (recent.length >= RENUMBERINGS_MAX) return false;
    this.times.set(peerId, [...recent, now]);
    return true;
  }
}
