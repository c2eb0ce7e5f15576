import { createHmac, hkdfSync } from 'node:crypto';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { equalBytes, expand, extract, mac } from './hkdf.js';

describe('extract and expand', () => {
  it('together are node’s hkdf with info = label | 00 | context', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (salt, ikm, context, size) => {
        const info = Buffer.concat([Buffer.from('a label\0'), context]);
        expect(expand(extract(salt, ikm), 'a label', context, size)).toEqual(
          Buffer.from(hkdfSync('sha256', ikm, salt, info, size)),
        );
      }),
    );
  });

  it('give 32 bytes without context where nothing else is asked for', () => {
    const prk = Buffer.alloc(32, 1);
    expect(expand(prk, 'key')).toEqual(createHmac('sha256', prk).update('key\0\x01').digest());
  });

  it('take more context than node’s own function would', () => {
    expect(expand(Buffer.alloc(32), 'label', Buffer.alloc(2000))).toHaveLength(32);
  });

  it('leave no block of a key behind', () => {
    const digest = jest.spyOn(
      Object.getPrototypeOf(createHmac('sha256', '')) as ReturnType<typeof createHmac>,
      'digest',
    );
    const key = expand(Buffer.alloc(32, 1), 'label', Buffer.alloc(0), 70);
    const blocks = digest.mock.results.map(({ value }) => value);
    digest.mockRestore();
    expect(blocks).toEqual([Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(32)]);
    expect(key.every((byte) => byte === 0)).toBe(false);
  });

  it('keep labels apart from contexts', () => {
    const prk = Buffer.alloc(32, 1);
    expect(expand(prk, 'ab', Buffer.from('c'))).not.toEqual(expand(prk, 'a', Buffer.from('bc')));
  });
});

describe('mac', () => {
  it('is HMAC-SHA256 over label | 00 | message', () => {
    const key = Buffer.alloc(32, 2);
    expect(mac(key, 'label', Buffer.from('message'))).toEqual(
      createHmac('sha256', key).update('label\0message').digest(),
    );
  });
});

describe('equalBytes', () => {
  it('is true for equal bytes alone, and takes different lengths', () => {
    expect(equalBytes(Buffer.from('abc'), new Uint8Array([0x61, 0x62, 0x63]))).toBe(true);
    expect(equalBytes(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
    expect(equalBytes(Buffer.from('abc'), Buffer.from('ab'))).toBe(false);
    expect(equalBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });
});
