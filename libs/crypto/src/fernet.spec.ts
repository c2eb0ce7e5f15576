import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { atLeastOne, describeVectors } from '../test/external-vectors.js';
import { CryptoError } from './errors.js';
import { FernetKey } from './fernet-key.js';
import { openFernet, sealFernet } from './fernet.js';

interface FernetVector {
  readonly token: string;
  readonly now: string;
  readonly secret: string;
  readonly ttl_sec: number;
  readonly iv: readonly number[];
  readonly src: string;
  readonly desc: string;
}

const seconds = (time: string): number => Date.parse(time) / 1000;
const vectors = (text: string): readonly FernetVector[] => atLeastOne(JSON.parse(text) as FernetVector[]);

const badToken = new CryptoError('bad-token');
const key = new FernetKey(Buffer.from('00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210', 'hex'));
const plaintext = Buffer.from('meet me at the harbour');
// Always the same one, so that what is done to it below always does the same.
const token = sealFernet(key, plaintext, { timeSeconds: 1_760_000_000, iv: Buffer.alloc(16, 0x5e) }).toString();
const otherEncryption = new FernetKey(Buffer.concat([key.signing, Buffer.alloc(16, 1)]));

describeVectors('fernet/generate.json', (text) => {
  it.each(vectors(text))('seals $src', (vector) => {
    const options = { timeSeconds: seconds(vector.now), iv: Uint8Array.from(vector.iv) };
    const sealed = sealFernet(FernetKey.fromText(vector.secret), Buffer.from(vector.src), options);
    expect(sealed.toString()).toBe(vector.token);
  });
});

describeVectors('fernet/verify.json', (text) => {
  it.each(vectors(text))('opens $src', (vector) => {
    const options = { ttlSeconds: vector.ttl_sec, nowSeconds: seconds(vector.now) };
    expect(openFernet(FernetKey.fromText(vector.secret), vector.token, options).toString()).toBe(vector.src);
  });
});

describeVectors('fernet/invalid.json', (text) => {
  it.each(vectors(text))('refuses: $desc', (vector) => {
    const options = { ttlSeconds: vector.ttl_sec, nowSeconds: seconds(vector.now) };
    expect(() => openFernet(FernetKey.fromText(vector.secret), vector.token, options)).toThrow(badToken);
  });

  it('refuses exactly two of them for their age, which is looked at only when asked for', () => {
    const opened = vectors(text).filter(({ secret, token }) => {
      try {
        openFernet(FernetKey.fromText(secret), token);
        return true;
      } catch {
        return false;
      }
    });
    expect(opened.map(({ desc }) => desc)).toEqual(['far-future TS (unacceptable clock skew)', 'expired TTL']);
  });
});

describe('sealFernet and openFernet', () => {
  it('are each other’s inverse for every plaintext', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const sealed = sealFernet(key, bytes);
        expect(openFernet(key, sealed)).toEqual(Buffer.from(bytes));
        expect(openFernet(key, sealed.toString())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    [0, 100],
    [15, 100],
    [16, 120],
    [256, 440],
    [400, 632],
    [1024, 1464],
    [4096, 5560],
    [16384, 21944],
    [65536, 87480],
  ])('makes of %i bytes a token of %i characters', (bytes, characters) => {
    const sealed = sealFernet(key, Buffer.alloc(bytes, 0xa5));
    expect(sealed).toHaveLength(characters);
    expect(openFernet(key, sealed).equals(Buffer.alloc(bytes, 0xa5))).toBe(true);
  });

  it('never uses an IV twice, also where its store of random bytes is filled anew', () => {
    const ivs = Array.from({ length: 1000 }, () => {
      const raw = Buffer.from(sealFernet(key, plaintext).toString(), 'base64url');
      return raw.toString('hex', 9, 25);
    });
    expect(new Set(ivs).size).toBe(1000);
  });

  it('reads only the bytes of a view, not those around it', () => {
    const around = Buffer.from(`xx${token}yy`);
    const view = new Uint8Array(around.buffer, around.byteOffset + 2, token.length);
    expect(openFernet(key, view)).toEqual(plaintext);
  });

  it('writes the time that it is', () => {
    const before = Math.floor(Date.now() / 1000);
    const raw = Buffer.from(sealFernet(key, plaintext).toString(), 'base64url');
    expect(Number(raw.readBigUInt64BE(1))).toBeGreaterThanOrEqual(before);
    expect(Number(raw.readBigUInt64BE(1))).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  });

  it('carries a time beyond 32 bits', () => {
    const timeSeconds = 2 ** 40 + 5;
    const late = sealFernet(key, plaintext, { timeSeconds });
    expect(Buffer.from(late.toString(), 'base64url').readBigUInt64BE(1)).toBe(BigInt(timeSeconds));
    expect(openFernet(key, late, { ttlSeconds: 0, nowSeconds: timeSeconds })).toEqual(plaintext);
    expect(() => openFernet(key, late, { ttlSeconds: 0, nowSeconds: timeSeconds + 1 })).toThrow('bad-token');
  });

  it('takes an age to the second, and a minute of a fast clock', () => {
    const sealed = sealFernet(key, plaintext, { timeSeconds: 1000 });
    const opens = (nowSeconds: number): boolean => {
      try {
        return openFernet(key, sealed, { ttlSeconds: 30, nowSeconds }).equals(plaintext);
      } catch {
        return false;
      }
    };
    expect([939, 940, 1030, 1031].map(opens)).toEqual([false, true, true, false]);
  });
});

describe('openFernet refuses', () => {
  it('a token with any one byte changed to any other', () => {
    const bytes = Buffer.from(token);
    const opened: string[] = [];
    for (let offset = 0; offset < bytes.length; offset += 1) {
      for (let change = 1; change < 256; change += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(bytes.readUInt8(offset) ^ change, offset);
        try {
          openFernet(key, changed);
          opened.push(`${offset} ^ ${change}`);
        } catch (err) {
          if (!(err instanceof CryptoError)) throw err;
        }
      }
    }
    expect(opened).toEqual([]);
  });

  it('a token with a piece cut out, doubled or put in, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(token.length), fc.nat(token.length), fc.string({ maxLength: 4 }), (from, to, put) => {
        const changed = token.slice(0, from) + put + token.slice(to);
        fc.pre(changed !== token);
        expect(() => openFernet(key, changed)).toThrow(badToken);
        expect(() => openFernet(key, Buffer.from(changed))).toThrow(badToken);
      }),
    );
  });

  it('every other spelling of the same bytes', () => {
    const padded = token;
    expect(padded.endsWith('=')).toBe(true);
    const bare = padded.replace(/=+$/, '');
    const raw = Buffer.from(padded, 'base64url');
    const last = bare.charAt(bare.length - 1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const unusedBitSet = bare.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1) + padded.slice(bare.length);
    expect(Buffer.from(unusedBitSet, 'base64url')).toEqual(raw);

    for (const spelling of [
      bare,
      `${padded}=`,
      `${padded}==`,
      `${padded}====`,
      `${padded}\n`,
      ` ${padded}`,
      `${padded.slice(0, 8)}\r\n${padded.slice(8)}`,
      unusedBitSet,
      raw.toString('base64'),
      `${padded}A`,
      `${padded}AAAA`,
    ].filter((one) => one !== padded)) {
      expect(() => openFernet(key, spelling)).toThrow(badToken);
      expect(() => openFernet(key, Buffer.from(spelling))).toThrow(badToken);
    }
  });

  it('the standard alphabet, where it makes a difference', () => {
    const sealed = sealFernet(key, plaintext, { iv: Buffer.alloc(16, 0xff) }).toString();
    expect(sealed).toContain('_');
    expect(() => openFernet(key, sealed.replaceAll('_', '/').replaceAll('-', '+'))).toThrow(badToken);
  });

  it('characters whose low byte alone would fit', () => {
    const alias = String.fromCharCode(token.charCodeAt(20) + 0x100);
    expect(() => openFernet(key, token.slice(0, 20) + alias + token.slice(21))).toThrow(badToken);
  });

  it.each(['', '=', 'gAAA', 'gAAAAA==', '%', '\u0000', 'A'.repeat(100), 'A'.repeat(87480)])('junk (%#)', (junk) => {
    expect(() => openFernet(key, junk)).toThrow(badToken);
  });

  it.each([
    ['another version', Buffer.concat([Buffer.of(0x81), Buffer.from(token, 'base64url').subarray(1, -32)])],
    ['no ciphertext', Buffer.concat([Buffer.of(0x80), Buffer.alloc(24)])],
    ['half a block', Buffer.concat([Buffer.of(0x80), Buffer.alloc(32)])],
    ['no IV', Buffer.concat([Buffer.of(0x80), Buffer.alloc(8)])],
    ['nothing', Buffer.alloc(0)],
  ])('%s, though its MAC is right', (_, body) => {
    const raw = Buffer.concat([body, createHmac('sha256', key.signing).update(body).digest()]);
    const text = raw.toString('base64url').padEnd(Math.ceil(raw.length / 3) * 4, '=');
    expect(() => openFernet(key, text)).toThrow(badToken);
  });

  it('every length that is too short to hold a MAC', () => {
    for (let length = 0; length < 73; length += 1) {
      const text = Buffer.alloc(length, 0x80)
        .toString('base64url')
        .padEnd(Math.ceil(length / 3) * 4, '=');
      expect(() => openFernet(key, text)).toThrow(badToken);
    }
  });

  it('a token of another key, whether the first or the second half differs', () => {
    const otherSigning = new FernetKey(Buffer.concat([Buffer.alloc(16, 1), key.encryption]));
    expect(() => openFernet(otherSigning, token)).toThrow(badToken);
    // The MAC passes here, and the padding does not come out right.
    expect(() => openFernet(otherEncryption, token)).toThrow(badToken);
  });

  it.each([
    ['encoding', key, token.slice(1)],
    ['shape', key, ''],
    ['version', key, `h${token.slice(1)}`],
    ['MAC', key, `${token.slice(0, 30)}${token.charAt(30) === 'B' ? 'C' : 'B'}${token.slice(31)}`],
    ['padding', otherEncryption, token],
  ])('with an error that tells nothing, here of a wrong %s', (_, openingKey, bad) => {
    let caught: unknown;
    try {
      openFernet(openingKey, bad);
    } catch (err) {
      caught = err;
    }
    expect(caught).toBeInstanceOf(CryptoError);
    const { name, code, message, cause } = caught as CryptoError;
    expect([name, code, message, cause]).toEqual(['CryptoError', 'bad-token', 'bad-token', undefined]);
  });
});
