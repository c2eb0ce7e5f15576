import { diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CryptoError } from './errors.js';
import { equalBytes } from './hkdf.js';
import { exportPublic, importPrivate, importPublic, OKP_BYTES } from './okp.js';

/** One side of a Diffie-Hellman exchange on Curve25519 (RFC 7748 §6.1). Made for one session and dropped with it. */
export interface X25519KeyPair {
  readonly privateKey: KeyObject;
  /** The share that goes to the peer: 32 bytes. */
  readonly publicKey: Buffer;
}

const ZERO = Buffer.alloc(OKP_BYTES);

/** A fresh pair, never to be used for a second session. */
export function generateX25519(): X25519KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { privateKey, publicKey: exportPublic(publicKey) };
}

/** The pair of 32 given secret bytes, for test vectors. */
export function x25519FromSeed(seed: Uint8Array): X25519KeyPair {
  const privateKey = importPrivate('X25519', seed);
  return { privateKey, publicKey: exportPublic(privateKey) };
}

/**
 * The 32-byte shared secret (RFC 7748 §6.1), to be run through `extract` and then erased.
 *
 * `CryptoError('bad-share')` for a share that is not 32 bytes, that is our own come back, or of low order, where the
 * result would be zero whatever our key is and so known to everybody (RFC 7748 §6.1, wire-v1 §4).
 */
export function agree(own: X25519KeyPair, peerShare: Uint8Array): Buffer {
  if (peerShare.length !== OKP_BYTES || equalBytes(own.publicKey, peerShare)) throw new CryptoError('bad-share');
  const secret = derive(own.privateKey, peerShare);
  // OpenSSL 3 fails by itself on a zero result; whether the next one still does is not left to chance.
  if (secret === undefined || equalBytes(secret, ZERO)) throw new CryptoError('bad-share');
  return secret;
}

function derive(privateKey: KeyObject, peerShare: Uint8Array): Buffer | undefined {
  const publicKey = importPublic('X25519', peerShare);
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // How a low-order share fails is OpenSSL's to choose, and a peer must not be able to stop us with it.
    return undefined;
  }
}
