/**
 * Fernet tokens (Fernet spec, version 0x80), for messages and the handshake alike (wire-v1 §4, §5).
 *
 *   offset 0      1              9        25               25+c       57+c
 *          | 80 | timestamp u64 | IV[16] | ciphertext[c]  | HMAC[32] |      c = 16, 32, 48, …
 *
 * The ciphertext is AES-128-CBC with PKCS #7 padding, the HMAC is SHA-256 over all before it, and the whole is sent as
 * padded base64url. A plaintext of n bytes makes 4 * ceil((57 + 16 * (floor(n / 16) + 1)) / 3) characters.
 */
import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from './base64url.js';
import { CryptoError } from './errors.js';
import type { FernetKey } from './fernet-key.js';

const VERSION = 0x80;
const IV_OFFSET = 9;
const CIPHERTEXT_OFFSET = 25;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;
const MIN_BYTES = CIPHERTEXT_OFFSET + BLOCK_BYTES + MAC_BYTES;
/** How far ahead a sender's clock may be where an age is checked at all: the figure of the Fernet spec's own vectors. */
const MAX_CLOCK_SKEW_SECONDS = 60;

export interface SealOptions {
  /** The token's timestamp, whole seconds since 1970; now, if left out. */
  readonly timeSeconds?: number;
  /** 16 bytes, for test vectors only: using one twice under a key shows which messages begin alike. */
  readonly iv?: Uint8Array;
}

/** Encrypts and authenticates. The token comes as ASCII bytes, as it goes on the wire. */
export function sealFernet(key: FernetKey, plaintext: Uint8Array, options: SealOptions = {}): Buffer {
  const { timeSeconds = Math.floor(Date.now() / 1000), iv } = options;
  const encrypted = iv === undefined ? key.cbc.encrypt(plaintext) : encryptUnder(key, iv, plaintext);

  const macOffset = IV_OFFSET + encrypted.length;
  const raw = Buffer.allocUnsafe(macOffset + MAC_BYTES);
  raw[0] = VERSION;
  writeTimestamp(raw, timeSeconds);
  raw.set(encrypted, IV_OFFSET);
  raw.set(authenticate(key, raw.subarray(0, macOffset)), macOffset);
  return Buffer.from(encodeBase64url(raw), 'latin1');
}

export interface OpenOptions {
  /**
   * Refuse tokens older than this, and those from more than a minute ahead. Sessions never ask for it: clocks on a
   * network without internet are wrong, and freshness comes from the Diffie-Hellman and the sequence number (wire-v1 §5).
   */
  readonly ttlSeconds?: number;
  /** What time it is, for `ttlSeconds`; now, if left out. */
  readonly nowSeconds?: number;
}

/**
 * The plaintext of a token, or `CryptoError('bad-token')`, which is the same for every reason there is.
 * In this order: encoding, shape, version, MAC in constant time, age where asked for, and only then decryption.
 */
export function openFernet(key: FernetKey, token: Uint8Array | string, options: OpenOptions = {}): Buffer {
  const raw = decodeBase64url(typeof token === 'string' ? token : asciiText(token));
  if (raw === undefined || raw.length < MIN_BYTES || raw.length % BLOCK_BYTES !== MIN_BYTES % BLOCK_BYTES)
    throw refused();
  if (raw[0] !== VERSION) throw refused();

  const macOffset = raw.length - MAC_BYTES;
  if (!timingSafeEqual(authenticate(key, raw.subarray(0, macOffset)), raw.subarray(macOffset))) throw refused();
  if (options.ttlSeconds !== undefined) {
    checkAge(readTimestamp(raw), options.ttlSeconds, options.nowSeconds ?? Math.floor(Date.now() / 1000));
  }

  // Whole blocks go in, so all that can fail here is the padding: only a holder of the key can have made that.
  const plaintext = key.cbc.decrypt(raw.subarray(IV_OFFSET, macOffset));
  if (plaintext === undefined) throw refused();
  return plaintext;
}

/** The only error of `openFernet`. */
function refused(): CryptoError {
  return new CryptoError('bad-token');
}

function authenticate(key: FernetKey, bytes: Buffer): Buffer {
  return createHmac('sha256', key.signing).update(bytes).digest();
}

function encryptUnder(key: FernetKey, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
}

function checkAge(timeSeconds: number, ttlSeconds: number, nowSeconds: number): void {
  if (timeSeconds + ttlSeconds < nowSeconds || timeSeconds > nowSeconds + MAX_CLOCK_SKEW_SECONDS) throw refused();
}

// Two halves instead of a BigInt, which costs more than the rest of the header together.
function writeTimestamp(raw: Buffer, timeSeconds: number): void {
  raw.writeUInt32BE(Math.floor(timeSeconds / 2 ** 32), 1);
  raw.writeUInt32BE(timeSeconds % 2 ** 32, 5);
}

function readTimestamp(raw: Buffer): number {
  return raw.readUInt32BE(1) * 2 ** 32 + raw.readUInt32BE(5);
}

/** Byte for byte, so that a byte over 7f stays a character that is not in the alphabet. */
function asciiText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
