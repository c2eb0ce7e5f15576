/**
 * Bodies of the records that peers help each other with, wire-v1 §5.7: announcements of others (PEERS), and what one side
 * hears of the other (PROBE, REPORT). All may be lost, and a peer that does not know them ignores them.
 */
import { ProtocolError } from '../errors.js';
import { PASSED_ON_MAX, PASSED_ON_MAX_BYTES, REPORT_MAX_PATHS } from '../limits.js';

/** Bits of the handshake's `features`: what its sender understands beyond revision 2. */
export const FEATURE = { exchange: 1, probe: 2 } as const;

/** The ways by which an announcement arrives. Other values may come up, and are passed over. */
export const HEARD_BY = { broadcast: 1, multicast: 2, unicast: 3, multicast6: 4 } as const;

/** What came of a connection to the asker's TCP port. Other values may come up, and count as not tried. */
export const REACHED = { connected: 0, refused: 1, timedOut: 2, unreachable: 3, notTried: 4 } as const;

export interface Report {
  /** That of the PROBE. */
  readonly nonce: bigint;
  /** One of REACHED. */
  readonly tcp: number;
  /** One of HEARD_BY each, once at most, with the seconds since the asker was last heard by it. */
  readonly heard: readonly { readonly path: number; readonly ageSeconds: number }[];
}

/** `count u8 | { len u16 | announcement[len] } * count`, announcement = blob | signature as in presence-v1 §2 */
export function encodePeers(announcements: readonly Buffer[]): Buffer {
  if (announcements.length > PASSED_ON_MAX) throw new Error(`bug: PEERS of ${announcements.length}`);
  const parts = announcements.flatMap((announcement) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(announcement.length);
    return [length, announcement];
  });
  return Buffer.concat([Buffer.of(announcements.length), ...parts]);
}

/** @returns announcements as they came: whether they hold is presence-v1's business, for each of them alone */
export function decodePeers(body: Buffer): Buffer[] {
  const count = body[0] ?? PASSED_ON_MAX + 1;
  if (count > PASSED_ON_MAX) throw new ProtocolError('bad-record', 'PEERS count');
  const announcements: Buffer[] = [];
  let at = 1;
  for (let i = 0; i < count; i++) {
    const length = at + 2 <= body.length ? body.readUInt16BE(at) : PASSED_ON_MAX_BYTES + 1;
    if (length > PASSED_ON_MAX_BYTES || at + 2 + length > body.length)
      throw new ProtocolError('bad-record', 'PEERS announcement');
    announcements.push(body.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (at !== body.length) throw new ProtocolError('bad-record', `PEERS of ${body.length} bytes`);
  return announcements;
}

const REPORT_HEAD_BYTES = 10;
const HEARD_BYTES = 3;

/** `nonce u64 | tcp u8 | count u8 | { path u8 | age_s u16 } * count` */
export function encodeReport({ nonce, tcp, heard }: Report): Buffer {
  const body = Buffer.alloc(REPORT_HEAD_BYTES + heard.length * HEARD_BYTES);
  body.writeBigUInt64BE(nonce, 0);
  body.writeUInt8(tcp, 8);
  body.writeUInt8(heard.length, 9);
  heard.forEach(({ path, ageSeconds }, i) => {
    body.writeUInt8(path, REPORT_HEAD_BYTES + i * HEARD_BYTES);
    body.writeUInt16BE(Math.min(ageSeconds, 0xffff), REPORT_HEAD_BYTES + i * HEARD_BYTES + 1);
  });
  return body;
}

export function decodeReport(body: Buffer): Report {
  const count = body[9] ?? REPORT_MAX_PATHS + 1;
  if (count > REPORT_MAX_PATHS) throw new ProtocolError('bad-record', 'REPORT count');
  if (body.length !== REPORT_HEAD_BYTES + count * HEARD_BYTES)
    throw new ProtocolError('bad-record', `REPORT of ${body.length} bytes`);
  const heard = Array.from({ length: count }, (_, i) => ({
    path: body.readUInt8(REPORT_HEAD_BYTES + i * HEARD_BYTES),
    ageSeconds: body.readUInt16BE(REPORT_HEAD_BYTES + i * HEARD_BYTES + 1),
  }));
  if (new Set(heard.map(({ path }) => path)).size < count)
    throw new ProtocolError('bad-record', 'REPORT names a path twice');
  return { nonce: body.readBigUInt64BE(0), tcp: body.readUInt8(8), heard };
}
