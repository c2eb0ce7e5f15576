/** Frames (wire-v1 §3). `state` says what may come; `frames` is how many whole ones there are. */
import { ascii, cat, hex, u32, u8, zeros } from './bytes.mjs';

const STATE = {
  'responder/start': { type: 0x01, length: 73 },
  'initiator/hello': { type: 0x02, length: 701 },
  'responder/auth': { type: 0x03, length: 633 },
  records: { type: 0x10, length: 441 },
};
const frame = (type, length) => cat(u32(length), u8(type), zeros(length - 1));
const accepted = (name, state, bytes, frames, why) => ({
  name,
  expect: 'success',
  state,
  frames,
  hex: bytes.toString('hex'),
  why,
});
const refused = (name, expect, rule, state, bytes, why, frames = 0) => ({
  name,
  expect,
  rule,
  state,
  frames,
  hex: bytes.toString('hex'),
  why,
});

export const frames = [
  accepted('hello-i/exact', 'responder/start', frame(0x01, 73), 1, 'HELLO_I is 73 bytes with its type'),
  accepted('hello-r/exact', 'initiator/hello', frame(0x02, 701), 1, 'HELLO_R is 701 bytes with its type'),
  accepted('auth-i/exact', 'responder/auth', frame(0x03, 633), 1, 'AUTH_I is 633 bytes with its type'),
  ...[441, 1465, 5561].map((n) =>
    accepted(`record/${n}`, 'records', frame(0x10, n), 1, 'a padding bucket sealed as a Fernet token'),
  ),
  accepted('record/two-at-once', 'records', cat(frame(0x10, 441), frame(0x10, 1465)), 2, 'frames follow without a gap'),
  accepted('record/tail', 'records', cat(frame(0x10, 441), hex('000001b910')), 1, 'an unfinished frame waits'),
  accepted('empty', 'responder/start', zeros(0), 0, 'nothing has arrived'),
  accepted('header-cut-short', 'responder/start', hex('000000'), 0, 'three bytes decide nothing yet'),

  refused('first-byte/brace', 'legacy-message', 'W-3.1', 'responder/start', ascii('{'), 'JSON of the original program'),
  refused(
    'first-byte/legacy-message',
    'legacy-message',
    'W-3.1',
    'responder/start',
    ascii('{"type":"message","content":"x"}'),
    'its text is not looked at',
  ),
  refused('first-byte/http', 'not-earshot', 'W-3.2', 'responder/start', ascii('G'), 'GET, refused on byte one'),
  refused('first-byte/post', 'not-earshot', 'W-3.2', 'responder/start', ascii('POST / HTTP/1.1\r\n'), 'HTTP'),
  refused('first-byte/tls', 'not-earshot', 'W-3.2', 'responder/start', hex('16'), 'a TLS handshake record'),
  refused(
    'first-byte/ssh',
    'not-earshot',
    'W-3.2',
    'initiator/hello',
    ascii('SSH-2.0'),
    'the dialled port is another service',
  ),
  refused(
    'length/0',
    'bad-frame-length',
    'W-3.3',
    'responder/start',
    hex('00000000'),
    'N counts the type, so it is never 0',
  ),
  refused('length/1', 'bad-frame-length', 'W-3.3', 'responder/start', hex('00000001'), 'no frame is empty'),
  refused('length/one-less', 'bad-frame-length', 'W-3.3', 'responder/start', hex('00000048'), '72'),
  refused('length/one-more', 'bad-frame-length', 'W-3.3', 'responder/start', hex('0000004a'), '74'),
  refused(
    'length/16-mib',
    'bad-frame-length',
    'W-3.3',
    'responder/start',
    hex('00ffffff'),
    'before the type has arrived',
  ),
  refused(
    'length/record-too-early',
    'bad-frame-length',
    'W-3.3',
    'responder/start',
    hex('000001b910'),
    'a record before the handshake',
  ),
  refused(
    'length/hello-again',
    'bad-frame-length',
    'W-3.3',
    'records',
    hex('0000004901'),
    'a handshake message in a session',
  ),
  refused(
    'length/4-gib-later',
    'bad-frame-length',
    'W-3.3',
    'records',
    cat(frame(0x10, 441), hex('ffffffff')),
    'only the first byte of a connection has codes of its own',
    1,
  ),
  refused('length/no-bucket', 'bad-frame-length', 'W-3.3', 'records', hex('000001ba'), '442'),
  refused('length/largest-and-one', 'bad-frame-length', 'W-3.3', 'records', hex('000155ba'), '87482'),
  ...Object.entries(STATE).map(([state, { length }]) =>
    refused(
      `type/${state}`,
      'bad-frame-type',
      'W-3.4',
      state,
      cat(u32(length), u8(0x7f)),
      'known from the header alone',
    ),
  ),
  refused('type/zero', 'bad-frame-type', 'W-3.4', 'records', hex('000001b900'), 'no frame has type 0'),
];
