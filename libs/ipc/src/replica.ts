/**
 * Where a subscriber stands in the events of a service, and what it holds back meanwhile (ipc-v1.md §7).
 *
 *   behind ──snapshot──▶ following ──event out of line, other instance, claim unmet──▶ behind
 *
 * Pure: no socket and no clock. While behind, events are held; a snapshot is applied at one go, and then the held ones after it.
 */
import type { Position } from './standard-methods.js';

export interface NumberedEvent<E> extends Position {
  /** Undefined for an event of a kind that is not known here: its number counts all the same. */
  readonly event: E | undefined;
}

/** Events held during a snapshot; beyond that they are thrown away, which the next one shows as a gap. */
const HELD_MAX = 10_000;

export class Replica<E> {
  #at: Position | undefined;
  #held: NumberedEvent<E>[] = [];
  #claimed: number | undefined;

  constructor(
    private readonly onReset: () => void,
    private readonly onEvent: (event: E) => void,
  ) {}

  /** Whether only a snapshot helps. */
  get behind(): boolean {
    return this.#at === undefined;
  }

  receive(next: NumberedEvent<E>): void {
    const at = this.#at;
    if (at === undefined) {
      if (this.#held.length >= HELD_MAX) this.#held = [];
      this.#held.push(next);
      return;
    }
    const sameInstance = next.instance === at.instance;
    if (sameInstance && next.sequence <= at.sequence) return;
    if (!sameInstance || next.sequence > at.sequence + 1) {
      this.invalidate();
      this.#held.push(next);
      return;
    }
    this.#at = { instance: next.instance, sequence: next.sequence };
    if (next.event !== undefined) this.onEvent(next.event);
  }

  adopt(at: Position, items: readonly E[]): void {
    const held = this.#held;
    this.#held = [];
    this.#claimed = undefined;
    this.#at = { instance: at.instance, sequence: at.sequence };
    this.onReset();
    for (const item of items) this.onEvent(item);
    // Those of another instance came over a connection that is gone, or the service is a new one: then its claim tells.
    for (const event of held) if (event.instance === at.instance) this.receive(event);
  }

  /**
   * What the service says of itself. An event still on its way is no loss, so a claim has time until the next one: what has
   * not come by then was dropped, and no later event may ever show the gap.
   */
  compare(claim: Position): void {
    if (this.#at === undefined) return;
    const unmet = this.#claimed !== undefined && this.#claimed > this.#at.sequence;
    if (claim.instance !== this.#at.instance || unmet) this.invalidate();
    else this.#claimed = claim.sequence;
  }

  /** After a new connection or a break: events may be missing. */
  invalidate(): void {
    this.#at = undefined;
    this.#held = [];
    this.#claimed = undefined;
  }
}
