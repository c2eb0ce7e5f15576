import { createHash } from 'node:crypto';

/** `h0 = SHA256(name)`: the transcript of a handshake before its first message (wire-v1 §4). */
export function startTranscript(protocolName: string): Buffer {
  return createHash('sha256').update(protocolName, 'latin1').digest();
}

/**
 * `MixHash(h, m) = SHA256(h | u32(length of m) | m)` (wire-v1 §1): 32 bytes that stand for everything said so far and `m`.
 * The length is there so that no two sequences of messages run together into the same bytes.
 */
export function mixHash(hash: Uint8Array, message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return createHash('sha256').update(hash).update(length).update(message).digest();
}
