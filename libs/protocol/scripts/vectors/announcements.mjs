/**
 * Datagrams (presence-v1 §2), as `text`, or as `hex` where they are no text. `kind`: signed or legacy. `skip`: accepted, but
 * it holds something that is ignored. Only where it is 'bad-signature' the signature does not fit; nothing but a key shows that.
 */
import { ascii, cat, hex, patch, tlv, u16, u32, u64, u8, utf8, zeros } from './bytes.mjs';
import { identity, respell } from './primitives.mjs';
import { session } from './session.mjs';

const SELF = identity(hex(session.id_seed_initiator));
const OUTER = { username: 'alice', ip: '192.168.1.20', port: 7001 };

function blobOf(
  { av = 1, vmin = 1, vmax = 1, flags = 0, unixMs = 1_760_000_000_000, counter = 5, port = 7001, ipver = 4 } = {},
  name = utf8('alice'),
  tlvs = zeros(0),
) {
  const head = cat(
    hex('00'),
    u8(vmin),
    u8(vmax),
    u8(flags),
    SELF.id,
    u64(unixMs),
    Buffer.alloc(8, 7),
    u32(counter),
    u16(port),
  );
  return cat(patch(head, 0, u8(av)), u8(ipver), hex('c0a80114'), u8(name.length), name, tlvs);
}
const field = (blob) => cat(blob, SELF.sign('earshot/1 announce', blob)).toString('base64url');
const datagram = (blob, outer = OUTER) => JSON.stringify({ ...outer, earshot: field(blob) });

const base = (name, expect, rule, why) => ({ name, expect, ...(rule === null ? {} : { rule }), why });
const signed = (name, blob, why, outer) => ({
  ...base(name, 'success', null, why),
  kind: 'signed',
  text: datagram(blob, outer),
});
const skipped = (name, blob, why) => ({ ...base(name, 'skip', null, why), kind: 'signed', text: datagram(blob) });
const legacy = (name, object, username, why) => ({
  ...base(name, 'success', null, why),
  kind: 'legacy',
  username,
  text: JSON.stringify(object),
});
const refused = (name, expect, rule, text, why) => ({ ...base(name, expect, rule, why), text });
const refusedBytes = (name, expect, rule, bytes, why) => ({
  ...base(name, expect, rule, why),
  hex: bytes.toString('hex'),
});
const refusedBlob = (name, expect, rule, blob, why, outer) => refused(name, expect, rule, datagram(blob, outer), why);

const GOOD = datagram(blobOf());
const FIELD = field(blobOf());
const withField = (earshot) => JSON.stringify({ ...OUTER, earshot });
const LONG_NAME = '\u00f6'.repeat(32);
const filledTo = (n) =>
  JSON.stringify({ ...OUTER, x: '' }).replace('""', `"${'x'.repeat(n - JSON.stringify({ ...OUTER, x: '' }).length)}"`);

export const announcements = [
  signed('signed/plain', blobOf(), 'a'),
  signed('signed/goodbye', blobOf({ flags: 1, counter: 0xffffffff }), 'the last of its instance'),
  signed('signed/query', blobOf({ flags: 2 }), 'please answer'),
  signed('signed/busy-with-status', blobOf({ flags: 4 }, undefined, tlv(1, utf8('öğle arası'))), 'with a status text'),
  signed('signed/longest', blobOf({}, utf8(LONG_NAME), tlv(1, Buffer.alloc(64, 0x78))), 'name and status of 64 bytes', {
    ...OUTER,
    username: LONG_NAME,
  }),
  signed('signed/versions-1-to-3', blobOf({ vmax: 3 }), 'it speaks newer ones, too'),
  skipped('signed/unknown-flags', blobOf({ flags: 0xf8 }), 'flags without a meaning are ignored'),
  skipped('signed/unknown-field', blobOf({}, undefined, tlv(0x20, hex('ff'))), 'below 80'),
  {
    ...skipped('signed/other-key-order', blobOf(), 'JSON has none'),
    text: JSON.stringify({ earshot: FIELD, port: 7001, ip: '192.168.1.20', username: 'alice' }),
  },
  {
    ...skipped('signed/more-keys', blobOf(), 'whatever else is in the object'),
    text: JSON.stringify({ ...OUTER, earshot: FIELD, x: [1] }),
  },
  legacy('legacy/plain', OUTER, 'alice', 'the original program'),
  legacy('legacy/port-as-text', { ...OUTER, port: '7001' }, 'alice', 'typed, and never converted'),
  legacy('legacy/any-name', { ...OUTER, username: 'Alice & Bob' }, 'Alice & Bob', 'our rule does not bind it'),
  legacy('legacy/escapes', { ...OUTER, username: 'a\u001b[2J\u202eb\n' }, 'a\ufffd[2J\ufffdb\ufffd', 'made printable'),

  refusedBytes('datagram/1025-bytes', 'bad-datagram', 'P-2.1', utf8(filledTo(1025)), 'one too many, whatever it says'),
  refused('datagram/empty', 'bad-datagram', 'P-2.2', '', 'nothing'),
  refused('datagram/cut-short', 'bad-datagram', 'P-2.2', GOOD.slice(0, -1), 'no JSON'),
  refused('datagram/text-behind', 'bad-datagram', 'P-2.2', `${GOOD}x`, 'no JSON'),
  refused('datagram/array', 'bad-datagram', 'P-2.2', `[${GOOD}]`, 'no object'),
  refused('datagram/null', 'bad-datagram', 'P-2.2', 'null', 'no object'),
  refused('datagram/number', 'bad-datagram', 'P-2.2', '7', 'no object'),
  refusedBytes(
    'datagram/not-utf-8',
    'bad-datagram',
    'P-2.2',
    cat(ascii('{"username":"'), hex('ff'), ascii('"}')),
    'not repaired',
  ),
  refusedBytes('datagram/byte-order-mark', 'bad-datagram', 'P-2.2', cat(hex('efbbbf'), utf8(GOOD)), 'no JSON'),
  refused('field/number', 'bad-datagram', 'P-2.3', withField(7), 'no string'),
  refused('field/null', 'bad-datagram', 'P-2.3', withField(null), 'no string: it does not become a legacy one'),
  refused('field/empty', 'bad-datagram', 'P-2.3', withField(''), 'no room for a signature'),
  refused(
    'field/64-bytes',
    'bad-datagram',
    'P-2.3',
    withField(zeros(64).toString('base64url')),
    'a signature of nothing',
  ),
  refused('field/padded', 'bad-datagram', 'P-2.3', withField(`${FIELD}==`), 'one spelling'),
  refused('field/standard-alphabet', 'bad-datagram', 'P-2.3', withField(FIELD.replace('-', '+')), 'one spelling'),
  refused('field/space', 'bad-datagram', 'P-2.3', withField(` ${FIELD}`), 'one spelling'),
  refused('field/spare-bits', 'bad-datagram', 'P-2.3', withField(respell(FIELD)), 'one spelling'),
  refusedBlob('blob/av-2', 'newer-announcement', 'P-2.4', blobOf({ av: 2 }), 'another format from here on'),
  refusedBlob('blob/av-2-short', 'newer-announcement', 'P-2.4', hex('02ff'), 'nothing else is looked at'),
  refusedBlob('blob/av-0', 'newer-announcement', 'P-2.4', blobOf({ av: 0 }), 'not ours, and not legacy'),
  refusedBlob('blob/63-bytes', 'bad-announcement', 'P-2.5', blobOf().subarray(0, 63), 'no name'),
  refusedBlob('blob/name-cut-short', 'bad-announcement', 'P-2.5', blobOf().subarray(0, 68), 'four of five bytes', {
    ...OUTER,
    username: 'alic',
  }),
  refusedBlob('blob/range-reversed', 'bad-announcement', 'P-2.6', blobOf({ vmin: 2 }), 'vmin 2, vmax 1'),
  refusedBlob('blob/port-0', 'bad-announcement', 'P-2.7', blobOf({ port: 0 }), 'nobody listens there', {
    ...OUTER,
    port: 0,
  }),
  refusedBlob('blob/ip-version-6', 'bad-announcement', 'P-2.8', blobOf({ ipver: 6 }), 'version 1 dials IPv4'),
  refusedBlob('blob/time', 'bad-announcement', 'P-2.9', blobOf({ unixMs: 253402300800000 }), 'the year 10000'),
  refusedBlob('blob/time-2^64-1', 'bad-announcement', 'P-2.9', blobOf({ unixMs: 2n ** 64n - 1n }), 'no time'),
  refusedBlob(
    'blob/goodbye-counter',
    'bad-announcement',
    'P-2.10',
    blobOf({ flags: 1 }),
    'something could come after it',
  ),
  refusedBlob(
    'blob/last-counter',
    'bad-announcement',
    'P-2.10',
    blobOf({ counter: 0xffffffff }),
    'nothing could come after it, and it is no goodbye',
  ),
  refusedBlob(
    'blob/field-cut-short',
    'bad-announcement',
    'P-2.11',
    blobOf({}, undefined, hex('010005')),
    'five announced',
  ),
  refusedBlob(
    'blob/field-twice',
    'bad-announcement',
    'P-2.11',
    blobOf({}, undefined, cat(tlv(1, ascii('a')), tlv(1, ascii('b')))),
    'strictly ascending',
  ),
  refusedBlob(
    'blob/unknown-80',
    'bad-announcement',
    'P-2.11',
    blobOf({}, undefined, tlv(0x80, zeros(0))),
    'may not be ignored',
  ),
  refusedBlob(
    'blob/status-65',
    'bad-announcement',
    'P-2.12',
    blobOf({}, undefined, tlv(1, Buffer.alloc(65, 0x78))),
    'at most 64',
  ),
  refusedBlob(
    'blob/status-empty',
    'bad-announcement',
    'P-2.12',
    blobOf({}, undefined, tlv(1, zeros(0))),
    'no status is no field',
  ),
  refusedBlob('blob/status-malformed', 'bad-announcement', 'P-2.12', blobOf({}, undefined, tlv(1, hex('ff'))), 'UTF-8'),
  refusedBlob('outer/username', 'bad-announcement', 'P-2.13', blobOf(), 'the original would show somebody else', {
    ...OUTER,
    username: 'bob',
  }),
  refusedBlob('outer/ip', 'bad-announcement', 'P-2.13', blobOf(), 'aims the original elsewhere', {
    ...OUTER,
    ip: '192.168.1.21',
  }),
  refusedBlob('outer/port', 'bad-announcement', 'P-2.13', blobOf(), 'aims the original elsewhere', {
    ...OUTER,
    port: 7002,
  }),
  refusedBlob('outer/port-as-text', 'bad-announcement', 'P-2.13', blobOf(), 'ours is a number', {
    ...OUTER,
    port: '7001',
  }),
  refused(
    'outer/only-the-field',
    'bad-announcement',
    'P-2.13',
    JSON.stringify({ earshot: FIELD }),
    'what is signed is repeated outside',
  ),
  refusedBlob('name/space', 'bad-username', 'P-2.14', blobOf({}, utf8('a b')), 'breaks the rule', {
    ...OUTER,
    username: 'a b',
  }),
  refusedBlob('name/empty', 'bad-username', 'P-2.14', blobOf({}, zeros(0)), 'breaks the rule', {
    ...OUTER,
    username: '',
  }),
  refusedBlob('name/malformed', 'bad-username', 'P-2.14', blobOf({}, hex('ff')), 'no UTF-8'),
  {
    ...refused('signature/of-another-counter', 'bad-signature', 'P-2.15', '', 'replayed with a higher counter'),
    text: withField(cat(blobOf({ counter: 6 }), SELF.sign('earshot/1 announce', blobOf())).toString('base64url')),
  },
  {
    ...refused('signature/other-label', 'bad-signature', 'P-2.15', '', 'made for another purpose'),
    text: withField(cat(blobOf(), SELF.sign('earshot/1 initiator signature', blobOf())).toString('base64url')),
  },
  refused('legacy/no-name', 'bad-username', 'P-2.16', JSON.stringify({ ip: OUTER.ip, port: 7001 }), 'nobody'),
  refused('legacy/empty-name', 'bad-username', 'P-2.16', JSON.stringify({ ...OUTER, username: '' }), 'nobody'),
  refused(
    'legacy/name-65-bytes',
    'bad-username',
    'P-2.16',
    JSON.stringify({ ...OUTER, username: 'x'.repeat(65) }),
    'more than is shown',
  ),
  refused(
    'legacy/name-is-a-list',
    'bad-username',
    'P-2.16',
    JSON.stringify({ ...OUTER, username: ['alice'] }),
    'no string',
  ),
  refused('legacy/no-ip', 'bad-datagram', 'P-2.17', JSON.stringify({ username: 'alice', port: 7001 }), 'nowhere'),
  refused(
    'legacy/ip-octal',
    'bad-datagram',
    'P-2.17',
    JSON.stringify({ ...OUTER, ip: '192.168.001.020' }),
    'means another host to some parsers',
  ),
  refused(
    'legacy/ip-leading-zero',
    'bad-datagram',
    'P-2.17',
    JSON.stringify({ ...OUTER, ip: '10.0.0.01' }),
    'one spelling',
  ),
  refused('legacy/ip-name', 'bad-datagram', 'P-2.17', JSON.stringify({ ...OUTER, ip: 'example.org' }), 'no address'),
  refused('legacy/port-0', 'bad-datagram', 'P-2.17', JSON.stringify({ ...OUTER, port: 0 }), 'no port'),
  refused('legacy/port-65536', 'bad-datagram', 'P-2.17', JSON.stringify({ ...OUTER, port: 65536 }), 'no port'),
  refused('legacy/port-1.5', 'bad-datagram', 'P-2.17', JSON.stringify({ ...OUTER, port: 1.5 }), 'no port'),
  refused('legacy/port-hex', 'bad-datagram', 'P-2.17', JSON.stringify({ ...OUTER, port: '0x1b59' }), 'decimal only'),
];
