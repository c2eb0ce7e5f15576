import { temporaryFolder } from '@earshot/testkit';

/** Where a group works: a folder of its own, and everything it must take away again. */
export class Place {
  readonly folder: string;
  private cleared: Promise<void> | undefined;
  private readonly undo: (() => Promise<void> | void)[] = [];

  /** @param profiles Where the processes that the group starts leave their CPU profiles; undefined for none. */
  constructor(readonly profiles?: string) {
    const folder = temporaryFolder();
    this.folder = folder.path;
    this.defer(() => {
      folder.remove();
    });
  }

  /** Done when the group is over, the last one first. */
  defer(undo: () => Promise<void> | void): void {
    this.undo.push(undo);
  }

  /** Something about the figures that the reader should know. */
  note(text: string): void {
    process.stderr.write(`bench: ${text}\n`);
  }

  /** Called again, it waits for the same end: an interruption may come while a group that failed is being cleared. */
  clear(): Promise<void> {
    return (this.cleared ??= this.undoAll());
  }

  private async undoAll(): Promise<void> {
    for (let undo = this.undo.pop(); undo !== undefined; undo = this.undo.pop()) {
      try {
        await undo();
      } catch (err) {
        // The rest must go all the same.
        this.note(`not taken away: ${err instanceof Error ? err.message : 'failed'}`);
      }
    }
  }
}
