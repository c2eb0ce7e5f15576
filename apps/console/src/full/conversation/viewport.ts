/**
 * Which rows of a conversation are seen. Pure. A place is a row of a message, or the end, so that nothing moves under the reader
 * when messages come or older ones are loaded.
 */
import type { Row } from './rows.js';

/** What is shown, oldest first: each entry with rows of its own, found by its key. */
export interface Entries {
  readonly count: number;
  readonly keyOf: (index: number) => string;
  readonly rowsOf: (index: number) => readonly Row[];
  readonly indexOf: (key: string) => number;
}

/** The row at the top of the screen; `bottom` follows what comes. */
export type Place = 'bottom' | { readonly key: string; readonly row: number };

export interface Seen {
  readonly rows: readonly Row[];
  /** The first and last entry that are seen, in part at least; -1 where there is none. */
  readonly first: number;
  readonly last: number;
  /** Of the place: what cannot be shown as asked (nothing is below) is the end. */
  readonly place: Place;
}

/** The rows at a place, `height` of them where there are so many. */
export function see(entries: Entries, place: Place, height: number): Seen {
  const start = place === 'bottom' ? undefined : startOf(entries, place);
  if (start !== undefined) {
    const seen = downFrom(entries, start, height);
    if (seen.rows.length >= height) return { ...seen, place };
  }
  return upFromEnd(entries, height);
}

/** The place that is so many rows further down, or up where negative. */
export function scrolled(entries: Entries, place: Place, by: number, height: number): Place {
  let at = topOf(entries, place, height);
  if (at === undefined) return 'bottom';
  let { index, row } = at;
  row += by;
  while (row < 0 && index > 0) {
    index--;
    row += entries.rowsOf(index).length;
  }
  while (index < entries.count - 1 && row >= entries.rowsOf(index).length) {
    row -= entries.rowsOf(index).length;
    index++;
  }
  at = { index, row: Math.max(0, row) };
  const wanted: Place = { key: entries.keyOf(at.index), row: at.row };
  const isPastEnd = downFrom(entries, at, height + 1).rows.length <= height;
  return by > 0 && isPastEnd ? 'bottom' : see(entries, wanted, height).place;
}

/** The place with this entry at the top. */
export function placeAt(entries: Entries, index: number, height: number): Place {
  return index < 0 || index >= entries.count
    ? 'bottom'
    : see(entries, { key: entries.keyOf(index), row: 0 }, height).place;
}

interface At {
  readonly index: number;
  readonly row: number;
}

function startOf(entries: Entries, { key, row }: { key: string; row: number }): At | undefined {
  const index = entries.indexOf(key);
  return index < 0 ? undefined : { index, row: Math.min(row, entries.rowsOf(index).length - 1) };
}

function topOf(entries: Entries, place: Place, height: number): At | undefined {
  const start = place === 'bottom' ? undefined : startOf(entries, place);
  if (start !== undefined) return start;
  const { first, rows } = upFromEnd(entries, height);
  if (first < 0) return undefined;
  let below = 0;
  for (let index = first; index < entries.count; index++) below += entries.rowsOf(index).length;
  return { index: first, row: Math.max(0, below - rows.length) };
}

function downFrom(entries: Entries, { index, row }: At, height: number) {
  const rows: Row[] = [];
  let last = index;
  for (let n = index; n < entries.count && rows.length < height; n++) {
    rows.push(...entries.rowsOf(n).slice(n === index ? row : 0));
    last = n;
  }
  return { rows: rows.slice(0, height), first: index, last };
}

function upFromEnd(entries: Entries, height: number): Seen {
  const parts: (readonly Row[])[] = [];
  let count = 0;
  let first = entries.count;
  while (first > 0 && count < height) {
    first--;
    const rows = entries.rowsOf(first);
    parts.unshift(rows);
    count += rows.length;
  }
  const rows = parts.flat();
  return {
    rows: rows.slice(Math.max(0, rows.length - height)),
    first: entries.count === 0 ? -1 : first,
    last: entries.count - 1,
    place: 'bottom',
  };
}
