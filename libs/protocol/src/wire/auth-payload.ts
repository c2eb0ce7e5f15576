/** What a handshake token holds, wire-v1 §4.4: `pay[304] | signature[64] | mac[32]`. */
import { ProtocolError } from '../errors.js';
import { HANDSHAKE_PAYLOAD_BYTES } from '../limits.js';
import { decodeExtensions, encodeExtensions, type Extensions } from './extensions.js';
import { isZeroFrom } from './zero-padding.js';

/** `pv u8 = 1 | id[32] | ext_len u16 | ext | zeros`, 304 bytes whatever it says, so that its length tells nothing. */
export interface AuthPayload {
  /** Raw Ed25519 public key, 32 bytes. Whether it is one is for the caller to check. */
  readonly identity: Uint8Array;
  readonly extensions: Extensions;
}

const PAYLOAD_VERSION = 1;
const IDENTITY_BYTES = 32;
const EXTENSIONS_AT = 1 + IDENTITY_BYTES + 2;
const SIGNATURE_BYTES = 64;
const MAC_BYTES = 32;
const PLAINTEXT_BYTES = HANDSHAKE_PAYLOAD_BYTES + SIGNATURE_BYTES + MAC_BYTES;

export function encodeAuthPayload({ identity, extensions }: AuthPayload): Buffer {
  const ext = encodeExtensions(extensions);
  if (identity.length !== IDENTITY_BYTES) throw new Error(`bug: identity of ${identity.length} bytes`);
  if (EXTENSIONS_AT + ext.length > HANDSHAKE_PAYLOAD_BYTES) throw new Error(`bug: extensions of ${ext.length} bytes`);
  const pay = Buffer.alloc(HANDSHAKE_PAYLOAD_BYTES);
  pay[0] = PAYLOAD_VERSION;
  pay.set(identity, 1);
  pay.writeUInt16BE(ext.length, 1 + IDENTITY_BYTES);
  pay.set(ext, EXTENSIONS_AT);
  return pay;
}

/** @throws ProtocolError 'bad-auth-payload' or 'bad-extension' */
export function decodeAuthPayload(pay: Buffer): AuthPayload & { identity: Buffer } {
  if (pay.length !== HANDSHAKE_PAYLOAD_BYTES) throw new ProtocolError('bad-auth-payload', `${pay.length} bytes`);
  if (pay[0] !== PAYLOAD_VERSION) throw new ProtocolError('bad-auth-payload', 'version');
  const end = EXTENSIONS_AT + pay.readUInt16BE(1 + IDENTITY_BYTES);
  if (end > pay.length) throw new ProtocolError('bad-auth-payload', 'extension length');
  if (!isZeroFrom(pay, end)) throw new ProtocolError('bad-auth-payload', 'padding');
  return {
    identity: pay.subarray(1, 1 + IDENTITY_BYTES),
    extensions: decodeExtensions(pay.subarray(EXTENSIONS_AT, end)),
  };
}

/** The three parts of a token's plaintext. The transcript hashes `pay` and `signature` as they arrived. */
export interface AuthPlaintext {
  readonly pay: Buffer;
  /** Ed25519 over the transcript with `pay`, 64 bytes. */
  readonly signature: Buffer;
  /** HMAC-SHA256 over the transcript with `pay` and `signature`, 32 bytes. */
  readonly mac: Buffer;
}

/** @returns 400 bytes */
export function joinAuthPlaintext({ pay, signature, mac }: AuthPlaintext): Buffer {
  const plaintext = Buffer.concat([pay, signature, mac]);
  if (plaintext.length !== PLAINTEXT_BYTES) throw new Error(`bug: authentication of ${plaintext.length} bytes`);
  return plaintext;
}

/** @throws ProtocolError 'bad-auth-payload' when it is not 400 bytes */
export function splitAuthPlaintext(plaintext: Buffer): AuthPlaintext {
  if (plaintext.length !== PLAINTEXT_BYTES) throw new ProtocolError('bad-auth-payload', `${plaintext.length} bytes`);
  return {
    pay: plaintext.subarray(0, HANDSHAKE_PAYLOAD_BYTES),
    signature: plaintext.subarray(HANDSHAKE_PAYLOAD_BYTES, HANDSHAKE_PAYLOAD_BYTES + SIGNATURE_BYTES),
    mac: plaintext.subarray(-MAC_BYTES),
  };
}
