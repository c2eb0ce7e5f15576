/** The two messages that open a session, wire-v1 §4. Layouts are given without the type byte in front. */
import { ProtocolError } from '../errors.js';
import { HANDSHAKE_TOKEN_BYTES, HELLO_I_FRAME, HELLO_R_FRAME, PROTOCOL_VERSION } from '../limits.js';
import { FRAME_TYPE } from './frame.js';

/** The lowest and highest version somebody speaks, one byte each. */
export interface VersionRange {
  readonly vmin: number;
  readonly vmax: number;
}

export const OWN_VERSIONS: VersionRange = { vmin: PROTOCOL_VERSION, vmax: PROTOCOL_VERSION };

/** `"ESHT" | vmin u8 | vmax u8 | flags u16 = 0 | nonce[32] | share[32]`, 72 bytes in every version. */
export interface HelloI extends VersionRange {
  readonly nonce: Uint8Array;
  /** Ephemeral X25519 public key. */
  readonly share: Uint8Array;
}

/** `version u8 | vmin u8 | vmax u8 | flags u8 = 0 | nonce[32] | share[32] | token[632]`, 700 bytes. */
export interface HelloR extends VersionRange {
  /** The version that the responder picked. */
  readonly version: number;
  readonly nonce: Uint8Array;
  readonly share: Uint8Array;
  /** Fernet token of the responder's authentication, as ASCII; not looked into here. */
  readonly token: Uint8Array;
}

const MAGIC = Buffer.from('ESHT', 'latin1');
const NONCE_BYTES = 32;
const SHARE_BYTES = 32;
const HELLO_I_PREFIX = 8;
const HELLO_R_PREFIX = 4;

/** @returns the payload of HELLO_I, 72 bytes */
export function encodeHelloI({ vmin, vmax, nonce, share }: HelloI): Buffer {
  const payload = Buffer.concat([MAGIC, Buffer.from([vmin, vmax, 0, 0]), nonce, share]);
  return ofSize(payload, HELLO_I_FRAME - 1);
}

/** @throws ProtocolError 'bad-hello' */
export function decodeHelloI(payload: Buffer): HelloI & { nonce: Buffer; share: Buffer } {
  if (payload.length !== HELLO_I_FRAME - 1) throw new ProtocolError('bad-hello', `${payload.length} bytes`);
  if (!payload.subarray(0, 4).equals(MAGIC)) throw new ProtocolError('bad-hello', 'magic');
  const range = readRange(payload, 4);
  if (payload.readUInt16BE(6) !== 0) throw new ProtocolError('bad-hello', 'flags');
  return { ...range, ...readNonceAndShare(payload, HELLO_I_PREFIX) };
}

/** @returns the payload of HELLO_R, 700 bytes */
export function encodeHelloR({ version, vmin, vmax, nonce, share, token }: HelloR): Buffer {
  return ofSize(Buffer.concat([Buffer.from([version, vmin, vmax, 0]), nonce, share, token]), HELLO_R_FRAME - 1);
}

/** @throws ProtocolError 'bad-hello' */
export function decodeHelloR(payload: Buffer): HelloR & { nonce: Buffer; share: Buffer; token: Buffer } {
  if (payload.length !== HELLO_R_FRAME - 1) throw new ProtocolError('bad-hello', `${payload.length} bytes`);
  const range = readRange(payload, 1);
  if (payload[3] !== 0) throw new ProtocolError('bad-hello', 'flags');
  return {
    version: payload.readUInt8(0),
    ...range,
    ...readNonceAndShare(payload, HELLO_R_PREFIX),
    token: payload.subarray(-HANDSHAKE_TOKEN_BYTES),
  };
}

/** What h1 covers: HELLO_I with its type byte, 73 bytes. */
export function helloITranscript(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([FRAME_TYPE.helloI]), payload]);
}

/**
 * What h2 covers: HELLO_R with its type byte and without the token, 69 bytes. The responder has no token yet when it
 * computes this, so anything after the share is ignored.
 */
export function helloRTranscript(payload: Uint8Array): Buffer {
  const covered = payload.subarray(0, HELLO_R_PREFIX + NONCE_BYTES + SHARE_BYTES);
  return Buffer.concat([Buffer.from([FRAME_TYPE.helloR]), covered]);
}

/**
 * The responder's pick: the highest version that both speak.
 *
 * @throws ProtocolError 'bad-version' when there is none
 */
export function chooseVersion(initiator: VersionRange, own: VersionRange = OWN_VERSIONS): number {
  const version = Math.min(initiator.vmax, own.vmax);
  if (version < initiator.vmin || version < own.vmin) throw new ProtocolError('bad-version', 'no version in common');
  return version;
}

/**
 * The initiator's check that the responder picked as it must; the ranges are part of what both sign, so nobody in
 * between can have lowered them.
 *
 * @throws ProtocolError 'bad-version'
 */
export function checkVersion(
  helloR: Pick<HelloR, 'version' | 'vmin' | 'vmax'>,
  own: VersionRange = OWN_VERSIONS,
): void {
  const highest = Math.min(own.vmax, helloR.vmax);
  if (helloR.version !== highest || highest < own.vmin || highest < helloR.vmin) {
    throw new ProtocolError('bad-version', 'not the highest version in common');
  }
}

function readRange(payload: Buffer, at: number): VersionRange {
  const vmin = payload.readUInt8(at);
  const vmax = payload.readUInt8(at + 1);
  if (vmin > vmax) throw new ProtocolError('bad-hello', 'version range');
  return { vmin, vmax };
}

function readNonceAndShare(payload: Buffer, at: number): { nonce: Buffer; share: Buffer } {
  return {
    nonce: payload.subarray(at, at + NONCE_BYTES),
    share: payload.subarray(at + NONCE_BYTES, at + NONCE_BYTES + SHARE_BYTES),
  };
}

function ofSize(payload: Buffer, bytes: number): Buffer {
  if (payload.length !== bytes) throw new Error(`bug: hello of ${payload.length} bytes`);
  return payload;
}
