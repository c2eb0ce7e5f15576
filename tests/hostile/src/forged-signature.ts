import { createHash, randomBytes } from 'node:crypto';
import { identityFromSeed } from '@earshot/crypto';

/** Order of the base point of edwards25519 (RFC 8032 §5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/**
 * A signature that verifies (S·B = R + h·A, RFC 8032 §5.1.7) for a "key" A of small order, made without any secret:
 * with R = S·B it does wherever h·A is the neutral element, which for a multiple of 8 it always is.
 */
export function forgedSignature(smallOrderKey: Buffer, label: string, message: Buffer): Buffer {
  for (;;) {
    const seed = randomBytes(32);
    const scalar = createHash('sha512').update(seed).digest().subarray(0, 32);
    scalar[0] = scalar.readUInt8(0) & 0xf8;
    scalar[31] = (scalar.readUInt8(31) & 0x7f) | 0x40;
    const point = identityFromSeed(seed).publicKey;
    const h = createHash('sha512').update(point).update(smallOrderKey).update(`${label}\0`).update(message).digest();
    if ((littleEndian(h) % L) % 8n !== 0n) continue;
    const s = (littleEndian(scalar) % L).toString(16).padStart(64, '0');
    return Buffer.concat([point, Buffer.from(s, 'hex').reverse()]);
  }
}
