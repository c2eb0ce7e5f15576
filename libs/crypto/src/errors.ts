/**
 * What can be wrong with bytes that somebody else chose. One code each, and nothing more: no detail and no cause,
 * since whoever learns *why* a token was refused may learn something about the key.
 */
export type CryptoErrorCode =
  /** A Fernet token that does not open: encoding, version, shape, MAC, padding or age. */
  | 'bad-token'
  /** An X25519 share of the wrong length, of low order, or our own. */
  | 'bad-share'
  /** An Ed25519 public key of the wrong length, not canonical, or of small order. */
  | 'bad-identity'
  /** Text that is not the one encoding of 32 bytes as a peer id. */
  | 'bad-peer-id'
  /** A stored key (text or PEM) that cannot be read as what it should be. */
  | 'bad-key';

/** Bytes from outside failed a cryptographic check. A wrong call of ours is a plain `Error` that starts with `bug:`. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  constructor(readonly code: CryptoErrorCode) {
    super(code);
  }
}
