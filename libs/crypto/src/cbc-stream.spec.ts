import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CbcStream } from './cbc-stream.js';

const key = randomBytes(16);
const bytes = fc.uint8Array({ maxLength: 200 });

/** The cipher of the book: one object for one message. */
const plainly = {
  encrypt(plaintext: Uint8Array): Buffer {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', key, iv);
    return Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
  },
  decrypt(encrypted: Buffer): Buffer {
    const decipher = createDecipheriv('aes-128-cbc', key, encrypted.subarray(0, 16));
    return Buffer.concat([decipher.update(encrypted.subarray(16)), decipher.final()]);
  },
};

describe('a stream of messages', () => {
  it('is what a cipher for each of them would have made, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.boolean()), { maxLength: 20 }), (messages) => {
        const stream = new CbcStream(key);
        for (const [plaintext, received] of messages) {
          const theirs = plainly.encrypt(plaintext);
          // Received or not, the next one is not disturbed.
          expect(received ? stream.decrypt(theirs) : Buffer.from(plaintext)).toEqual(Buffer.from(plaintext));
          const ours = stream.encrypt(plaintext);
          expect(ours).toHaveLength(theirs.length);
          expect(plainly.decrypt(ours)).toEqual(Buffer.from(plaintext));
        }
      }),
    );
  });

  it('has another IV for each message, also for the first one of another stream under the same key', () => {
    const streams = Array.from({ length: 100 }, () => new CbcStream(key));
    const messages = [1, 2, 3].flatMap(() => streams.map((stream) => stream.encrypt(Buffer.from('the same text'))));
    const blocks = messages.flatMap((m) => [m.subarray(0, 16).toString('hex'), m.subarray(16).toString('hex')]);
    expect(new Set(blocks).size).toBe(blocks.length);
  });

  it.each([
    ['none', 0],
    ['too much', 17],
    ['one that disagrees with itself', 3],
  ])('refuses padding: %s', (_what, last) => {
    const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
    const padded = Buffer.alloc(32, 0xaa).fill(last, 31);
    const encrypted = Buffer.concat([Buffer.alloc(16), cipher.update(padded), cipher.final()]);
    const stream = new CbcStream(key);
    expect(stream.decrypt(encrypted)).toBeUndefined();
    expect(stream.decrypt(plainly.encrypt(padded))).toEqual(padded);
  });
});
