/** `libs/protocol/vectors/session.json`, made by an independent implementation, composed again from our primitives. */
import { readSessionVectors, vectorRandom } from '../test/session-vectors.js';
import {
  agree,
  encodePeerId,
  equalBytes,
  expand,
  extract,
  FernetKey,
  identityFromSeed,
  mac,
  mixHash,
  openFernet,
  safetyNumber,
  sealFernet,
  sign,
  startTranscript,
  verify,
  x25519FromSeed,
} from './index.js';

const vectors = readSessionVectors();
const timeSeconds = vectors.fernet_time;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const u32 = (value: number): Buffer => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);

const idI = identityFromSeed(hex(vectors.id_seed_initiator));
const idR = identityFromSeed(hex(vectors.id_seed_responder));
const [drawI, drawR] = [vectorRandom('A'), vectorRandom('R')];
// In the order of the vectors' draws: private key, nonce, then an IV per token.
const [pairI, nonceI] = [x25519FromSeed(drawI(32)), drawI(32)];
const [pairR, nonceR] = [x25519FromSeed(drawR(32)), drawR(32)];

/** The 304 bytes that one side tells about itself (wire-v1 §4). */
function payload(publicKey: Buffer, ext: Buffer): Buffer {
  const filled = Buffer.concat([Buffer.of(1), publicKey, Buffer.of(0, ext.length), ext]);
  return Buffer.concat([filled, Buffer.alloc(304 - filled.length)]);
}

/** Signature, MAC and token of one side, and the transcript after it. */
function authenticate(side: 'responder' | 'initiator', before: Buffer, macKey: Buffer, tokenKey: Buffer, iv: Buffer) {
  const [identity, ext] = side === 'responder' ? [idR, hex(vectors.ext_responder)] : [idI, hex(vectors.ext_initiator)];
  const pay = payload(identity.publicKey, ext);
  const hPay = mixHash(before, pay);
  const signature = sign(identity, `earshot/1 ${side} signature`, hPay);
  const hSig = mixHash(hPay, signature);
  const tag = mac(macKey, `earshot/1 ${side} mac`, hSig);
  const token = sealFernet(new FernetKey(tokenKey), Buffer.concat([pay, signature, tag]), { timeSeconds, iv });
  return { token, signature, hPay, after: mixHash(hSig, token) };
}

const helloI = Buffer.concat([hex('01'), Buffer.from('ESHT'), hex('01010000'), nonceI, pairI.publicKey]);
const helloRHead = Buffer.concat([hex('0201010100'), nonceR, pairR.publicKey]);
const h2 = mixHash(mixHash(startTranscript(vectors.protocol), helloI), helloRHead);
const prk = extract(h2, agree(pairI, pairR.publicKey));
const responder = authenticate(
  'responder',
  h2,
  expand(prk, 'earshot/1 mac r', h2),
  expand(prk, 'earshot/1 hs r2i', h2),
  drawR(16),
);
const initiator = authenticate(
  'initiator',
  responder.after,
  expand(prk, 'earshot/1 mac i', h2),
  expand(prk, 'earshot/1 hs i2r', h2),
  drawI(16),
);
const master = expand(prk, 'earshot/1 master', initiator.after);

function keys(chainLabel: string, epochs: number): Buffer[] {
  const out: Buffer[] = [];
  for (let chain = expand(master, chainLabel), e = 0; e < epochs; e += 1, chain = expand(chain, 'earshot/1 next')) {
    out.push(expand(chain, 'earshot/1 key'));
  }
  return out;
}

describe('the handshake', () => {
  it('makes the three messages byte for byte', () => {
    expect(helloI.toString('hex')).toBe(vectors.hello_i);
    expect(Buffer.concat([helloRHead, responder.token]).toString('hex')).toBe(vectors.hello_r);
    expect(Buffer.concat([hex('03'), initiator.token]).toString('hex')).toBe(vectors.auth_i);
  });

  it('has the same secret on both sides', () => {
    expect(equalBytes(agree(pairI, pairR.publicKey), agree(pairR, pairI.publicKey))).toBe(true);
  });

  it('signs what the other side can verify, each under its own label', () => {
    expect(verify(idR.publicKey, 'earshot/1 responder signature', responder.hPay, responder.signature)).toBe(true);
    expect(verify(idI.publicKey, 'earshot/1 initiator signature', initiator.hPay, initiator.signature)).toBe(true);
    expect(verify(idR.publicKey, 'earshot/1 initiator signature', responder.hPay, responder.signature)).toBe(false);
  });

  it('ends in the same transcript, session id and keys', () => {
    expect(initiator.after.toString('hex')).toBe(vectors.h8);
    expect(expand(master, 'earshot/1 sid', Buffer.alloc(0), 16).toString('hex')).toBe(vectors.sid);
    expect(keys('earshot/1 chain i2r', 3).map((key) => key.toString('hex'))).toEqual(vectors.keys_i2r);
    expect(keys('earshot/1 chain r2i', 3).map((key) => key.toString('hex'))).toEqual(vectors.keys_r2i);
  });
});

describe('the records', () => {
  const firstKey = { initiator: hex(vectors.keys_i2r[0] ?? ''), responder: hex(vectors.keys_r2i[0] ?? '') };
  const role = { initiator: 0x49, responder: 0x52 };

  it('are there', () => {
    expect(vectors.records.length).toBeGreaterThan(0);
  });

  // The IVs go on from those of the handshake, so these run in the file's order.
  it.each(vectors.records)('$name is the same token, and opens', ({ from, seq, type, body, frame }) => {
    const bytes = hex(body);
    const head = Buffer.concat([Buffer.of(1, role[from], type, 0), u32(0), u32(seq), u32(bytes.length), bytes]);
    const size = [256, 1024, 4096].find((bucket) => bucket >= head.length) ?? 0;
    const plaintext = Buffer.concat([head, Buffer.alloc(size - head.length)]);
    const iv = (from === 'initiator' ? drawI : drawR)(16);
    const key = new FernetKey(firstKey[from]);
    expect(`\x10${sealFernet(key, plaintext, { timeSeconds, iv }).toString()}`).toBe(frame);
    expect(openFernet(key, frame.slice(1))).toEqual(plaintext);
    expect(() =>
      openFernet(new FernetKey(firstKey[from === 'initiator' ? 'responder' : 'initiator']), frame.slice(1)),
    ).toThrow('bad-token');
  });
});

describe('the announcements', () => {
  it.each(['announce', 'announce_goodbye', 'announce_busy_with_status', 'announce_unicode_name'] as const)(
    '%s carries the signature that we make',
    (name) => {
      const { earshot } = JSON.parse(vectors[name]) as { earshot: string };
      const signed = Buffer.from(earshot, 'base64url');
      const blob = signed.subarray(0, -64);
      expect(sign(idI, 'earshot/1 announce', blob)).toEqual(signed.subarray(-64));
      expect(verify(blob.subarray(4, 36), 'earshot/1 announce', blob, signed.subarray(-64))).toBe(true);
    },
  );
});

describe('the names of the two', () => {
  it('are their peer ids', () => {
    expect(encodePeerId(idI.publicKey)).toBe(vectors.peer_id_initiator);
    expect(encodePeerId(idR.publicKey)).toBe(vectors.peer_id_responder);
  });

  it('have one safety number, whoever computes it', () => {
    expect(safetyNumber(idI.publicKey, idR.publicKey)).toBe(vectors.safety_number);
    expect(safetyNumber(idR.publicKey, idI.publicKey)).toBe(vectors.safety_number);
    expect(safetyNumber(idI.publicKey, idI.publicKey)).not.toBe(vectors.safety_number);
  });
});
