/** Rows that a statement is asked for at once: of the longest messages about a megabyte. */
const CHUNK_ROWS = 32;

/**
 * The rows of an ordered query one after the other, read a few at a time, so that whoever stops early has not read it all.
 * Not the statement's own iterator: Node 24 ends the process when its garbage collector meets one of better-sqlite3 12.
 *
 * @param read the next rows after (in the query's order) the one with this number, at most so many
 * @param start the number before the first row
 */
export function* inChunks<R>(
  read: (cursor: number, limit: number) => R[],
  start: number,
  numberOf: (row: R) => number,
): Generator<R, void, undefined> {
  for (let cursor = start; ;) {
    const rows = read(cursor, CHUNK_ROWS);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK_ROWS) return;
    cursor = numberOf(last);
  }
}
