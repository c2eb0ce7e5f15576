/** Strict UTF-8: what is malformed is refused, never repaired. */

// ignoreBOM means the mark is kept: it is text like any other, and dropping it would change what was signed.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text, or null where the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (err) {
    if (err instanceof TypeError) return null;
    throw err;
  }
}
