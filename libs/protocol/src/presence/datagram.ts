/**
 * What travels over UDP, presence-v1 §2: the original's JSON object, with one field more that the original ignores.
 *
 *   {"username":"alice","ip":"192.168.1.20","port":7001,"earshot":"<base64url of blob | signature[64], unpadded>"}
 */
import { ProtocolError } from '../errors.js';
import { ANNOUNCEMENT_MAX_BYTES, DATAGRAM_MAX_BYTES, USERNAME_MAX_BYTES } from '../limits.js';
import { decodeUtf8 } from '../wire/utf8.js';
import { decodeAnnouncement, type Announcement } from './announcement.js';
import { isIpv4 } from './ipv4.js';

export interface SignedDatagram {
  readonly kind: 'signed';
  /** The bytes that the signature must cover, as they arrived. Nothing in here has been verified. */
  readonly blob: Buffer;
  readonly signature: Buffer;
  readonly announcement: Announcement;
  /** The field that holds blob and signature. */
  readonly earshot: string;
}

/** The original program's announcement: shown as one that cannot chat securely, never dialled. */
export interface LegacyDatagram {
  readonly kind: 'legacy';
  /** Whatever the stranger called itself, at most 64 bytes, with U+FFFD for all that would not print. */
  readonly username: string;
  readonly ip: string;
  readonly port: number;
}

const SIGNATURE_BYTES = 64;
const DECIMAL = /^[1-9][0-9]{0,4}$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** @param blob from `encodeAnnouncement`; the keys outside of it are for the original, so they repeat what is signed */
export function encodeDatagram(blob: Buffer, signature: Uint8Array): string {
  const { username, ip, port } = decodeAnnouncement(blob);
  const earshot = Buffer.concat([blob, signature]).toString('base64url');
  const datagram = JSON.stringify({ username, ip, port, earshot });
  const bytes = Buffer.byteLength(datagram);
  if (signature.length !== SIGNATURE_BYTES) throw new Error(`bug: signature of ${signature.length} bytes`);
  if (bytes > ANNOUNCEMENT_MAX_BYTES) throw new Error(`bug: datagram of ${bytes} bytes`);
  return datagram;
}

/**
 * Reads a datagram as far as that is possible without a key; what it claims is no more than a hint, verified or not.
 *
 * @throws ProtocolError 'bad-datagram', 'newer-announcement', 'bad-announcement' or 'bad-username'
 */
export function parseDatagram(bytes: Uint8Array): SignedDatagram | LegacyDatagram {
  if (bytes.length > DATAGRAM_MAX_BYTES) throw new ProtocolError('bad-datagram', `${bytes.length} bytes`);
  const object = parseObject(bytes);
  const { earshot } = object;
  if (earshot === undefined) return parseLegacy(object);
  if (typeof earshot !== 'string') throw new ProtocolError('bad-datagram', 'earshot is no string');
  const { blob, signature } = splitEarshotField(earshot);
  const announcement = decodeAnnouncement(blob);
  // What the original shows and what we show must be the same person at the same place.
  for (const key of ['username', 'ip', 'port'] as const) {
    if (object[key] !== announcement[key]) throw new ProtocolError('bad-announcement', `${key} is not the signed one`);
  }
  return { kind: 'signed', blob, signature, announcement, earshot };
}

/**
 * The two parts of the `earshot` field.
 *
 * @throws ProtocolError 'bad-datagram' when it is not canonical base64url or too short for a signature
 */
export function splitEarshotField(earshot: string): { blob: Buffer; signature: Buffer } {
  const signed = Buffer.from(earshot, 'base64url');
  // Node skips what is not in the alphabet; one announcement must have one spelling.
  if (signed.toString('base64url') !== earshot) throw new ProtocolError('bad-datagram', 'earshot is not canonical');
  if (signed.length <= SIGNATURE_BYTES) throw new ProtocolError('bad-datagram', 'earshot too short');
  return { blob: signed.subarray(0, -SIGNATURE_BYTES), signature: signed.subarray(-SIGNATURE_BYTES) };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  if (text === null) throw new ProtocolError('bad-datagram', 'not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (err) {
    // Its own text quotes what the peer sent.
    if (err instanceof SyntaxError) throw new ProtocolError('bad-datagram', 'not JSON');
    throw err;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('bad-datagram', 'not an object');
  }
  return value as Record<string, unknown>;
}

function parseLegacy({ username, ip, port }: Record<string, unknown>): LegacyDatagram {
  if (typeof username !== 'string' || username === '' || Buffer.byteLength(username) > USERNAME_MAX_BYTES) {
    throw new ProtocolError('bad-username', 'legacy');
  }
  if (typeof ip !== 'string' || !isIpv4(ip)) throw new ProtocolError('bad-datagram', 'ip');
  // A port typed at a prompt and never converted is a string in JSON.
  const number = typeof port === 'string' && DECIMAL.test(port) ? Number(port) : port;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new ProtocolError('bad-datagram', 'port');
  }
  return { kind: 'legacy', username: username.replace(UNPRINTABLE, '\uFFFD'), ip, port: number };
}
