/**
 * Raw 32-byte keys in and out of node:crypto, for both curves that call themselves "octet key pairs" (RFC 8037, RFC 8410).
 *
 * Public keys travel as JWK, since OpenSSL's DER decoder takes 114 us for what costs 7 us that way. Private keys go in
 * as DER: a JWK would leave the secret behind in a string, which cannot be erased.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { erase } from './erase.js';

export type Curve = 'X25519' | 'Ed25519';
export const OKP_BYTES = 32;

/** PKCS #8 up to the seed: version 0, the curve's OID, an octet string in an octet string (RFC 8410 §7). */
const PRIVATE_PREFIX: Record<Curve, Buffer> = {
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
};

/** A private key from its 32 secret bytes. */
export function importPrivate(curve: Curve, seed: Uint8Array): KeyObject {
  if (seed.length !== OKP_BYTES)
    throw new Error(`bug: an ${curve} private key has ${OKP_BYTES} bytes, not ${seed.length}`);
  const der = Buffer.alloc(PRIVATE_PREFIX[curve].length + OKP_BYTES);
  der.set(PRIVATE_PREFIX[curve]);
  der.set(seed, PRIVATE_PREFIX[curve].length);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  erase(der);
  return key;
}

/** A public key from its 32 bytes, which the caller has counted. Whether they make sense is found out in use. */
export function importPublic(curve: Curve, raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x }, format: 'jwk' });
}

/** The 32 bytes of a private or public key's public half. */
export function exportPublic(key: KeyObject): Buffer {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (x === undefined) throw new Error('bug: not an octet key pair');
  return Buffer.from(x, 'base64url');
}
