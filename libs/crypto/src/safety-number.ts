import { createHash, hash } from 'node:crypto';
import { labelled } from './label.js';

const LABEL = 'earshot/1 safety';
const ROUNDS = 5000;
const GROUPS = 12;
const GROUP_BYTES = 5;
const GROUP_MODULUS = 100_000;

/**
 * The number that two people compare aloud (wire-v1 §7): 12 groups of 5 digits, the same on both sides, whoever computes it.
 *
 * d1 = SHA-512(label | 00 | low | high), d(i+1) = SHA-512(d(i) | low | high), up to d5000, where low and high are the two raw
 * keys in byte order; each group is 5 bytes (big-endian) of d5000 modulo 100000. The rounds make every guess of somebody who
 * looks for a pair of keys with a given number 5000 times as dear; here they take a few milliseconds.
 */
export function safetyNumber(oneKey: Uint8Array, otherKey: Uint8Array): string {
  const [low, high] = Buffer.compare(oneKey, otherKey) <= 0 ? [oneKey, otherKey] : [otherKey, oneKey];
  const both = Buffer.concat([low, high]);
  const chained = Buffer.concat([createHash('sha512').update(labelled(LABEL, both)).digest(), both]);
  for (let round = 1; round < ROUNDS; round += 1) hash('sha512', chained, 'buffer').copy(chained);

  const groups = Array.from(
    { length: GROUPS },
    (_, i) => chained.readUIntBE(i * GROUP_BYTES, GROUP_BYTES) % GROUP_MODULUS,
  );
  return groups.map((group) => String(group).padStart(5, '0')).join(' ');
}
