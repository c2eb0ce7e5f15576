import { createCipheriv, createDecipheriv, type Cipher, type Decipher } from 'node:crypto';
import { drawRandomBlock } from './random-blocks.js';

const CIPHER = 'aes-128-cbc';
const BLOCK_BYTES = 16;
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES);

/**
 * AES-128-CBC with PKCS #7 padding for many messages under one key, each with a random IV of its own, by one cipher object:
 * making one for each message costs several times as much as encrypting it.
 *
 * A CBC cipher goes on from the last block of the message before, and using that as the next IV would be the mistake of
 * TLS 1.0: everybody has seen it by then. So each message is led by 16 random bytes R. What they become, E(R ^ previous),
 * is as random as R and known to nobody before, and the message is chained to it: it is the IV.
 *
 * When deciphering, a block needs nothing but the one before it. IV and ciphertext go in together; what comes out for the
 * IV depends on the message before and is thrown away, and the rest is the message, whatever went through earlier.
 */
export class CbcStream {
  readonly #cipher: Cipher;
  readonly #decipher: Decipher;

  /** @param key 16 bytes; the cipher objects hold copies of it until they are dropped */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv(CIPHER, key, ZERO_BLOCK);
    // It would hold the last block back, to look for padding in the next one.
    this.#decipher = createDecipheriv(CIPHER, key, ZERO_BLOCK).setAutoPadding(false);
  }

  /** IV and ciphertext: 16 * (2 + floor(n / 16)) bytes for n. */
  encrypt(plaintext: Uint8Array): Buffer {
    const end = BLOCK_BYTES + plaintext.length;
    const padding = BLOCK_BYTES - (plaintext.length % BLOCK_BYTES);
    const input = Buffer.allocUnsafe(end + padding);
    input.set(drawRandomBlock(), 0);
    input.set(plaintext, BLOCK_BYTES);
    input.fill(padding, end);
    return this.#cipher.update(input);
  }

  /**
   * The plaintext of what `encrypt`, or any CBC cipher under this key, made; undefined where its padding is wrong.
   * Only for what a MAC vouched for: whoever could try paddings could read messages.
   *
   * @param bytes IV and ciphertext, whole blocks, at least two
   */
  decrypt(bytes: Uint8Array): Buffer | undefined {
    const output = this.#decipher.update(bytes);
    const padding = output.at(-1) ?? 0;
    if (padding < 1 || padding > BLOCK_BYTES) return undefined;
    const end = output.length - padding;
    for (let i = end; i < output.length; i += 1) if (output[i] !== padding) return undefined;
    return output.subarray(BLOCK_BYTES, end);
  }
}
