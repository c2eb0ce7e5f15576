import { decodeBase64url } from './base64url.js';
import { CbcStream } from './cbc-stream.js';
import { erase } from './erase.js';
import { CryptoError } from './errors.js';

const KEY_BYTES = 32;
const SIGNING_BYTES = 16;

/**
 * A Fernet key (Fernet spec, "Key Format"): 16 bytes that authenticate, then 16 bytes that encrypt.
 *
 * It holds its own copy of the bytes, hidden from inspection and from JSON, so that the giver can erase his
 * and `erase` leaves none here.
 */
export class FernetKey {
  // alloc, not allocUnsafe: small unsafe buffers are cut from a pool that all of the process shares.
  readonly #bytes = Buffer.alloc(KEY_BYTES);
  readonly #signing = this.#bytes.subarray(0, SIGNING_BYTES);
  readonly #encryption = this.#bytes.subarray(SIGNING_BYTES);
  #cbc: CbcStream | undefined;
  #erased = false;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new Error(`bug: a Fernet key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    this.#bytes.set(bytes);
  }

  /** Of bytes that are for this key alone, which are erased: the copy is the only one then. */
  static taking(bytes: Buffer): FernetKey {
    const key = new FernetKey(bytes);
    erase(bytes);
    return key;
  }

  /** From the form in which Fernet libraries exchange keys: 44 characters of padded base64url. Refuses all else with `bad-key`. */
  static fromText(text: string): FernetKey {
    const bytes = decodeBase64url(text);
    if (bytes?.length !== KEY_BYTES) throw new CryptoError('bad-key');
    return FernetKey.taking(bytes);
  }

  /** The HMAC-SHA256 half, a view. */
  get signing(): Buffer {
    this.#assertLive();
    return this.#signing;
  }

  /** The AES-128 half, a view. */
  get encryption(): Buffer {
    this.#assertLive();
    return this.#encryption;
  }

  /** The cipher of the AES-128 half. */
  get cbc(): CbcStream {
    this.#assertLive();
    return (this.#cbc ??= new CbcStream(this.#encryption));
  }

  /** Overwrites the key. Using it afterwards is a bug and says so: it would otherwise go on as the all-zero key. */
  erase(): void {
    this.#erased = true;
    this.#cbc = undefined;
    erase(this.#bytes);
  }

  #assertLive(): void {
    if (this.#erased) throw new Error('bug: this Fernet key was erased');
  }
}
