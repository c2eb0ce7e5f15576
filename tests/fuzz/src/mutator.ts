import type { SeededRandom } from '@earshot/testkit';

/** At the edges of fields of one, two, four and eight bytes, big-endian as all of ours. */
const INTERESTING = ['00', '01', '7f', '80', 'ff', '0000', '0100', '7fff', 'ffff', '00000000', '7fffffff', 'ffffffff']
  .concat(['0000000000000000', '001fffffffffffff', '0020000000000000', 'ffffffffffffffff'])
  .map((digits) => Buffer.from(digits, 'hex'));
/** Some mutations in a row reach what none of them does alone. */
const IN_A_ROW_MAX = 6;

/** Changes inputs at random, the same again for the same random numbers. */
export class Mutator {
  constructor(
    private readonly random: SeededRandom,
    private readonly dictionary: readonly Buffer[],
    private readonly maxBytes: number,
  ) {}

  /** @param other another input, to take a piece of */
  mutate(input: Buffer, other: Buffer): Buffer {
    let bytes = input;
    for (let left = 1 + this.random.below(IN_A_ROW_MAX); left > 0; left -= 1) bytes = this.once(bytes, other);
    return bytes.subarray(0, this.maxBytes);
  }

  private once(bytes: Buffer, other: Buffer): Buffer {
    switch (this.random.below(11)) {
      case 0:
        return this.changed(bytes, (byte) => byte ^ (1 << this.random.below(8)));
      case 1:
        return this.changed(bytes, () => this.random.below(256));
      case 2:
        return this.changed(bytes, (byte) => byte + this.random.below(33) - 16);
      case 3:
        return this.overwritten(bytes, this.pick(INTERESTING));
      case 4:
        return this.overwritten(bytes, this.pick(this.dictionary));
      case 5:
        return this.inserted(bytes, this.pick(this.dictionary));
      case 6:
        return this.inserted(bytes, this.random.bytes(1 + this.random.below(8)));
      case 7:
        return this.inserted(bytes, this.pieceOf(bytes));
      case 8:
        return this.inserted(bytes, this.pieceOf(other));
      case 9:
        return this.shortened(bytes);
      default:
        return this.measured(bytes);
    }
  }

  private changed(bytes: Buffer, change: (byte: number) => number): Buffer {
    const copy = Buffer.from(bytes);
    if (copy.length === 0) return copy;
    const at = this.random.below(copy.length);
    copy[at] = change(copy[at] ?? 0);
    return copy;
  }

  private overwritten(bytes: Buffer, piece: Buffer): Buffer {
    const copy = Buffer.from(bytes);
    piece.copy(copy, this.random.below(copy.length + 1));
    return copy;
  }

  private inserted(bytes: Buffer, piece: Buffer): Buffer {
    const at = this.random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  }

  private shortened(bytes: Buffer): Buffer {
    const from = this.random.below(bytes.length + 1);
    const end = from + this.random.below(Math.min(64, bytes.length - from) + 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(end)]);
  }

  /** A length field that is right, or nearly, for what follows it: what no chance finds. */
  private measured(bytes: Buffer): Buffer {
    const width = [1, 2, 4][this.random.below(3)] ?? 1;
    if (bytes.length < width) return bytes;
    const copy = Buffer.from(bytes);
    const at = this.random.below(bytes.length - width + 1);
    const follows = bytes.length - at - width + this.random.below(3) - 1;
    copy.writeUIntBE(Math.max(0, follows) % 256 ** width, at, width);
    return copy;
  }

  private pieceOf(bytes: Buffer): Buffer {
    const from = this.random.below(bytes.length + 1);
    return bytes.subarray(from, from + this.random.below(Math.min(64, bytes.length - from) + 1));
  }

  private pick(pieces: readonly Buffer[]): Buffer {
    return pieces[this.random.below(pieces.length)] ?? Buffer.alloc(0);
  }
}
