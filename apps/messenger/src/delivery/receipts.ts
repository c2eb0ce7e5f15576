import type { DeliverySession } from './delivery-session.js';

/** An ACK or a REJECT. */
export interface Receipt {
  readonly session: DeliverySession;
  /** Hex, as in the store. */
  readonly stream: string;
  readonly n: number;
  /** Absent for an ACK. */
  readonly reason?: number;
}

/**
 * Receipts that are not noted yet: of each stream the furthest ACK, and one REJECT for a position, since a peer can repeat
 * both as often as it likes while our disk is full.
 */
export class Receipts {
  private readonly acks = new Map<string, Receipt>();
  private readonly rejects = new Map<string, Receipt>();

  get size(): number {
    return this.acks.size + this.rejects.size;
  }

  add(receipt: Receipt): void {
    const stream = `${receipt.session.peerId} ${receipt.stream}`;
    if (receipt.reason !== undefined) this.rejects.set(`${stream} ${receipt.n}`, receipt);
    else if (receipt.n >= (this.acks.get(stream)?.n ?? 0)) this.acks.set(stream, receipt);
  }

  /** Rejections first: an ACK covers what was rejected, too. */
  *all(): IterableIterator<Receipt> {
    yield* this.rejects.values();
    yield* this.acks.values();
  }
}
