/**
 * How much room text takes on a terminal. People see graphemes (UAX #29): a family of emoji or a letter with its marks is one,
 * and is never cut in two.
 */
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;

export function graphemes(text: string): string[] {
  return PLAIN.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/**
 * Rows of at most so many columns, broken at spaces where that is possible and between graphemes where a word is longer than a
 * row; line breaks stay. A grapheme that fits into no row is shown as "?".
 */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, columns)));
}

function wrapLine(line: string, columns: number): string[] {
  const done: string[] = [];
  let row = '';
  let width = 0;
  for (const word of line.split(/(?<= )/)) {
    const needs = widthOf(word.trimEnd());
    if (width > 0 && width + needs > columns) {
      done.push(row.trimEnd());
      row = '';
      width = 0;
    }
    for (const grapheme of needs > columns || widthOf(word) + width > columns ? graphemes(word) : [word]) {
      const wide = widthOf(grapheme);
      // A space at the end of a row is the break itself.
      if (width + wide > columns && grapheme === ' ') continue;
      if (width + wide > columns && width > 0) {
        done.push(row);
        row = '';
        width = 0;
      }
      row += wide > columns ? '?' : grapheme;
      width += Math.min(wide, columns);
    }
  }
  return [...done, row.trimEnd()];
}

/** Exactly so many columns: cut with "…", or filled with spaces. */
export function fit(text: string, columns: number): string {
  const width = widthOf(text);
  if (width <= columns) return text + ' '.repeat(columns - width);
  let row = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    const wide = widthOf(grapheme);
    if (used + wide > columns - 1) break;
    row += grapheme;
    used += wide;
  }
  return columns < 1 ? '' : `${row}…${' '.repeat(columns - 1 - used)}`;
}

/** Rows of so many columns at most, broken between graphemes alone: every character keeps its place, spaces too. */
export function breakRows(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => {
    const rows: string[] = [];
    let row = '';
    let width = 0;
    for (const grapheme of graphemes(line)) {
      const wide = widthOf(grapheme);
      if (width + wide > columns && width > 0) {
        rows.push(row);
        row = '';
        width = 0;
      }
      row += grapheme;
      width += wide;
    }
    return [...rows, row];
  });
}
