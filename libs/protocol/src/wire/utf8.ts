/** Strict UTF-8: what is malformed is refused, never repaired. A byte order mark is text like any other, and is kept. */
import { isUtf8 } from 'node:buffer';

/** The text, or null where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') : null;
}
