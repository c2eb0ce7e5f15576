import {
  createPrivateKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { CryptoError } from './errors.js';
import { isSoundIdentity } from './identity-check.js';
import { labelled } from './label.js';
import { exportPublic, importPrivate, importPublic } from './okp.js';

/** Who we are: a long-term Ed25519 key (RFC 8032) that signs and does nothing else (wire-v1 §7). */
export interface IdentityKey {
  readonly privateKey: KeyObject;
  /** 32 bytes; `encodePeerId` makes the peer id of it. */
  readonly publicKey: Buffer;
}

const SIGNATURE_BYTES = 64;

/** A new identity. */
export function generateIdentity(): IdentityKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: exportPublic(publicKey) };
}

/** The identity of 32 given secret bytes (RFC 8032 §5.1.5), for test vectors. */
export function identityFromSeed(seed: Uint8Array): IdentityKey {
  const privateKey = importPrivate('Ed25519', seed);
  return { privateKey, publicKey: exportPublic(privateKey) };
}

/** The identity in an unencrypted PKCS #8 PEM file (RFC 8410 §7); `CryptoError('bad-key')` for anything else. */
export function identityFromPem(pem: string | Buffer): IdentityKey {
  const privateKey = parsePem(pem);
  if (privateKey?.asymmetricKeyType !== 'ed25519') throw new CryptoError('bad-key');
  return { privateKey, publicKey: exportPublic(privateKey) };
}

/** What `identityFromPem` reads. Secret: to be written to a file of mode 0600 and nowhere else. */
export function identityToPem(identity: IdentityKey): string {
  return identity.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** Ed25519 over `label | 00 | message` (wire-v1 §1): 64 bytes. */
export function sign(identity: IdentityKey, label: string, message: Uint8Array): Buffer {
  return signBytes(null, labelled(label, message), identity.privateKey);
}

/**
 * Whether `signature` is `sign(label, message)` by the owner of a raw public key. False, never an error, whatever
 * the bytes are; false too for every key that `checkIdentityKey` refuses, so that forgetting that call is no hole.
 */
export function verify(rawPublicKey: Uint8Array, label: string, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyUnlabelled(rawPublicKey, labelled(label, message), signature);
}

/** Plain Ed25519 (RFC 8032 §5.1.7) with the same refusals. Not for use outside this folder: what has no label can be taken for something else. */
export function verifyUnlabelled(rawPublicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || !isSoundIdentity(rawPublicKey)) return false;
  try {
    return verifyBytes(null, signed, importPublic('Ed25519', rawPublicKey), signature);
  } catch {
    // OpenSSL 3.0 says false for a point off the curve. Where a later one throws, a peer must not be able to stop us with it.
    return false;
  }
}

function parsePem(pem: string | Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return undefined;
  }
}
