import type { SignedSighting } from './sighting.js';

/** What the roster shows of an identity, as far as order is concerned. */
export interface Shown {
  readonly instance: string;
  /** Highest counter of that instance. */
  readonly counter: number;
  /** That instance said goodbye. */
  readonly ended: boolean;
  /** Instances that came before it. */
  readonly superseded: readonly string[];
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
 * decides; another instance is a restart unless it is one that a restart ended; a goodbye counts only for the instance
 * shown. The announcer's clock has no say: clocks go back.
 */
export function judge(
  shown: Shown | undefined,
  heard: Pick<SignedSighting, 'instance' | 'counter' | 'goodbye'>,
): Verdict {
  if (shown === undefined) return heard.goodbye ? 'stale' : 'new';
  if (heard.instance !== shown.instance) {
    return heard.goodbye || shown.superseded.includes(heard.instance) ? 'stale' : 'restarted';
  }
  if (shown.ended) return 'stale';
  if (heard.goodbye) return 'left';
  if (heard.counter === shown.counter) return 'copy';
  return heard.counter > shown.counter ? 'newer' : 'stale';
}
