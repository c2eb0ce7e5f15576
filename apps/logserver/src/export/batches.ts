import { safeJsonLine } from '@earshot/runtime';

/** A stream writes each piece by itself: pieces of this size cost little and hold little. */
const BATCH_CHARACTERS = 64 * 1024;

/** The same text in fewer, larger pieces. */
export function* batches(pieces: Iterable<string>): Generator<string, void, undefined> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}

/** A JSON array, one element per line, in characters that a terminal only shows. */
export function* jsonArray(items: Iterable<unknown>): Generator<string, void, undefined> {
  let separator = '[\n';
  for (const item of items) {
    yield separator + safeJsonLine(JSON.stringify(item));
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
