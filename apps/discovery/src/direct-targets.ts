import { SILENT_AFTER_MS } from './questions.js';
import type { Round } from './schedule.js';

/** Addresses to announce to one by one, because broadcasts may not reach them. */
export interface DirectTargetsInput {
  readonly round: Round;
  /** From EARSHOT_PEERS, resolved. */
  readonly configured: readonly string[];
  /** Last addresses of the people whom the user accepted. */
  readonly remembered: readonly string[];
  /** How long ago somebody was heard from an address, ms; absent when never. */
  readonly silentMs: ReadonlyMap<string, number>;
  /** Counts up, so that the remembered take turns. */
  readonly turn: number;
}

/** Of the configured; a list longer than that is no list of people any more. */
const CONFIGURED_MAX = 64;
/** Of the remembered: in the burst, and in an ordinary round, where idle traffic counts. */
const REMEMBERED_IN_BURST = 16;
const REMEMBERED_IN_ROUND = 2;

/**
 * Whom a round asks directly (protocol-design §8: every 32 s and in the burst), less whoever was heard just now. Whoever
 * is around but falls silent is asked between the rounds.
 */
export function directTargets({ round, configured, remembered, silentMs, turn }: DirectTargetsInput): string[] {
  const due = (ip: string): boolean => round.query || (silentMs.get(ip) ?? Infinity) > SILENT_AFTER_MS;
  if (!round.wide) return [];
  const others = remembered.filter((ip) => !configured.includes(ip) && due(ip));
  const share = round.query ? REMEMBERED_IN_BURST : REMEMBERED_IN_ROUND;
  return [...new Set([...configured.slice(0, CONFIGURED_MAX).filter(due), ...turns(others, share, turn)])];
}

/** A share of the list that moves on with every turn. */
function turns(list: readonly string[], share: number, turn: number): string[] {
  if (list.length <= share) return [...list];
  const start = (turn * share) % list.length;
  return [...list.slice(start), ...list.slice(0, start)].slice(0, share);
}
