import { createHmac } from 'node:crypto';
import {
  agree,
  checkIdentityKey,
  CryptoError,
  decodePeerId,
  encodePeerId,
  FernetKey,
  generateX25519,
  identityFromPem,
  identityFromSeed,
  identityToPem,
  openFernet,
  sealFernet,
  verify,
} from '@earshot/crypto';
import { assert, unless, type Target } from '../target.js';
import { input, session } from './vectors.js';

const REFUSALS = [CryptoError];
const key = new FernetKey(Buffer.alloc(32, 7));
const [MAC_BYTES, IV_AT, CIPHERTEXT_AT] = [32, 9, 25];
const SAFE_HIGH_BYTES = 2 ** 21;

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url').padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}

/** What opens is the one token of its time, its IV and its plaintext. */
function checkToken(token: Buffer): void {
  const plaintext = unless(REFUSALS, () => openFernet(key, token));
  if (plaintext === undefined) return;
  const raw = Buffer.from(token.toString('latin1'), 'base64url');
  if (raw.readUInt32BE(1) >= SAFE_HIGH_BYTES) return;
  const again = sealFernet(key, plaintext, {
    timeSeconds: Number(raw.readBigUInt64BE(1)),
    iv: raw.subarray(IV_AT, CIPHERTEXT_AT),
  });
  assert(again.equals(token), 'a token has two spellings');
}

const good = sealFernet(key, Buffer.from('a plaintext of more than one block'), {
  timeSeconds: 1,
  iv: Buffer.alloc(16),
});

/** `0 | token`, `1 | token without its MAC, which is right here` or `2 | text of a key` */
export const fernet: Target = {
  name: 'fernet',
  seeds: [
    input(0, good),
    input(1, Buffer.from(good.toString(), 'base64url').subarray(0, -MAC_BYTES)),
    ...[0, 15, 16, 17].map((length) => {
      const sealed = sealFernet(key, Buffer.alloc(length, 1), { timeSeconds: 2 ** 40, iv: Buffer.alloc(16, length) });
      return input(1, Buffer.from(sealed.toString(), 'base64url').subarray(0, -MAC_BYTES));
    }),
    input(2, base64url(Buffer.alloc(32, 9))),
  ],
  dictionary: ['=', '==', 'gAAA', '\x80', '-_', '+/', '\n'],
  maxBytes: 400,
  run: (bytes) => {
    const rest = bytes.subarray(1);
    if (bytes[0] === 0) checkToken(rest);
    else if (bytes[0] === 1) {
      const mac = createHmac('sha256', key.signing).update(rest).digest();
      checkToken(Buffer.from(base64url(Buffer.concat([rest, mac]))));
    } else {
      const text = rest.toString('latin1');
      const made = unless(REFUSALS, () => FernetKey.fromText(text));
      if (made === undefined) return;
      assert(base64url(Buffer.concat([made.signing, made.encryption])) === text, 'a key has two spellings');
    }
  },
};

const own = generateX25519();
const someone = identityFromSeed(Buffer.alloc(32, 5));

/** `0 | raw key`, `1 | peer id` or `2 | PEM` */
export const identities: Target = {
  name: 'identities',
  seeds: [
    input(0, someone.publicKey),
    // y = p - 1, of order 2, and its neighbour p, which is a second spelling of 0.
    ...['ec', 'ed'].map((first) => input(0, Buffer.from(`${first}${'ff'.repeat(30)}7f`, 'hex'))),
    input(0, Buffer.from(session.hello_i, 'hex').subarray(-32)),
    input(1, encodePeerId(someone.publicKey)),
    input(2, identityToPem(someone)),
  ],
  dictionary: ['-----BEGIN PRIVATE KEY-----', '\n', 'aaaaaaaa', 'q', '\xff\xff\xff\xff\xff\xff\xff\xff'],
  maxBytes: 256,
  run: (bytes) => {
    const rest = bytes.subarray(1);
    if (bytes[0] === 0) {
      const sound = unless(REFUSALS, () => {
        checkIdentityKey(rest);
        return true;
      });
      // Neither may throw, whatever the key is; nobody signs with sixty-four zeros.
      assert(!verify(rest, 'label', rest, Buffer.alloc(64)), 'a signature of nothing is taken');
      unless(REFUSALS, () => agree(own, rest));
      if (sound === true) assert(decodePeerId(encodePeerId(rest)).equals(rest), 'a peer id stands for another key');
    } else if (bytes[0] === 1) {
      const text = rest.toString('latin1');
      const raw = unless(REFUSALS, () => decodePeerId(text));
      if (raw !== undefined) assert(encodePeerId(raw) === text, 'a peer id has two spellings');
    } else {
      unless(REFUSALS, () => identityFromPem(rest));
    }
  },
};
