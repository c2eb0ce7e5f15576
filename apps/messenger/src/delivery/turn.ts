import type { HistoryTransaction } from '@earshot/history';

/**
 * One turn (docs/decisions/0007): all that has to be stored at this moment is written in one transaction, and whatever
 * tells somebody about it waits until that is on the disk.
 */
export class Turn {
  /** Peers whose stream to them changed: there may be more to put on the wire, or a session to be wanted. */
  readonly changed = new Set<string>();
  /** Peers in whose conversation something else is unread than before. */
  readonly unread = new Set<string>();
  private readonly departures: (() => void)[] = [];
  private readonly effects: (() => void)[] = [];

  constructor(readonly tx: HistoryTransaction) {}

  /** Is carried out once the commit has returned, in the order given, and never where it failed. */
  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  /** As `afterCommit`, but before all of those: messages that leave for a peer. */
  onDeparture(effect: () => void): void {
    this.departures.push(effect);
  }

  /** To be called with the commit behind it, and before `carryOut`. */
  leave(): void {
    for (const effect of this.departures) effect();
  }

  /** To be called with the commit behind it. */
  carryOut(): void {
    for (const effect of this.effects) effect();
  }
}
