/**
 * Rows of a terminal. What does not fit into one goes on at the edge of the next, where a line of ours begins: a text that
 * guesses the width could go on there as somebody else's. So it is folded here, and what goes on stands behind the gutter.
 */
import { GUTTER } from './sanitize.js';

/** Of the terminal that the lines go to; undefined where it is none. */
export type Columns = number | undefined;

/** Narrower than this, the gutter would leave no room. */
const MIN_COLUMNS = 20;

/** @param text sanitized: every character in it is one that is shown */
export function fold(text: string, columns: Columns): string {
  if (columns === undefined || columns < MIN_COLUMNS) return text;
  return text
    .split('\n')
    .flatMap((line) => rows(line, columns))
    .join('\n');
}

function rows(line: string, columns: number): string[] {
  const done: string[] = [];
  let row = '';
  let width = 0;
  for (const character of line) {
    const needs = widthOf(character);
    // A mark belongs to the character before.
    if (width + needs > columns && !/\p{M}/u.test(character)) {
      const [fits, rest] = parted(row, columns);
      done.push(fits);
      row = GUTTER + rest;
      width = widthOfAll(row);
    }
    row += character;
    width += needs;
  }
  return [...done, row];
}

/** After the last space, so that words stay whole, unless one has most of a row to itself. */
function parted(row: string, columns: number): [fits: string, rest: string] {
  const space = row.lastIndexOf(' ');
  const rest = row.slice(space + 1);
  const isWhole = space < GUTTER.length || GUTTER.length + widthOfAll(rest) > columns / 2;
  return isWhole ? [row, ''] : [row.slice(0, space), rest];
}

function widthOfAll(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + widthOf(character), 0);
}

/**
 * Columns that a character takes, at most: terminals do not agree, and a row that ends early does no harm. One for the
 * alphabets below Hangul and for the Latin and Greek additions, two for all else.
 */
function widthOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  return codePoint < 0x1100 || (codePoint >= 0x1e00 && codePoint < 0x2000) ? 1 : 2;
}
