/**
 * Bodies of records (wire-v1 §5.3, §5.4). `body: "content"` is the content of a MSG of type `ctype`, which is judged
 * apart: what is wrong with it is answered with REJECT and does not end the session. `times`: the hex is that often there.
 */
import { MESSAGE_ID, SENT_MS, STREAM, cat, hex, u16, u32, u64, u8, utf8, zeros } from './bytes.mjs';

const entry = (body) => (name, expect, rule, bytes, why) => ({
  name: `${body.toLowerCase()}/${name}`,
  expect,
  ...(rule === null ? {} : { rule }),
  body,
  hex: bytes.toString('hex'),
  why,
});
const ready = entry('READY');
const sync = entry('SYNC');
const msg = entry('MSG');
const ack = entry('ACK');
const reject = entry('REJECT');
const ping = entry('PING');
const close = entry('CLOSE');
const window = entry('WINDOW');
const peers = entry('PEERS');
const probe = entry('PROBE');
const report = entry('REPORT');
const content = (name, expect, rule, ctype, bytes, why, times) => ({
  ...entry('content')(name, expect, rule, bytes, why),
  ctype,
  ...(times === undefined ? {} : { times }),
});

const TWO_53 = 2n ** 53n;
const stream = (i) => Buffer.alloc(8, i);
const mark = (s, n) => cat(s, u64(n), MESSAGE_ID);
const msgOf = ({ n = 1, sentMs = SENT_MS, ctype = 1, text = utf8('merhaba dünya ✓') } = {}) =>
  cat(STREAM, u64(n), MESSAGE_ID, u64(sentMs), u8(ctype), text);
const wrongLengths = (of, bytes) => [
  of('one-byte-short', 'bad-record', 'W-5.10', bytes.subarray(0, -1), 'exact length'),
  of('one-byte-more', 'bad-record', 'W-5.10', cat(bytes, u8(0)), 'exact length'),
];

const passedOn = (length, byte) => cat(u16(length), Buffer.alloc(length, byte));
const heard = (path, age) => cat(u8(path), u16(age));

export const bodies = [
  ready('ok', 'success', null, u8(0), 'accepted'),
  ready('busy', 'success', null, u8(2), 'a CLOSE follows'),
  ...wrongLengths(ready, u8(0)),
  ready('status-1', 'bad-record', 'W-5.11', u8(1), 'decides what comes next, so it may not be guessed'),

  sync('nothing', 'success', null, u8(0), 'holds none of our streams'),
  sync('one', 'success', null, cat(u8(1), mark(STREAM, 41)), 'holds up to 41'),
  sync('four', 'success', null, cat(u8(4), ...[1, 2, 3, 4].map((i) => mark(stream(i), i))), 'the most there can be'),
  sync('2^53-1', 'success', null, cat(u8(1), mark(STREAM, TWO_53 - 1n)), 'the highest position'),
  sync('empty', 'bad-record', 'W-5.10', zeros(0), 'not even a count'),
  ...wrongLengths(sync, cat(u8(1), mark(STREAM, 41))),
  sync('count-without-entries', 'bad-record', 'W-5.10', u8(4), 'four announced'),
  sync('five', 'bad-record', 'W-5.12', cat(u8(5), ...[1, 2, 3, 4, 5].map((i) => mark(stream(i), i))), 'at most 4'),
  sync('count-255', 'bad-record', 'W-5.12', u8(255), 'at most 4'),
  sync('twice', 'bad-record', 'W-5.13', cat(u8(2), mark(STREAM, 1), mark(STREAM, 2)), 'which of the two?'),
  sync('position-0', 'bad-record', 'W-5.14', cat(u8(1), mark(STREAM, 0)), 'a stream that holds nothing is left out'),
  sync('2^53', 'bad-record', 'W-5.15', cat(u8(1), mark(STREAM, TWO_53)), 'beyond every stream'),

  msg('text', 'success', null, msgOf(), 'merhaba dünya ✓'),
  msg('n-2^53-1', 'success', null, msgOf({ n: TWO_53 - 1n }), 'the highest position'),
  msg('sent-0', 'success', null, msgOf({ sentMs: 0 }), '1970'),
  msg('sent-9999', 'success', null, msgOf({ sentMs: 253402300799999 }), 'the last millisecond of 9999'),
  msg('unknown-ctype', 'success', null, msgOf({ ctype: 0x33 }), 'the place in the stream is good all the same'),
  msg('no-content', 'success', null, msgOf({ text: zeros(0) }), 'for the judgement on content'),
  msg('fixed-part-cut-short', 'bad-record', 'W-5.10', msgOf().subarray(0, 40), 'no ctype'),
  msg('empty', 'bad-record', 'W-5.10', zeros(0), 'nothing'),
  msg('n-0', 'bad-record', 'W-5.14', msgOf({ n: 0 }), 'streams start at 1'),
  msg('n-2^53', 'bad-record', 'W-5.15', msgOf({ n: TWO_53 }), 'beyond every stream'),
  msg('n-2^64-1', 'bad-record', 'W-5.15', msgOf({ n: 2n ** 64n - 1n }), 'beyond every stream'),
  msg(
    'sent-10000',
    'bad-record',
    'W-5.16',
    msgOf({ sentMs: 253402300800000 }),
    'no calendar writes it with four digits',
  ),
  msg('sent-2^64-1', 'bad-record', 'W-5.16', msgOf({ sentMs: 2n ** 64n - 1n }), 'no calendar'),

  ack('one', 'success', null, cat(STREAM, u64(42)), 'up to 42'),
  ack('nothing', 'success', null, cat(STREAM, u64(0)), 'answers a gap at the start'),
  ack('2^53-1', 'success', null, cat(STREAM, u64(TWO_53 - 1n)), 'the highest position'),
  ...wrongLengths(ack, cat(STREAM, u64(42))),
  ack('2^53', 'bad-record', 'W-5.15', cat(STREAM, u64(TWO_53)), 'beyond every stream'),

  reject('malformed', 'success', null, cat(STREAM, u64(43), u8(2)), 'message 43'),
  reject('reason-unknown', 'success', null, cat(STREAM, u64(43), u8(0xee)), 'refused for a reason that we do not know'),
  ...wrongLengths(reject, cat(STREAM, u64(43), u8(2))),
  reject('n-0', 'bad-record', 'W-5.14', cat(STREAM, u64(0), u8(2)), 'streams start at 1'),
  reject('2^53', 'bad-record', 'W-5.15', cat(STREAM, u64(TWO_53), u8(2)), 'beyond every stream'),

  ping('7', 'success', null, u64(7), 'PONG has the same body'),
  ping('2^64-1', 'success', null, u64(2n ** 64n - 1n), 'a nonce is not a count'),
  ...wrongLengths(ping, u64(7)),

  close('stopping', 'success', null, u8(0), 'reason 0'),
  close('idle', 'success', null, u8(4), 'reason 4'),
  close('reason-unknown', 'success', null, u8(99), 'it ends whatever the reason'),
  ...wrongLengths(close, u8(0)),

  window('open', 'success', null, cat(u16(8192), u32(8 * 1024 * 1024)), 'ours'),
  window('closed', 'success', null, cat(u16(0), u32(0)), 'pause'),
  window('largest', 'success', null, hex('ffffffffffff'), 'all bits'),
  ...wrongLengths(window, cat(u16(8192), u32(8 * 1024 * 1024))),

  peers('none', 'success', null, u8(0), 'nobody to pass on'),
  peers('two', 'success', null, cat(u8(2), passedOn(3, 0xaa), passedOn(1, 0xbb)), 'what they are is not judged here'),
  peers('largest', 'success', null, cat(u8(1), passedOn(480, 0)), 'the longest announcement that fits'),
  peers('empty', 'bad-record', 'W-5.23', zeros(0), 'not even a count'),
  peers('33', 'bad-record', 'W-5.23', cat(u8(33), ...Array.from({ length: 33 }, () => passedOn(1, 1))), 'at most 32'),
  peers('481', 'bad-record', 'W-5.23', cat(u8(1), passedOn(481, 0)), 'longer than an announcement can be'),
  peers('cut-short', 'bad-record', 'W-5.23', cat(u8(1), u16(3), zeros(2)), 'a byte is missing'),
  peers('length-cut-short', 'bad-record', 'W-5.23', cat(u8(1), u8(0)), 'half a length'),
  peers('one-byte-more', 'bad-record', 'W-5.23', cat(u8(1), passedOn(1, 1), u8(0)), 'exact length'),

  probe('nonce', 'success', null, u64(7), 'answered by REPORT'),
  ...wrongLengths(probe, u64(7)),

  report('nothing', 'success', null, cat(u64(7), u8(4), u8(0)), 'heard by no path, and no connection tried'),
  report('two-paths', 'success', null, cat(u64(7), u8(0), u8(2), heard(1, 8), heard(3, 65535)), 'broadcast and unicast; connected'),
  report('unknown-values', 'success', null, cat(u64(7), u8(99), u8(1), heard(99, 1)), 'passed over'),
  report('nine-paths', 'bad-record', 'W-5.24', cat(u64(7), u8(0), u8(9), ...Array.from({ length: 9 }, (_, i) => heard(i, 1))), 'at most 8'),
  report('twice', 'bad-record', 'W-5.24', cat(u64(7), u8(0), u8(2), heard(1, 1), heard(1, 2)), 'which of the two?'),
  report('head-cut-short', 'bad-record', 'W-5.24', cat(u64(7), u8(0)), 'no count'),
  ...wrongLengths(report, cat(u64(7), u8(0), u8(1), heard(1, 8))),

  content('text', 'success', null, 1, utf8('merhaba dünya ✓'), 'text'),
  content('bom', 'success', null, 1, hex('efbbbf61'), 'a byte order mark is text and is kept'),
  content('only-bom', 'success', null, 1, hex('efbbbf'), 'so is one alone'),
  content('controls', 'success', null, 1, hex('1b5b324a0a07'), 'whoever displays it makes it harmless'),
  content('astral', 'success', null, 1, utf8('🦔'), 'four bytes'),
  content('longest', 'success', null, 1, hex('61'), '32768 bytes', 32768),
  content('void', 'success', null, 0, zeros(0), 'forgotten by its sender'),
  content('unknown-02', 'skip', null, 2, hex('ff00'), 'kept as unsupported'),
  content('unknown-7f', 'skip', null, 0x7f, zeros(0), 'kept as unsupported'),
  content('too-long', 'reject-1', 'W-5.19', 1, hex('61'), '32769 bytes', 32769),
  content('empty', 'reject-2', 'W-5.20', 1, zeros(0), 'no text'),
  content('nul', 'reject-2', 'W-5.20', 1, hex('610062'), 'NUL'),
  content('overlong', 'reject-2', 'W-5.20', 1, hex('c0af'), 'UTF-8 has one spelling'),
  content('surrogate', 'reject-2', 'W-5.20', 1, hex('eda080'), 'half of a UTF-16 pair'),
  content('cut-short', 'reject-2', 'W-5.20', 1, hex('61e29c'), 'two of three bytes'),
  content('latin-1', 'reject-2', 'W-5.20', 1, hex('64fc6e7961'), 'not UTF-8'),
  content('void-with-content', 'reject-2', 'W-5.21', 0, hex('61'), 'what is forgotten has no content'),
  content('unknown-80', 'reject-3', 'W-5.22', 0x80, hex('61'), 'may not be kept unread'),
  content('unknown-ff', 'reject-3', 'W-5.22', 0xff, zeros(0), 'may not be kept unread'),
];
