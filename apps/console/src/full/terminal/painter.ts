/**
 * Puts frames on a terminal: of each only the rows that differ from the one before, in one write, so that nothing flickers and a
 * slow line carries little. The cursor is set where the reader writes.
 */
const ESC = '\x1b[';
/** Synchronized output: a terminal that knows it shows all of it at once; the others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;

export interface Cursor {
  readonly row: number;
  readonly column: number;
}

export class Painter {
  private shown: readonly string[] = [];
  private cursor: Cursor | undefined;

  constructor(private readonly write: (text: string) => void) {}

  /** @param frame rows between line breaks, with their colours */
  paint(frame: string, cursor: Cursor): void {
    const rows = frame.split('\n');
    const changes = rows.flatMap((row, n) =>
      row === this.shown[n] ? [] : [`${ESC}${n + 1};1H${ESC}0m${row}${ESC}0m${ESC}K`],
    );
    const isMoved = this.cursor?.row !== cursor.row || this.cursor.column !== cursor.column;
    if (changes.length === 0 && !isMoved) return;
    this.shown = rows;
    this.cursor = cursor;
    this.write(`${BEGIN}${changes.join('')}${ESC}${cursor.row + 1};${cursor.column + 1}H${END}`);
  }

  /** What is on the terminal is not known any more: the next frame is drawn whole. */
  forget(): void {
    this.shown = [];
    this.cursor = undefined;
  }
}
