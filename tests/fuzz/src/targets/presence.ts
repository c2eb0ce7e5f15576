import { isDeepStrictEqual } from 'node:util';
import {
  checkUsername,
  decodeAnnouncement,
  encodeAnnouncement,
  encodeDatagram,
  isIpv4,
  parseDatagram,
  ProtocolError,
  splitEarshotField,
} from '@earshot/protocol';
import { assert, unless, type Target } from '../target.js';
import { bytesOf, session, vectors } from './vectors.js';

const REFUSALS = [ProtocolError];
const KNOWN_FLAGS = 0b1111;
/** Whatever is signed and longer than this has fields that nobody sends. */
const SENT_BLOB_MAX = 200;
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u;
const datagramVectors = vectors('announcements').map(bytesOf);

export const datagrams: Target = {
  name: 'datagrams',
  seeds: [...datagramVectors, Buffer.from(session.announce)],
  dictionary: [
    '"username":',
    '"ip":"10.0.0.1"',
    '"port":7001',
    '"port":"7001"',
    '"earshot":',
    'null',
    '\\u202e',
    '\\ud800',
    '{}',
    '[]',
    ',',
  ],
  maxBytes: 1030,
  run: (bytes) => {
    const datagram = unless(REFUSALS, () => parseDatagram(bytes));
    if (datagram === undefined) return;
    if (datagram.kind === 'legacy') {
      const { username, ip, port } = datagram;
      assert(!UNPRINTABLE.test(username) && username !== '', 'a legacy name does not print');
      assert(isIpv4(ip) && Number.isInteger(port) && port > 0 && port < 65_536, 'a legacy address is none');
      return;
    }
    const { announcement, blob, signature, earshot } = datagram;
    assert(checkUsername(announcement.username) === 'ok', 'a name breaks its rule');
    assert(Buffer.concat([blob, signature]).toString('base64url') === earshot, 'a field has two spellings');
    assert(isDeepStrictEqual(decodeAnnouncement(blob), announcement), 'an announcement is not the signed one');
    if (blob.length > SENT_BLOB_MAX) return;
    const again = parseDatagram(Buffer.from(encodeDatagram(blob, signature)));
    assert(isDeepStrictEqual(again, datagram), 'a datagram changes when it is read again');
  },
};

export const announcements: Target = {
  name: 'announcements',
  seeds: [...datagramVectors, Buffer.from(session.announce)].flatMap((bytes) => {
    const field = /"earshot":"([\w-]+)"/.exec(bytes.toString())?.[1] ?? '';
    return unless(REFUSALS, () => splitEarshotField(field).blob) ?? [];
  }),
  dictionary: ['\xff\xff\xff\xff', '\x05alice', '\x06\xc3\x96zmen', '\x01\0\x04away', '\xcc\x81', '\xe2\x80\x8b'],
  maxBytes: 400,
  run: (blob) => {
    const announcement = unless(REFUSALS, () => decodeAnnouncement(blob));
    if (announcement === undefined) return;
    const again = encodeAnnouncement(announcement);
    assert(isDeepStrictEqual(decodeAnnouncement(again), announcement), 'an announcement changes when it is read again');
    const known = Buffer.from(blob);
    known.writeUInt8(known.readUInt8(3) & KNOWN_FLAGS, 3);
    assert(again.length <= blob.length, 'there is more in an announcement than came');
    if (again.length === blob.length) assert(again.equals(known), 'an announcement has two spellings');
  },
};
