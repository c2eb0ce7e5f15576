/** What the two sides tell each other inside the encrypted part of the handshake, wire-v1 §4.5. */
import { ProtocolError } from '../errors.js';
import { CLIENT_STRING_MAX_BYTES } from '../limits.js';
import { checkUsername } from '../presence/username.js';
import { decodeTlvs, encodeTlvs, type Tlv } from './tlv.js';
import { decodeUtf8 } from './utf8.js';

export interface Extensions {
  /** What the peer calls itself: a label, never an identity. */
  readonly username?: string;
  /** Where the peer listens; together with the connection's address, a place to reach it again. */
  readonly tcpPort?: number;
  /** Largest record plaintext the peer takes; version 1 takes and sends 65536 whatever is said here. */
  readonly maxPlaintext?: number;
  /** Bits for what the peer understands beyond revision 2 (FEATURE). */
  readonly features?: number;
  /** Name and version of the peer's program, printable ASCII. */
  readonly client?: string;
}

const TYPE = { username: 1, tcpPort: 2, maxPlaintext: 3, features: 4, client: 5 } as const;
const KNOWN = Object.values(TYPE);
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The fields that are set, as TLVs. */
export function encodeExtensions(extensions: Extensions): Buffer {
  const { username, tcpPort, maxPlaintext, features, client } = extensions;
  const fields: Tlv[] = [];
  if (username !== undefined) fields.push({ type: TYPE.username, value: Buffer.from(username) });
  if (tcpPort !== undefined) fields.push({ type: TYPE.tcpPort, value: u16(tcpPort) });
  if (maxPlaintext !== undefined) fields.push({ type: TYPE.maxPlaintext, value: u32(maxPlaintext) });
  if (features !== undefined) fields.push({ type: TYPE.features, value: u32(features) });
  if (client !== undefined) fields.push({ type: TYPE.client, value: Buffer.from(client) });
  return encodeTlvs(fields);
}

/** @throws ProtocolError 'bad-extension' */
export function decodeExtensions(bytes: Buffer): Extensions {
  const extensions: { -readonly [K in keyof Extensions]: Extensions[K] } = {};
  for (const { type, value } of decodeTlvs(bytes, KNOWN, 'bad-extension')) {
    switch (type) {
      case TYPE.username: {
        // Unicode tables differ between runtimes: a name that only one side takes must not cost the session.
        const name = decodeUtf8(value);
        if (name !== null && checkUsername(name) === 'ok') extensions.username = name;
        break;
      }
      case TYPE.tcpPort: {
        const port = ofLength(value, 2, type).readUInt16BE(0);
        // 0 is the word of one who does not listen.
        if (port !== 0) extensions.tcpPort = port;
        break;
      }
      case TYPE.maxPlaintext:
        extensions.maxPlaintext = ofLength(value, 4, type).readUInt32BE(0);
        break;
      case TYPE.features:
        extensions.features = ofLength(value, 4, type).readUInt32BE(0);
        break;
      case TYPE.client: {
        if (value.length > CLIENT_STRING_MAX_BYTES)
          throw new ProtocolError('bad-extension', `client ${value.length} bytes`);
        const client = value.toString('latin1');
        if (PRINTABLE_ASCII.test(client)) extensions.client = client;
        break;
      }
    }
  }
  return extensions;
}

function ofLength(value: Buffer, bytes: number, type: number): Buffer {
  if (value.length !== bytes) throw new ProtocolError('bad-extension', `field ${type} of ${value.length} bytes`);
  return value;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
