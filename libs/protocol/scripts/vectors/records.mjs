/** Record plaintexts (wire-v1 §5.1), read by somebody who expects a record of `role` with number `seq`. */
import { cat, hex, patch, u32, u64, u8, zeros } from './bytes.mjs';

const ROLE = { I: 0x49, R: 0x52 };
const recordOf = ({ role = 'I', type = 6, seq = 7, body = zeros(8), size = 256 } = {}) =>
  cat(u8(1), u8(ROLE[role]), u8(type), u8(0), u64(seq), u32(body.length), body, zeros(size - 16 - body.length));
const entry = (name, expect, rule, bytes, why, { role = 'I', seq = 7 } = {}) => ({
  name,
  expect,
  ...(rule === null ? {} : { rule }),
  role,
  seq,
  hex: bytes.toString('hex'),
  why,
});
const text = (n) => Buffer.alloc(n, 0x61);
const RECORD = recordOf();

export const records = [
  entry('ping', 'success', null, RECORD, 'record 7 of the initiator'),
  entry(
    'ready',
    'success',
    null,
    recordOf({ role: 'R', type: 1, seq: 0, body: u8(0) }),
    'first record of the responder',
    { role: 'R', seq: 0 },
  ),
  entry('empty-body', 'success', null, recordOf({ type: 0x20, body: zeros(0) }), 'the frame does not judge bodies'),
  entry('bucket/256-full', 'success', null, recordOf({ type: 3, body: text(240) }), 'no padding'),
  entry(
    'bucket/1024-least',
    'success',
    null,
    recordOf({ type: 3, body: text(241), size: 1024 }),
    'one byte too many for 256',
  ),
  entry(
    'bucket/4096-least',
    'success',
    null,
    recordOf({ type: 3, body: text(1009), size: 4096 }),
    'one byte too many for 1024',
  ),
  entry(
    'type/7f',
    'success',
    null,
    recordOf({ type: 0x7f, body: hex('ff') }),
    'unknown below 80: ignored by who receives it',
  ),
  entry('type/0', 'success', null, recordOf({ type: 0, body: zeros(0) }), 'unknown below 80, too'),
  entry('seq/2^32', 'success', null, recordOf({ seq: 2 ** 32 }), 'all 64 bits count', { seq: 2 ** 32 }),
  entry('seq/2^53-1', 'success', null, recordOf({ seq: Number.MAX_SAFE_INTEGER }), 'all 64 bits count', {
    seq: Number.MAX_SAFE_INTEGER,
  }),

  entry('size/0', 'bad-record', 'W-5.2', zeros(0), 'no bucket'),
  entry('size/255', 'bad-record', 'W-5.2', RECORD.subarray(0, 255), 'no bucket'),
  entry('size/257', 'bad-record', 'W-5.2', cat(RECORD, u8(0)), 'no bucket'),
  entry('size/512', 'bad-record', 'W-5.2', cat(RECORD, zeros(256)), 'no bucket'),
  entry('version/0', 'bad-record', 'W-5.3', patch(RECORD, 0, u8(0)), 'rv 0'),
  entry('version/2', 'bad-record', 'W-5.3', patch(RECORD, 0, u8(2)), 'rv 2'),
  entry('role/reflected', 'bad-role', 'W-5.4', recordOf({ role: 'R' }), 'our own record, sent back to us'),
  entry('role/lower-case', 'bad-role', 'W-5.4', patch(RECORD, 1, u8(0x69)), 'neither'),
  entry('flags', 'bad-record', 'W-5.5', patch(RECORD, 3, u8(1)), 'reserved'),
  entry('seq/replayed', 'bad-sequence', 'W-5.6', recordOf({ seq: 6 }), 'the record before'),
  entry('seq/skipped', 'bad-sequence', 'W-5.6', recordOf({ seq: 8 }), 'one was dropped'),
  entry('seq/high-bits', 'bad-sequence', 'W-5.6', recordOf({ seq: 2 ** 32 + 7 }), 'equal in the low 32 bits only'),
  entry(
    'seq/2^53-rounded',
    'bad-sequence',
    'W-5.6',
    recordOf({ seq: 2n ** 53n + 1n }),
    'a double cannot tell it from 2^53',
    { seq: 2 ** 53 - 1 },
  ),
  entry('body-length/outside', 'bad-record', 'W-5.7', patch(RECORD, 12, u32(241)), 'one byte more than there are'),
  entry('body-length/4-gib', 'bad-record', 'W-5.7', patch(RECORD, 12, u32(0xffffffff)), 'far outside'),
  entry('bucket/not-smallest', 'bad-record', 'W-5.7', recordOf({ body: text(240), size: 1024 }), 'fits 256'),
  entry('bucket/not-smallest-4096', 'bad-record', 'W-5.7', recordOf({ body: text(1008), size: 4096 }), 'fits 1024'),
  entry('padding/first-byte', 'bad-record', 'W-5.8', patch(RECORD, 24, u8(1)), 'must be zero'),
  entry('padding/last-byte', 'bad-record', 'W-5.8', patch(RECORD, 255, u8(0x80)), 'must be zero'),
  entry('type/80', 'unknown-record-type', 'W-5.9', recordOf({ type: 0x80, body: zeros(0) }), 'may not be ignored'),
  entry('type/ff', 'unknown-record-type', 'W-5.9', recordOf({ type: 0xff, body: zeros(0) }), 'may not be ignored'),
];
