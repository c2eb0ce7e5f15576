/** More words than this narrow nothing down and only cost time. */
const MAX_WORDS = 32;

/**
 * An FTS5 query for messages that hold every one of the words, in one conversation or all. Each word is quoted, so
 * that nothing in it is query syntax; a NUL would end the query in the middle of a quote. Null when there is no word:
 * a letter or digit at least, since the index knows nothing else.
 */
export function wordsQuery(words: string, peerKey: number | undefined): string | null {
  const quoted = words
    .split(/[\s\0]+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word))
    .slice(0, MAX_WORDS)
    .map((word) => `"${word.replaceAll('"', '""')}"`);
  if (quoted.length === 0) return null;
  const text = `text : (${quoted.join(' AND ')})`;
  return peerKey === undefined ? text : `${text} AND peer : "${peerKey}"`;
}
