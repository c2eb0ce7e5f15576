/**
 * Handshakes that must fail, one side of which is under test (wire-v1 §4). That side has the identity, the extensions and
 * the draws of session.json (a responder draws from "R", an initiator from "A"); it receives `received` one after the
 * other, sends its own part in between as the state demands, and fails with `expect` on the last. Frames are without the
 * u32 in front. `expectedId`: the id that the initiator wants to reach.
 */
import { ascii, cat, hex, patch, u16, u32, u64, u8, zeros } from './bytes.mjs';
import {
  draws,
  expand,
  fernet,
  hmac,
  identity,
  mixHash,
  sha256,
  respell,
  sharedSecret,
  shareOf,
} from './primitives.mjs';
import { session } from './session.mjs';

const TIME = session.fernet_time;
const I = identity(hex(session.id_seed_initiator));
const R = identity(hex(session.id_seed_responder));
const MALLORY = identity(sha256(ascii('mallory')));
const EXT = { I: hex(session.ext_initiator), R: hex(session.ext_responder) };
const LABEL = {
  R: ['earshot/1 responder signature', 'earshot/1 responder mac', 'mac r', 'hs r2i'],
  I: ['earshot/1 initiator signature', 'earshot/1 initiator mac', 'mac i', 'hs i2r'],
};
const SMALL_ORDER = cat(u8(1), zeros(31));
const NOT_REDUCED = hex('eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
/** y = 2. */
const NO_POINT = cat(u8(2), zeros(31));
const LOW_ORDER_SHARE = hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800');

/** What both sides hold after the shares are exchanged, from the draws of session.json. */
function exchange() {
  const a = draws('A');
  const r = draws('R');
  const [xI, nonceI, ivI] = [a(32), a(32), a(16)];
  const [xR, nonceR, ivR] = [r(32), r(32), r(16)];
  const helloI = cat(u8(1), ascii('ESHT'), hex('01010000'), nonceI, shareOf(xI));
  const helloR = cat(u8(2), hex('01010100'), nonceR, shareOf(xR));
  const h2 = mixHash(mixHash(sha256(ascii(session.protocol)), helloI), helloR);
  const prk = hmac(h2, sharedSecret(xI, shareOf(xR)));
  return { xI, xR, ivI, ivR, helloI, helloR, h2, prk };
}
const X = exchange();

const payOf = (id, ext) => cat(u8(1), id, u16(ext.length), ext, zeros(304 - 35 - ext.length));

/** A token of one side, with whatever is to be wrong about it; `h` is the transcript before it. */
function token(side, h, wrong = {}) {
  const [signLabel, macLabel, macKey, tokenKey] = LABEL[side];
  const self = wrong.self ?? (side === 'R' ? R : I);
  const pay = wrong.pay ?? payOf(wrong.id ?? self.id, EXT[side]);
  const h3 = mixHash(h, pay);
  const signature = wrong.signature ?? self.sign(wrong.signLabel ?? signLabel, wrong.signed ?? h3);
  const h4 = mixHash(h3, signature);
  const mac = hmac(
    expand(X.prk, `earshot/1 ${wrong.macKey ?? macKey}`, X.h2),
    cat(ascii(macLabel), u8(0), wrong.maced ?? h4),
  );
  const plaintext = cat(pay, signature, mac, wrong.more ?? zeros(0));
  const key = expand(X.prk, `earshot/1 ${wrong.tokenKey ?? tokenKey}`, X.h2);
  const bytes = fernet(key, side === 'R' ? X.ivR : X.ivI, TIME, plaintext, wrong);
  return { bytes, h: mixHash(h4, bytes) };
}

const goodR = token('R', X.h2);
const goodI = token('I', goodR.h);
const HELLO_R = cat(X.helloR, goodR.bytes);
const AUTH_I = cat(u8(3), goodI.bytes);
// The generator stands on the same ground as session.json, or it must not write anything.
if (
  HELLO_R.toString('hex') !== session.hello_r ||
  AUTH_I.toString('hex') !== session.auth_i ||
  goodI.h.toString('hex') !== session.h8
) {
  throw new Error('session.json is not reproduced');
}

const entry =
  (side) =>
  (name, expect, rule, received, why, more = {}) => ({
    name: `${side}/${name}`,
    expect,
    ...(rule === null ? {} : { rule }),
    side,
    ...more,
    received: received.map((bytes) => bytes.toString('hex')),
    why,
  });
const responder = entry('responder');
const initiator = entry('initiator');
const helloR = (wrong) => cat(X.helloR, token('R', X.h2, wrong).bytes);
const authI = (wrong) => cat(u8(3), token('I', goodR.h, wrong).bytes);
const flip = (bytes, at) => patch(bytes, at, u8(bytes[at] === 0x41 ? 0x42 : 0x41));

/** Everything that can be wrong about a token, for either side. */
function tokens(add, frames, good, make, self) {
  const at = good.length - 632;
  const text = good.subarray(at).toString('latin1');
  const spelled = (spelling) => frames(cat(good.subarray(0, at), ascii(spelling)));
  const other = self === 'R' ? 'I' : 'R';
  const withPay = (pay) => frames(make({ pay }));
  const pay = payOf(self === 'R' ? R.id : I.id, EXT[self]);
  // PKCS#7 padding of 16 bytes with one that is wrong, under a MAC that is right.
  const unpadded = cat(pay, zeros(96), Buffer.alloc(15, 16), u8(15));
  return [
    add('token/first-bit', 'bad-token', 'W-4.7', frames(flip(good, at)), 'version byte'),
    add(
      'token/version-81',
      'bad-token',
      'W-4.7',
      frames(make({ version: 0x81 })),
      'the MAC is right, the version is not',
    ),
    add('token/ciphertext', 'bad-token', 'W-4.7', frames(flip(good, at + 100)), 'MAC'),
    add('token/mac', 'bad-token', 'W-4.7', frames(flip(good, at + 600)), 'MAC'),
    add(
      'token/padding',
      'bad-token',
      'W-4.7',
      frames(make({ padded: unpadded })),
      'the MAC is right, the padding is not: no other code',
    ),
    add('token/no-equals-sign', 'bad-token', 'W-4.7', spelled(text.replace(/=$/, 'A')), 'not the length it says'),
    add(
      'token/spare-bits',
      'bad-token',
      'W-4.7',
      spelled(respell(text)),
      'decodes to the same bytes, spelled differently',
    ),
    add(
      'token/standard-alphabet',
      'bad-token',
      'W-4.7',
      spelled(text.replace(/[-_]/, (c) => (c === '-' ? '+' : '/'))),
      'decodes to the same bytes in lenient decoders',
    ),
    add(
      'token/of-the-other-direction',
      'bad-token',
      'W-4.7',
      frames(make({ tokenKey: LABEL[other][3] })),
      'one key for each direction',
    ),
    add('plaintext/401-bytes', 'bad-auth-payload', 'W-4.8', frames(make({ more: u8(0) })), 'fits the same token'),
    add('pay/version-2', 'bad-auth-payload', 'W-4.9', withPay(patch(pay, 0, u8(2))), 'pv'),
    add('pay/extension-length', 'bad-auth-payload', 'W-4.10', withPay(patch(pay, 33, u16(270))), 'outside'),
    add('pay/padding', 'bad-auth-payload', 'W-4.11', withPay(patch(pay, 303, u8(1))), 'not zero'),
    add(
      'pay/critical-extension',
      'bad-extension',
      'W-4.14',
      withPay(payOf(pay.subarray(1, 33), hex('800000'))),
      'unknown, not to be ignored',
    ),
    add(
      'identity/small-order',
      'bad-identity',
      'W-4.17',
      frames(make({ id: SMALL_ORDER })),
      'one signature would fit every message',
    ),
    add(
      'identity/not-reduced',
      'bad-identity',
      'W-4.17',
      frames(make({ id: NOT_REDUCED })),
      'y is p + 1: a second spelling',
    ),
    add('identity/no-point', 'bad-identity', 'W-4.17', frames(make({ id: NO_POINT })), 'no point of the curve has y = 2'),
    add(
      'signature/of-another',
      'bad-signature',
      'W-4.18',
      frames(make({ id: MALLORY.id })),
      'claims an id, signs with its own key',
    ),
    add('signature/other-label', 'bad-signature', 'W-4.18', frames(make({ signLabel: LABEL[other][0] })), 'reflected'),
    add(
      'signature/no-label',
      'bad-signature',
      'W-4.18',
      frames(make({ signLabel: 'earshot/1 announce' })),
      'made for another purpose',
    ),
    add('signature/of-nothing', 'bad-signature', 'W-4.18', frames(make({ signature: zeros(64) })), 'zeros'),
    add(
      'signature/without-the-id',
      'bad-signature',
      'W-4.18',
      frames(make({ signed: self === 'R' ? X.h2 : goodR.h })),
      'the transcript before pay',
    ),
    add('mac/other-key', 'bad-inner-mac', 'W-4.19', frames(make({ macKey: LABEL[other][2] })), 'reflected'),
    add(
      'mac/before-signature',
      'bad-inner-mac',
      'W-4.19',
      frames(make({ maced: mixHash(self === 'R' ? X.h2 : goodR.h, pay) })),
      'does not cover the signature',
    ),
    add(
      'identity/our-own',
      'own-identity',
      'W-4.20',
      frames(make({ self: self === 'R' ? I : R })),
      'a copied profile, or ourselves',
    ),
  ];
}

function record(direction, { type, seq, body, role = 'R' }) {
  const master = expand(X.prk, 'earshot/1 master', goodI.h);
  const key = expand(expand(master, `earshot/1 chain ${direction}`), 'earshot/1 key');
  const head = cat(u8(1), ascii(role), u8(type), u8(0), u64(seq), u32(body.length));
  return cat(u8(0x10), fernet(key, zeros(16), TIME, cat(head, body, zeros(240 - body.length))));
}
const READY = { type: 1, seq: 0, body: u8(0) };

export const handshakes = [
  responder('session', 'success', null, [X.helloI, AUTH_I], 'the handshake of session.json'),
  responder('hello/magic', 'bad-hello', 'W-4.1', [patch(X.helloI, 1, ascii('X'))], 'not even answered'),
  responder('hello/version', 'bad-version', 'W-4.4', [patch(X.helloI, 5, hex('0202'))], 'none in common'),
  responder('share/zero', 'bad-share', 'W-4.6', [patch(X.helloI, 41, zeros(32))], 'low order'),
  responder('share/low-order', 'bad-share', 'W-4.6', [patch(X.helloI, 41, LOW_ORDER_SHARE)], 'low order'),
  responder('share/reflected', 'bad-share', 'W-4.6', [patch(X.helloI, 41, shareOf(X.xR))], 'our own'),
  ...tokens(responder, (auth) => [X.helloI, auth], AUTH_I, authI, 'I'),
  responder(
    'hello/changed-underway',
    'bad-token',
    'W-4.7',
    [flip(X.helloI, 20), AUTH_I],
    'all keys depend on every byte of both hellos',
  ),

  initiator('session', 'success', null, [HELLO_R, record('r2i', READY)], 'the handshake of session.json, and READY'),
  initiator('expected-peer', 'success', null, [HELLO_R], 'it is who it should be', {
    expectedId: R.id.toString('hex'),
  }),
  initiator(
    'hello/version',
    'bad-version',
    'W-4.5',
    [patch(HELLO_R, 1, hex('020102'))],
    'a version that we did not offer',
  ),
  initiator('share/zero', 'bad-share', 'W-4.6', [patch(HELLO_R, 37, zeros(32))], 'low order'),
  initiator('share/low-order', 'bad-share', 'W-4.6', [patch(HELLO_R, 37, LOW_ORDER_SHARE)], 'low order'),
  initiator('share/reflected', 'bad-share', 'W-4.6', [patch(HELLO_R, 37, shareOf(X.xI))], 'our own'),
  ...tokens(initiator, (hello) => [hello], HELLO_R, helloR, 'R'),
  initiator('identity/unexpected', 'unexpected-identity', 'W-4.21', [HELLO_R], 'somebody else has taken the address', {
    expectedId: MALLORY.id.toString('hex'),
  }),
  initiator('ready/other-key', 'bad-token', 'W-5.1', [HELLO_R, record('i2r', READY)], 'sealed with our own direction'),
  initiator(
    'ready/reflected-role',
    'bad-role',
    'W-5.4',
    [HELLO_R, record('r2i', { ...READY, role: 'I' })],
    'the writer says that it is us',
  ),
  initiator('ready/seq-1', 'bad-sequence', 'W-5.6', [HELLO_R, record('r2i', { ...READY, seq: 1 })], 'one is missing'),
  initiator('ready/one-bit', 'bad-token', 'W-5.1', [HELLO_R, flip(record('r2i', READY), 200)], 'MAC'),
];
