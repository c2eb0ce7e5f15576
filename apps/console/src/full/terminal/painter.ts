/**
 * Puts frames on a terminal: of each only the rows that differ from the one before, in one write, so that nothing flickers and a
 * slow line carries little. The cursor is set where the reader writes.
 *
 * Terminals disagree about how wide some characters are. Nothing behind such a one may be pushed out of its place by that, so
 * the column where the next belongs is said after each that is not plain.
 */
import { graphemes, widthOf } from '../text/width.js';

const ESC = '\x1b[';
/** Synchronized output: a terminal that knows it shows all of it at once; the others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;
/** Of our own making: what people wrote holds none. */
const STYLES = /(\x1b\[[0-9;]*m)/;
/** Rows of these, and of the lines that boxes are drawn with, are as wide everywhere as they have characters. */
const SAME_EVERYWHERE = /^[\x20-\x7e\u2500-\u257f\x1b]*$/;

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
      // Cleared before and not behind: behind a row that is full, the cursor still stands on its last character.
      row === this.shown[n] ? [] : [`${ESC}${n + 1};1H${ESC}0m${ESC}2K${anchored(row)}${ESC}0m`],
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

/** The row, with the column said after each character that may be of another width on this terminal. */
function anchored(row: string): string {
  if (SAME_EVERYWHERE.test(row)) return row;
  let column = 0;
  let text = '';
  for (const part of row.split(STYLES)) {
    if (part.startsWith('\x1b')) {
      text += part;
      continue;
    }
    for (const grapheme of graphemes(part)) {
      column += widthOf(grapheme);
      text += SAME_EVERYWHERE.test(grapheme) ? grapheme : `${grapheme}${ESC}${column + 1}G`;
    }
  }
  return text;
}
