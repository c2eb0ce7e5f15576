import { ANNOUNCE_INTERVAL_MS, ANNOUNCE_JITTER_MS } from '@earshot/protocol';

/** Somebody who is around and was not heard for a while. */
export interface Silent {
  readonly key: string;
  /** Where to ask. */
  readonly ips: readonly string[];
}

/** Whoever can be heard announces every 9 s at the latest: silent for longer, something got lost. */
export const SILENT_AFTER_MS = ANNOUNCE_INTERVAL_MS + 2 * ANNOUNCE_JITTER_MS;
/** Between two questions to one person: some eight of them before it is called away. */
const ASK_AGAIN_MS = 2_000;
/** At one time, twice a second: where a whole network falls silent, it is our own cable that is out. */
const ASKED_AT_ONCE = 8;

/** Whom to ask by unicast before calling them away; everybody gets a turn. */
export class Questions {
  private askedMs = new Map<string, number>();

  /** @param silent all who are around and silent */
  due(silent: readonly Silent[], nowMs: number): string[] {
    const asked = this.askedMs;
    const last = ({ key }: Silent): number => asked.get(key) ?? -Infinity;
    const due = silent
      .filter((one) => nowMs - last(one) >= ASK_AGAIN_MS)
      .sort((a, b) => (last(a) < last(b) ? -1 : 1))
      .slice(0, ASKED_AT_ONCE);
    // Whoever was heard in between is as good as never asked.
    this.askedMs = new Map(silent.flatMap(({ key }) => (asked.has(key) ? [[key, asked.get(key) ?? 0]] : [])));
    for (const { key } of due) this.askedMs.set(key, nowMs);
    return [...new Set(due.flatMap(({ ips }) => ips))];
  }
}
