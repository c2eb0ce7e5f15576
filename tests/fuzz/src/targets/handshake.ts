import { isDeepStrictEqual } from 'node:util';
import {
  checkVersion,
  chooseVersion,
  decodeAuthPayload,
  decodeExtensions,
  decodeHelloI,
  decodeHelloR,
  encodeAuthPayload,
  encodeHelloI,
  encodeHelloR,
  HANDSHAKE_PAYLOAD_BYTES,
  joinAuthPlaintext,
  ProtocolError,
  splitAuthPlaintext,
  type Extensions,
} from '@earshot/protocol';
import { encodeExtensions } from '../../../../libs/protocol/dist/wire/extensions.js';
import { assert, unless, type Target } from '../target.js';
import { bytesOf, input, session, vectors } from './vectors.js';

const REFUSALS = [ProtocolError];
const hello = vectors('hello');
const ofKind = (kind: string) => hello.filter(({ message }) => message === kind).map(bytesOf);

/** HELLO_I or HELLO_R with the type in front, as it travels. */
export const hellos: Target = {
  name: 'hellos',
  seeds: [
    ...ofKind('HELLO_I'),
    ...ofKind('HELLO_R'),
    ...[session.hello_i, session.hello_r].map((text) => Buffer.from(text, 'hex')),
  ],
  dictionary: ['ESHT'],
  maxBytes: 800,
  run: (bytes) => {
    const payload = bytes.subarray(1);
    const again = unless(REFUSALS, () =>
      bytes[0] === 1 ? encodeHelloI(decodeHelloI(payload)) : encodeHelloR(decodeHelloR(payload)),
    );
    if (again === undefined) return;
    assert(again.equals(payload), 'a hello is not the bytes it came as');
    unless(REFUSALS, () => {
      if (bytes[0] === 1) chooseVersion(decodeHelloI(payload));
      else checkVersion(decodeHelloR(payload));
    });
  },
};

/** What is ignored is gone when written again; nothing else may be. */
function checkExtensions(bytes: Buffer, extensions: Extensions): void {
  const again = encodeExtensions(extensions);
  assert(isDeepStrictEqual(decodeExtensions(again), extensions), 'extensions change when they are read again');
  assert(again.length <= bytes.length, 'there is more in extensions than came');
  if (again.length === bytes.length) assert(again.equals(bytes), 'extensions have two spellings');
}

/** `0 | extensions`, `1 | pay, padded to its size here` or `2 | a whole plaintext` */
export const authPayloads: Target = {
  name: 'auth-payloads',
  seeds: [
    input(0, Buffer.from(session.ext_initiator, 'hex')),
    ...ofKind('pay').map((pay) => input(1, pay)),
    ...ofKind('plaintext').map((plaintext) => input(2, plaintext)),
  ],
  dictionary: [
    '\x01\0\x05alice',
    '\x02\0\x02\x1b\x59',
    '\x03\0\x04\0\x01\0\0',
    '\x04\0\x04\0\0\0\0',
    '\x05\0\x01x',
    '\xc3\xb6',
  ],
  maxBytes: 420,
  run: (bytes) => {
    const rest = bytes.subarray(1);
    if (bytes[0] === 0) {
      const extensions = unless(REFUSALS, () => decodeExtensions(rest));
      if (extensions !== undefined) checkExtensions(rest, extensions);
    } else if (bytes[0] === 1) {
      const pay = Buffer.alloc(Math.max(HANDSHAKE_PAYLOAD_BYTES, rest.length));
      rest.copy(pay);
      const payload = unless(REFUSALS, () => decodeAuthPayload(pay));
      if (payload === undefined) return;
      const again = encodeAuthPayload(payload);
      const { extensions, identity } = decodeAuthPayload(again);
      assert(identity.equals(payload.identity), 'an identity changes when it is read again');
      assert(isDeepStrictEqual(extensions, payload.extensions), 'a payload changes when it is read again');
      checkExtensions(pay.subarray(35, 35 + pay.readUInt16BE(33)), extensions);
    } else {
      const parts = unless(REFUSALS, () => splitAuthPlaintext(rest));
      if (parts !== undefined) assert(joinAuthPlaintext(parts).equals(rest), 'a plaintext is not the bytes it came as');
    }
  },
};
