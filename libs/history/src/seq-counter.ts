/** The numbers of the change feed. The one writer hands them out from memory; a rolled-back transaction gives its numbers back. */
export class SeqCounter {
  constructor(private last: number) {}

  /** Takes `count` numbers and returns the last of them. */
  take(count = 1): number {
    this.last += count;
    return this.last;
  }

  mark(): number {
    return this.last;
  }

  rewind(mark: number): void {
    this.last = mark;
  }
}
