import { CryptoError } from './errors.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const KEY_BYTES = 32;
const TAG_CHARACTERS = 10;
const PEER_ID = /^[a-z2-7]{52}$/;

/** The peer id of a raw Ed25519 key: base32 (RFC 4648 §6), lower case, without padding, 52 characters (wire-v1 §7). */
export function encodePeerId(raw: Uint8Array): string {
  if (raw.length !== KEY_BYTES) throw new Error(`bug: a peer id stands for ${KEY_BYTES} bytes, not ${raw.length}`);
  let id = '';
  let bits = 0;
  let pending = 0;
  for (const byte of raw) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += ALPHABET.charAt(pending >> bits);
      pending &= (1 << bits) - 1;
    }
  }
  // 256 bits are 51 characters and one bit: the last character has four unused bits, all zero.
  return id + ALPHABET.charAt(pending << (5 - bits));
}

/**
 * The 32 bytes behind a peer id. Refuses with `CryptoError('bad-peer-id')` all but the one spelling that `encodePeerId`
 * gives. It does not say that the key is any good: that is `checkIdentityKey`.
 */
export function decodePeerId(id: string): Buffer {
  if (!PEER_ID.test(id)) throw new CryptoError('bad-peer-id');
  const raw = Buffer.alloc(KEY_BYTES);
  let offset = 0;
  let bits = 0;
  let pending = 0;
  for (const character of id) {
    pending = (pending << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      raw[offset] = pending >> bits;
      offset += 1;
      pending &= (1 << bits) - 1;
    }
  }
  if (pending !== 0) throw new CryptoError('bad-peer-id');
  return raw;
}

/** The first 10 characters, which tell two people of the same name apart on a screen: 50 bits, never a proof. */
export function peerTag(id: string): string {
  return id.slice(0, TAG_CHARACTERS);
}
