import type { SignedSighting } from './sighting.js';

/** What the roster shows of an identity, as far as order is concerned. */
export interface Shown {
  readonly instance: string;
  /** Highest counter of that instance. */
  readonly counter: number;
  /** That instance said goodbye. */
  readonly ended: boolean;
  /** Instances that came before it, with the highest counter of each. */
  readonly superseded: ReadonlyMap<string, number>;
}

export type Verdict =
  /** Never heard of. */
  | 'new'
  /** The announcer's discovery started again. */
  | 'restarted'
  | 'newer'
  /** The newest announcement once more: by another path, from another address of the announcer, or replayed. */
  | 'copy'
  | 'left'
  /** Older than what is shown: changes nothing. */
  | 'stale';

/**
 * Where an announcement stands in the order of its announcer's (protocol-design §8). Within an instance the counter
 * decides; another instance is a restart; one that a restart ended comes back only by a counter above all that was heard of
 * it, which no recording of that has; a goodbye counts only for the instance shown. The announcer's clock has no say: clocks
 * go back.
 */
export function judge(
  shown: Shown | undefined,
  heard: Pick<SignedSighting, 'instance' | 'counter' | 'goodbye'>,
): Verdict {
  if (shown === undefined) return heard.goodbye ? 'stale' : 'new';
  if (heard.instance !== shown.instance) {
    const heardOfIt = shown.superseded.get(heard.instance) ?? -1;
    return heard.goodbye || heard.counter <= heardOfIt ? 'stale' : 'restarted';
  }
  if (shown.ended) return 'stale';
  if (heard.goodbye) return 'left';
  if (heard.counter === shown.counter) return 'copy';
  return heard.counter > shown.counter ? 'newer' : 'stale';
}
