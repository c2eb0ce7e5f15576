import { generateKeyPairSync } from 'node:crypto';
import { generateIdentity, identityFromPem, identityFromSeed, identityToPem, sign, verify } from './ed25519.js';
import { CryptoError } from './errors.js';

const LABEL = 'earshot/1 test';
const message = Buffer.from('the transcript so far');
const own = identityFromSeed(Buffer.alloc(32, 7));
const signature = sign(own, LABEL, message);

describe('sign and verify', () => {
  it('go together', () => {
    expect(signature).toHaveLength(64);
    expect(verify(own.publicKey, LABEL, message, signature)).toBe(true);
  });

  it('bind the label, the message and the key', () => {
    expect(verify(own.publicKey, 'earshot/1 tes', message, signature)).toBe(false);
    expect(verify(own.publicKey, LABEL, message.subarray(1), signature)).toBe(false);
    expect(verify(generateIdentity().publicKey, LABEL, message, signature)).toBe(false);
  });

  it('keep label and message apart', () => {
    const shifted = sign(own, 'ab', Buffer.from('c'));
    expect(verify(own.publicKey, 'a', Buffer.from('bc'), shifted)).toBe(false);
    expect(verify(own.publicKey, 'abc', Buffer.alloc(0), shifted)).toBe(false);
  });

  it('fail on every single changed bit of the signature', () => {
    for (let bit = 0; bit < 512; bit += 1) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(verify(own.publicKey, LABEL, message, changed)).toBe(false);
    }
  });

  it.each([0, 63, 65])('say false to a signature of %i bytes', (length) => {
    expect(verify(own.publicKey, LABEL, message, Buffer.alloc(length))).toBe(false);
  });

  it('say false, and do not fail, for keys that are none: wrong length, or a y off the curve', () => {
    const offCurve = Buffer.alloc(32);
    offCurve.writeUInt8(2);
    for (const key of [Buffer.alloc(0), Buffer.alloc(31, 1), Buffer.alloc(33, 1), offCurve]) {
      expect(verify(key, LABEL, message, signature)).toBe(false);
    }
  });
});

describe('an identity', () => {
  it('comes back from its PEM file, read as text or as bytes', () => {
    const pem = identityToPem(own);
    expect(identityFromPem(pem).publicKey).toEqual(own.publicKey);
    const again = identityFromPem(Buffer.from(pem));
    expect(verify(own.publicKey, LABEL, message, sign(again, LABEL, message))).toBe(true);
  });

  it('is a new one each time it is generated', () => {
    expect(generateIdentity().publicKey).not.toEqual(generateIdentity().publicKey);
  });

  it('is not read from junk, from a public key, or from a key of another kind', () => {
    const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const publicPem = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const encrypted = generateKeyPairSync('ed25519')
      .privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' })
      .toString();
    for (const pem of ['', 'junk', identityToPem(own).slice(0, 60), x25519, publicPem, encrypted]) {
      expect(() => identityFromPem(pem)).toThrow(new CryptoError('bad-key'));
    }
  });

  it('takes a seed of 32 bytes and no other', () => {
    expect(() => identityFromSeed(Buffer.alloc(33))).toThrow(/^bug:/);
  });
});
