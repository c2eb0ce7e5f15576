import { createHmac, timingSafeEqual } from 'node:crypto';
import { erase } from './erase.js';
import { labelled } from './label.js';

const HASH_BYTES = 32;
const MAX_BLOCKS = 255;
const EMPTY = Buffer.alloc(0);

/** HKDF-Extract (RFC 5869 §2.2) with SHA-256: `HMAC(salt, ikm)`, 32 bytes. */
export function extract(salt: Uint8Array, ikm: Uint8Array): Buffer {
  return createHmac('sha256', salt).update(ikm).digest();
}

/** HKDF-Expand with info = `label | 00 | context` (wire-v1 §1): `size` bytes of a key that serves this one purpose. */
export function expand(prk: Uint8Array, label: string, context: Uint8Array = EMPTY, size = HASH_BYTES): Buffer {
  return expandInfo(prk, labelled(label, context), size);
}

/**
 * HKDF-Expand (RFC 5869 §2.3) with SHA-256. Our own loop because node's `hkdf` always extracts first, which would run
 * a chain key through one more hash than the specification says.
 */
export function expandInfo(prk: Uint8Array, info: Uint8Array, size: number): Buffer {
  if (size > MAX_BLOCKS * HASH_BYTES) throw new Error(`bug: HKDF cannot make ${size} bytes`);
  const out = Buffer.alloc(size);
  let block: Buffer = EMPTY;
  for (let i = 1, offset = 0; offset < size; i += 1, offset += HASH_BYTES) {
    const next = createHmac('sha256', prk).update(block).update(info).update(Buffer.of(i)).digest();
    // It is a part of the key, or all of it.
    erase(block);
    block = next;
    block.copy(out, offset);
  }
  erase(block);
  return out;
}

/** HMAC-SHA256 over `label | 00 | message` (wire-v1 §1): 32 bytes, to be compared with `equalBytes`. */
export function mac(key: Uint8Array, label: string, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(labelled(label, message)).digest();
}

/** Whether two byte strings are equal, in a time that tells their lengths and nothing else. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
