import { CryptoError } from './errors.js';
import { agree, generateX25519, x25519FromSeed } from './x25519.js';

const badShare = new CryptoError('bad-share');

describe('X25519', () => {
  it('gives both sides the same secret, another one each time', () => {
    const [a, b] = [generateX25519(), generateX25519()];
    const secret = agree(a, b.publicKey);
    expect(secret).toHaveLength(32);
    expect(agree(b, a.publicKey)).toEqual(secret);
    expect(agree(generateX25519(), b.publicKey)).not.toEqual(secret);
  });

  it('refuses our own share come back', () => {
    const own = generateX25519();
    expect(() => agree(own, Buffer.from(own.publicKey))).toThrow(badShare);
  });

  it.each([0, 31, 33, 64])('refuses a share of %i bytes', (length) => {
    expect(() => agree(generateX25519(), Buffer.alloc(length, 9))).toThrow(badShare);
  });

  it.each([
    ['0', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['1', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['-1', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p + 1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['of order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['1 with the ignored top bit', '0100000000000000000000000000000000000000000000000000000000000080'],
  ])('refuses the low-order share %s', (_, share) => {
    expect(() => agree(generateX25519(), Buffer.from(share, 'hex'))).toThrow(badShare);
  });

  it('takes a seed of 32 bytes and no other', () => {
    expect(() => x25519FromSeed(Buffer.alloc(31))).toThrow(/^bug:/);
  });
});
