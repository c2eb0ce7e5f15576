import { createPublicKey, verify as verifyWithNode } from 'node:crypto';
import { atLeastOne, describeVectors } from '../test/external-vectors.js';
import { generateIdentity, verify } from './ed25519.js';
import { CryptoError } from './errors.js';
import { checkCurvePoint, checkIdentityKey } from './identity-check.js';

const P = 2n ** 255n - 19n;
const mod = (n: bigint): bigint => ((n % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) result = mod(result * square);
  }
  return result;
}

/** d of the curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 §5.1). */
const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** x^2 of the points with this y: (y^2 - 1) / (d y^2 + 1). Doubling needs no more than squares. */
function xSquared(y: bigint): bigint {
  return mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
}

/** y of 2 * (x, y): (y^2 + x^2) / (1 - d x^2 y^2). */
function doubledY(y: bigint): bigint {
  const x2 = xSquared(y);
  return mod((y * y + x2) * power(1n - D * x2 * y * y, P - 2n));
}

function encoded(y: bigint, sign: 0 | 1): Buffer {
  const bytes = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  bytes.writeUInt8(bytes.readUInt8(31) | (sign << 7), 31);
  return bytes;
}

/** The y coordinates of order 8: doubled they give y = 0, so y^2 = -x^2, which makes d y^4 + 2 y^2 - 1 = 0. */
function orderEight(): bigint[] {
  const root = squareRoot(mod(1n + D));
  return [1n, -1n].flatMap((sign) => {
    const y = squareRoot(mod((-1n + sign * (root ?? 0n)) * power(D, P - 2n)));
    return y === undefined ? [] : [y, P - y];
  });
}

function squareRoot(n: bigint): bigint | undefined {
  const candidate = power(n, (P + 3n) / 8n);
  return [candidate, mod(candidate * ROOT_OF_MINUS_ONE)].find((root) => mod(root * root) === n);
}

const badIdentity = new CryptoError('bad-identity');
const checking = (raw: Uint8Array) => () => {
  checkIdentityKey(raw);
};
const smallOrder = [1n, P - 1n, 0n, ...orderEight()];

describe('checkIdentityKey', () => {
  it('refuses every point of small order, with either sign, as computed from the curve', () => {
    expect(smallOrder).toHaveLength(5);
    for (const y of smallOrder) {
      expect(doubledY(doubledY(doubledY(y)))).toBe(1n);
      for (const sign of [0, 1] as const) expect(checking(encoded(y, sign))).toThrow(badIdentity);
    }
  });

  it('refuses every y from p to 2^255 - 1, and none below that is not of small order', () => {
    for (let y = P; y < 2n ** 255n; y += 1n) {
      for (const sign of [0, 1] as const) expect(checking(encoded(y, sign))).toThrow(badIdentity);
    }
    for (const y of [2n, P - 2n, P - 237n, 2n ** 254n]) {
      for (const sign of [0, 1] as const) expect(checking(encoded(y, sign))).not.toThrow();
    }
  });

  it.each([0, 31, 33])('refuses %i bytes', (length) => {
    expect(checking(Buffer.alloc(length, 3))).toThrow(badIdentity);
  });

  it('takes what is generated', () => {
    for (let i = 0; i < 20; i += 1) expect(checking(generateIdentity().publicKey)).not.toThrow();
  });

  it('does not leave the neutral point to node: there, up to Node 22, anybody can sign for it', () => {
    const neutral = encoded(1n, 0);
    const forged = Buffer.concat([neutral, Buffer.alloc(32)]);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: neutral.toString('base64url') },
      format: 'jwk',
    });
    // OpenSSL 3.5 refuses it by itself; what protects us must not depend on that.
    const nodeTakesIt = Number(process.versions.node.split('.')[0]) < 24;
    expect(verifyWithNode(null, Buffer.from('anything'), key, forged)).toBe(nodeTakesIt);
    expect(verify(neutral, 'label', Buffer.from('anything'), forged)).toBe(false);
  });
});

describe('checkCurvePoint', () => {
  it('refuses every y that no point has, with either sign, and no other', () => {
    const ys = Array.from({ length: 100 }, (_, i) => BigInt(i) + 2n);
    const refused = (y: bigint, sign: 0 | 1): boolean => {
      try {
        checkCurvePoint(encoded(y, sign));
        return false;
      } catch (error) {
        return error instanceof CryptoError && error.code === 'bad-identity';
      }
    };
    const none = ys.filter((y) => squareRoot(xSquared(y)) === undefined);
    expect(none).toContain(2n);
    for (const sign of [0, 1] as const) expect(ys.filter((y) => refused(y, sign))).toEqual(none);
  });

  it('takes what is generated', () => {
    for (let i = 0; i < 20; i += 1) {
      expect(() => {
        checkCurvePoint(generateIdentity().publicKey);
      }).not.toThrow();
    }
  });
});

describeVectors('small_order_ed25519.txt', (text) => {
  it('refuses each of them', () => {
    for (const line of atLeastOne(text.split('\n').filter((one) => one !== ''))) {
      expect(checking(Buffer.from(line, 'hex'))).toThrow(badIdentity);
    }
  });
});
