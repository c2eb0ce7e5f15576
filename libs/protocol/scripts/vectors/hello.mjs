/**
 * Hello messages with their type byte, and the plaintext of handshake tokens (wire-v1 §4). `own` is the version range of
 * who receives. `skip`: accepted, but it holds something that is ignored and would not come back.
 */
import { ascii, cat, hex, patch, tlv, u16, u32, u8, utf8, zeros } from './bytes.mjs';
import { session } from './session.mjs';

const OWN = { vmin: 1, vmax: 1 };
const HELLO_I = hex(session.hello_i);
const HELLO_R = hex(session.hello_r);

const entry = (message, own) => (name, expect, rule, bytes, why) => ({
  name: `${message.toLowerCase()}/${name}`,
  expect,
  ...(rule === null ? {} : { rule }),
  message,
  ...(own === undefined ? {} : { own }),
  hex: bytes.toString('hex'),
  why,
});
const helloI = entry('HELLO_I', OWN);
const helloR = entry('HELLO_R', OWN);
const pay = entry('pay');
const plaintext = entry('plaintext');

const IDENTITY = Buffer.alloc(32, 0x5a);
const padded = (bytes) => cat(bytes, zeros(304 - bytes.length));
const payOf = (...fields) => {
  const ext = cat(...fields);
  return padded(cat(u8(1), IDENTITY, u16(ext.length), ext));
};
const NAME = tlv(1, utf8('alice'));
const PORT = tlv(2, u16(7001));
const AUTH = cat(payOf(NAME, PORT), Buffer.alloc(64, 0x11), Buffer.alloc(32, 0x22));

export const hello = [
  helloI('session', 'success', null, HELLO_I, 'the one of session.json'),
  {
    ...helloI('also-version-2', 'success', null, patch(HELLO_I, 5, u8(1)), ''),
    hex: patch(HELLO_I, 6, u8(2)).toString('hex'),
    why: 'the responder picks 1',
  },
  helloI('magic', 'bad-hello', 'W-4.1', patch(HELLO_I, 1, ascii('ESHU')), 'another protocol with frames like ours'),
  helloI('range-reversed', 'bad-hello', 'W-4.2', patch(HELLO_I, 5, hex('0201')), 'vmin 2, vmax 1'),
  helloI('flags', 'bad-hello', 'W-4.3', patch(HELLO_I, 7, hex('0001')), 'reserved'),
  helloI('flags-high-byte', 'bad-hello', 'W-4.3', patch(HELLO_I, 7, hex('8000')), 'reserved'),
  helloI('only-newer', 'bad-version', 'W-4.4', patch(HELLO_I, 5, hex('0203')), 'it speaks 2 and 3, we speak 1'),
  helloI('only-older', 'bad-version', 'W-4.4', patch(HELLO_I, 5, hex('0000')), 'it speaks 0, we speak 1'),

  helloR('session', 'success', null, HELLO_R, 'the one of session.json'),
  {
    ...helloR('also-version-2', 'success', null, HELLO_R, ''),
    hex: patch(HELLO_R, 3, u8(2)).toString('hex'),
    why: 'it could speak 2, and picked the highest that we speak',
  },
  helloR('range-reversed', 'bad-hello', 'W-4.2', patch(HELLO_R, 2, hex('0201')), 'vmin 2, vmax 1'),
  helloR('flags', 'bad-hello', 'W-4.3', patch(HELLO_R, 4, u8(1)), 'reserved'),
  helloR('picks-what-we-do-not-speak', 'bad-version', 'W-4.5', patch(HELLO_R, 1, hex('020102')), 'version 2'),
  helloR('picks-0', 'bad-version', 'W-4.5', patch(HELLO_R, 1, hex('000001')), 'lower than both could'),
  helloR(
    'outside-its-own-range',
    'bad-version',
    'W-4.5',
    patch(HELLO_R, 1, hex('010202')),
    'it says that it speaks only 2',
  ),
  {
    ...helloR(
      'downgrade',
      'bad-version',
      'W-4.5',
      patch(HELLO_R, 1, hex('010102')),
      'both speak 2, so 1 was not its choice',
    ),
    own: { vmin: 1, vmax: 2 },
  },

  plaintext('400-bytes', 'success', null, AUTH, 'pay, signature, mac'),
  plaintext('399-bytes', 'bad-auth-payload', 'W-4.8', AUTH.subarray(1), 'fits the same token length'),
  plaintext('401-bytes', 'bad-auth-payload', 'W-4.8', cat(AUTH, u8(0)), 'fits the same token length'),

  pay('name-and-port', 'success', null, payOf(NAME, PORT), 'as in session.json'),
  pay('nothing', 'success', null, payOf(), 'every extension is optional'),
  pay(
    'all',
    'success',
    null,
    payOf(NAME, PORT, tlv(3, u32(65536)), tlv(4, u32(0x80000001)), tlv(5, ascii('earshot/0.1'))),
    'every extension of revision 1',
  ),
  pay('client-32', 'success', null, payOf(tlv(5, Buffer.alloc(32, 0x78))), 'longest client string'),
  pay('full', 'skip', null, payOf(tlv(0x7f, Buffer.alloc(266, 1))), '269 bytes of extensions leave no padding'),
  pay('unknown-below-80', 'skip', null, payOf(NAME, tlv(0x7f, hex('ff'))), 'ignored'),
  pay('name-breaks-the-rule', 'skip', null, payOf(tlv(1, utf8('a b')), PORT), 'treated as absent'),
  pay('name-too-long', 'skip', null, payOf(tlv(1, Buffer.alloc(65, 0x61))), 'treated as absent'),
  pay('name-malformed', 'skip', null, payOf(tlv(1, hex('ff'))), 'no UTF-8: treated as absent'),
  pay('client-not-printable', 'skip', null, payOf(tlv(5, hex('1b5b324a'))), 'treated as absent'),
  pay('version', 'bad-auth-payload', 'W-4.9', patch(payOf(), 0, u8(2)), 'pv 2'),
  pay('ext-length', 'bad-auth-payload', 'W-4.10', patch(payOf(), 33, u16(270)), 'one byte more than there are'),
  pay('ext-length-65535', 'bad-auth-payload', 'W-4.10', patch(payOf(), 33, u16(65535)), 'far outside'),
  pay('padding-first-byte', 'bad-auth-payload', 'W-4.11', patch(payOf(NAME), 35 + NAME.length, u8(1)), 'must be zero'),
  pay('padding-last-byte', 'bad-auth-payload', 'W-4.11', patch(payOf(NAME), 303, u8(1)), 'must be zero'),
  pay('field-header-cut-short', 'bad-extension', 'W-4.12', payOf(NAME, hex('0200')), 'two bytes of a header'),
  pay('field-value-cut-short', 'bad-extension', 'W-4.12', payOf(hex('01000661')), 'six announced, one there'),
  pay('out-of-order', 'bad-extension', 'W-4.13', payOf(PORT, NAME), 'descending'),
  pay('twice', 'bad-extension', 'W-4.13', payOf(PORT, PORT), 'not strictly ascending'),
  pay(
    'unknown-twice',
    'bad-extension',
    'W-4.13',
    payOf(tlv(0x70, zeros(0)), tlv(0x70, zeros(0))),
    'also where ignored',
  ),
  pay('unknown-80', 'bad-extension', 'W-4.14', payOf(NAME, tlv(0x80, zeros(0))), 'may not be ignored'),
  pay('unknown-ff', 'bad-extension', 'W-4.14', payOf(tlv(0xff, zeros(0))), 'may not be ignored'),
  pay('port-of-1-byte', 'bad-extension', 'W-4.15', payOf(tlv(2, u8(80))), 'u16'),
  pay('port-of-4-bytes', 'bad-extension', 'W-4.15', payOf(tlv(2, u32(7001))), 'u16'),
  pay('max-plaintext-of-2-bytes', 'bad-extension', 'W-4.15', payOf(tlv(3, u16(256))), 'u32'),
  pay('features-of-8-bytes', 'bad-extension', 'W-4.15', payOf(tlv(4, zeros(8))), 'u32'),
  pay('client-33', 'bad-extension', 'W-4.15', payOf(tlv(5, Buffer.alloc(33, 0x78))), 'at most 32'),
  pay('port-0', 'skip', null, payOf(tlv(2, u16(0))), 'does not listen: treated as absent'),
];
