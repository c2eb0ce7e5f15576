/** The records of one session (wire-v1 §5), ours with the changes that a file of the corpus asks for. */
import { expand, FernetKey, openFernet } from '@earshot/crypto';
import {
  decodeRecord,
  encodeFrame,
  encodeRecord,
  FRAME_TYPE,
  RECORDS_PER_EPOCH_BITS,
  type DecodedRecord,
} from '@earshot/protocol';
import type { RecordLayers } from './format.js';
import type { Role } from './handshake.js';
import { patched } from './patches.js';
import { sealed } from './sealed.js';

/** One direction. All keys can be had again: who breaks the rules does not forget them either. */
class Direction {
  seq = 0;
  constructor(private readonly chain: Buffer) {}

  get epoch(): number {
    return this.seq >> RECORDS_PER_EPOCH_BITS;
  }

  key(epoch: number): FernetKey {
    let chain = this.chain;
    for (let e = 0; e < epoch; e++) chain = expand(chain, 'earshot/1 next');
    return new FernetKey(expand(chain, 'earshot/1 key'));
  }
}

export class Records {
  private readonly out: Direction;
  private readonly in: Direction;

  constructor(
    private readonly role: Role,
    chains: { own: Buffer; theirs: Buffer },
    private readonly named: (name: string) => Buffer,
  ) {
    this.out = new Direction(chains.own);
    this.in = new Direction(chains.theirs);
  }

  seal(type: number, body: Buffer, layers: RecordLayers = {}): Buffer {
    const { out, named } = this;
    const made = encodeRecord({ role: this.role, type, seq: out.seq, body });
    const sized = layers.size === undefined ? made : Buffer.concat([made, Buffer.alloc(layers.size - made.length)]);
    const plain = patched(sized, layers.plain, named);
    const key = {
      own: () => out.key(out.epoch),
      next: () => out.key(out.epoch + 1),
      first: () => out.key(0),
      theirs: () => this.in.key(this.in.epoch),
    }[layers.key ?? 'own']();
    out.seq += 1;
    return patched(encodeFrame(FRAME_TYPE.record, sealed(key, plain, layers, named)), layers.frame, named);
  }

  open(token: Buffer): DecodedRecord {
    const plain = openFernet(this.in.key(this.in.epoch), token);
    const record = decodeRecord(plain, { role: this.role === 'I' ? 'R' : 'I', seq: this.in.seq });
    this.in.seq += 1;
    return record;
  }
}
