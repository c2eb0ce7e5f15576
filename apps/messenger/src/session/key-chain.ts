import { expand, erase, FernetKey } from '@earshot/crypto';
import { RECORDS_PER_EPOCH_BITS } from '@earshot/protocol';

/**
 * The keys of one direction of a session, one per 1024 records (wire-v1 §5).
 *
 *     K[e] = Expand(ck[e], "earshot/1 key")      ck[e+1] = Expand(ck[e], "earshot/1 next")
 *
 * Steps happen at fixed sequence numbers, so there is no message that an attacker could hold back to stop one;
 * a chain key is erased as soon as its successor exists.
 */
export class KeyChain {
  private chainKey: Buffer;
  private epoch = 0;
  private key: FernetKey;

  /** @param chainKey ck[0], 32 bytes; owned and erased by the chain from here on. */
  constructor(chainKey: Buffer) {
    this.chainKey = chainKey;
    this.key = FernetKey.taking(expand(chainKey, 'earshot/1 key'));
  }

  /** The key for a record; sequence numbers never go back. */
  keyFor(seq: number): FernetKey {
    // Not a shift: a sequence number may pass 2^31.
    const epoch = Math.floor(seq / 2 ** RECORDS_PER_EPOCH_BITS);
    if (epoch < this.epoch) throw new Error('bug: a key chain cannot go back');
    while (this.epoch < epoch) {
      const next = expand(this.chainKey, 'earshot/1 next');
      erase(this.chainKey);
      this.chainKey = next;
      this.epoch += 1;
      this.key.erase();
      this.key = FernetKey.taking(expand(this.chainKey, 'earshot/1 key'));
    }
    return this.key;
  }

  erase(): void {
    erase(this.chainKey);
    this.key.erase();
  }
}
