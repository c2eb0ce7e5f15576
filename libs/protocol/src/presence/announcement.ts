/**
 * The signed part of an announcement, presence-v1 §2:
 *
 *   0 av u8 = 1 | 1 vmin | 2 vmax | 3 flags | 4 id[32] | 36 unix_ms u64 | 44 instance[8] | 52 counter u32 | 56 port u16
 *   58 ipver u8 = 4 | 59 ip[4] | 63 nlen u8 | 64 name | TLVs
 *
 * The signature covers these bytes as they were sent; nothing is ever re-encoded to be verified.
 */
import { ProtocolError } from '../errors.js';
import { GOODBYE_COUNTER, STATUS_TEXT_MAX_BYTES, TIME_MAX_MS } from '../limits.js';
import type { VersionRange } from '../wire/hello.js';
import { decodeTlvs, encodeTlvs } from '../wire/tlv.js';
import { readU64, writeU64 } from '../wire/u64.js';
import { decodeUtf8 } from '../wire/utf8.js';
import { ipv4FromBytes, ipv4ToBytes } from './ipv4.js';
import { checkUsername } from './username.js';

export interface Announcement extends VersionRange {
  /** Raw Ed25519 public key of the announcer, 32 bytes: not yet checked. */
  readonly identity: Buffer;
  /** The announcer is leaving. Its counter is GOODBYE_COUNTER, and only a goodbye's is. */
  readonly goodbye: boolean;
  /** The announcer asks to be told who else is here. */
  readonly query: boolean;
  readonly busy: boolean;
  /** Accepted peers may pass this announcement on to theirs, beyond the network (wire-v1 §5.7). */
  readonly passOn: boolean;
  /** The announcer's clock: for people, not for order. */
  readonly unixMs: number;
  /** 8 bytes drawn whenever the announcer's discovery starts. */
  readonly instance: Buffer;
  /** Orders the announcements of one instance. */
  readonly counter: number;
  readonly port: number;
  /** Dotted IPv4 of the interface it was sent from. */
  readonly ip: string;
  readonly username: string;
  readonly status?: string;
}

const ANNOUNCEMENT_VERSION = 1;
const IP_VERSION = 4;
const FLAG = { goodbye: 1, query: 2, busy: 4, passOn: 8 } as const;
const TLV_STATUS = 1;
const NAME_AT = 64;

/** The bytes to sign. */
export function encodeAnnouncement(a: Announcement): Buffer {
  if (a.goodbye !== (a.counter === GOODBYE_COUNTER)) throw new Error('bug: a goodbye and its counter disagree');
  const name = Buffer.from(a.username);
  const fixed = Buffer.alloc(NAME_AT);
  fixed.set([ANNOUNCEMENT_VERSION, a.vmin, a.vmax, flagsOf(a)], 0);
  fixed.set(a.identity, 4);
  writeU64(fixed, a.unixMs, 36);
  fixed.set(a.instance, 44);
  fixed.writeUInt32BE(a.counter, 52);
  fixed.writeUInt16BE(a.port, 56);
  fixed[58] = IP_VERSION;
  fixed.set(ipv4ToBytes(a.ip), 59);
  fixed[63] = name.length;
  const tlvs = a.status === undefined ? [] : [{ type: TLV_STATUS, value: Buffer.from(a.status) }];
  return Buffer.concat([fixed, name, encodeTlvs(tlvs)]);
}

/** @throws ProtocolError 'newer-announcement', 'bad-announcement' or 'bad-username' */
export function decodeAnnouncement(blob: Buffer): Announcement {
  if (blob.length === 0) throw bad('empty');
  // First of all: nothing behind the version can be understood in another one.
  if (blob[0] !== ANNOUNCEMENT_VERSION) throw new ProtocolError('newer-announcement');
  if (blob.length < NAME_AT) throw bad(`${blob.length} bytes`);
  const vmin = blob.readUInt8(1);
  const vmax = blob.readUInt8(2);
  if (vmin > vmax) throw bad('version range');
  const flags = blob.readUInt8(3);
  const goodbye = (flags & FLAG.goodbye) !== 0;
  const counter = blob.readUInt32BE(52);
  if (goodbye !== (counter === GOODBYE_COUNTER)) throw bad('goodbye counter');
  const port = blob.readUInt16BE(56);
  if (port === 0) throw bad('port');
  if (blob[58] !== IP_VERSION) throw bad('address family');
  const nameEnd = NAME_AT + blob.readUInt8(63);
  if (nameEnd > blob.length) throw bad('name cut short');
  const status = readStatus(blob.subarray(nameEnd));
  const announcement = {
    vmin,
    vmax,
    identity: blob.subarray(4, 36),
    goodbye,
    query: (flags & FLAG.query) !== 0,
    busy: (flags & FLAG.busy) !== 0,
    passOn: (flags & FLAG.passOn) !== 0,
    unixMs: readU64(blob, 36, { max: TIME_MAX_MS, code: 'bad-announcement', field: 'unix_ms' }),
    instance: blob.subarray(44, 52),
    counter,
    port,
    ip: ipv4FromBytes(blob, 59),
    username: readName(blob.subarray(NAME_AT, nameEnd)),
  };
  return status === undefined ? announcement : { ...announcement, status };
}

function flagsOf({ goodbye, query, busy, passOn }: Announcement): number {
  return (goodbye ? FLAG.goodbye : 0) | (query ? FLAG.query : 0) | (busy ? FLAG.busy : 0) | (passOn ? FLAG.passOn : 0);
}

function readName(bytes: Buffer): string {
  const name = decodeUtf8(bytes);
  const problem = name === null ? 'malformed' : checkUsername(name);
  if (name === null || problem !== 'ok') throw new ProtocolError('bad-username', problem);
  return name;
}

function readStatus(bytes: Buffer): string | undefined {
  const field = decodeTlvs(bytes, [TLV_STATUS], 'bad-announcement')[0];
  if (field === undefined) return undefined;
  const { length } = field.value;
  if (length === 0 || length > STATUS_TEXT_MAX_BYTES) throw bad(`status of ${length} bytes`);
  const status = decodeUtf8(field.value);
  if (status === null) throw bad('status malformed');
  return status;
}

function bad(detail: string): ProtocolError {
  return new ProtocolError('bad-announcement', detail);
}
