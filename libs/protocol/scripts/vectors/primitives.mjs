/** The primitives of wire-v1 §4 on node:crypto, for vectors only. */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign as edSign,
} from 'node:crypto';
import { ascii, cat, hex, u32, u64, u8 } from './bytes.mjs';

const ED25519_PRIVATE = '302e020100300506032b657004220420';
const X25519_PRIVATE = '302e020100300506032b656e04220420';
const X25519_PUBLIC = '302a300506032b656e032100';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
export const hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest();
export const mixHash = (h, m) => sha256(cat(h, u32(m.length), m));
/** HKDF-Expand of at most 32 bytes. */
export const expand = (prk, label, context = ascii(''), n = 32) =>
  hmac(prk, cat(ascii(label), u8(0), context, u8(1))).subarray(0, n);

const privateKey = (prefix, raw) => createPrivateKey({ key: cat(hex(prefix), raw), format: 'der', type: 'pkcs8' });
const rawPublic = (key) => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

/** An Ed25519 identity from its seed. */
export function identity(seed) {
  const key = privateKey(ED25519_PRIVATE, seed);
  return { id: rawPublic(key), sign: (label, message) => edSign(null, cat(ascii(label), u8(0), message), key) };
}

export const shareOf = (raw) => rawPublic(privateKey(X25519_PRIVATE, raw));
export const sharedSecret = (raw, peerShare) =>
  diffieHellman({
    privateKey: privateKey(X25519_PRIVATE, raw),
    publicKey: createPublicKey({ key: cat(hex(X25519_PUBLIC), peerShare), format: 'der', type: 'spki' }),
  });

/** The draws of session.json: whole blocks of SHA256(seed | u32 i), none shared by two draws. */
export function draws(seed) {
  let i = 0;
  return (n) => {
    const blocks = [];
    for (let have = 0; have < n; have += 32) blocks.push(sha256(cat(ascii(seed), u32(i++))));
    return cat(...blocks).subarray(0, n);
  };
}

/** A Fernet token as padded base64url; `version` and `padding` are there to be wrong. */
export function fernet(key, iv, time, plaintext, { version = 0x80, padded } = {}) {
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv).setAutoPadding(padded === undefined);
  const sealed = cat(u8(version), u64(time), iv, cipher.update(padded ?? plaintext), cipher.final());
  const raw = cat(sealed, hmac(key.subarray(0, 16), sealed));
  const text = raw.toString('base64url');
  return ascii(text + '='.repeat((4 - (text.length % 4)) % 4));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Another spelling of the same bytes: in base64 the lowest bit of the last character is spare unless a group is full. */
export const respell = (base64) =>
  base64.replace(/(.)(=*)$/, (_, last, padding) => `${ALPHABET[ALPHABET.indexOf(last) ^ 1]}${padding}`);
