/** Identities and signed announcements for tests, made with node:crypto alone: nothing of what is tested tests itself. */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  encodeDatagram,
  GOODBYE_COUNTER,
  splitEarshotField,
} from '@earshot/protocol';

const LABEL = Buffer.from('earshot/1 announce\0');
/** What stands before the raw key in an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export class Signer {
  private readonly keys = generateKeyPairSync('ed25519');
  private readonly publicKey = this.keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);

  constructor(
    readonly username: string,
    readonly port: number,
  ) {}

  get id(): string {
    return base32(this.publicKey);
  }

  /** The datagram as it travels. */
  datagram(fields: Partial<Announcement> = {}): Buffer {
    const blob = encodeAnnouncement({
      vmin: 1,
      vmax: 1,
      goodbye: fields.counter === GOODBYE_COUNTER,
      query: false,
      busy: false,
      passOn: false,
      identity: this.publicKey,
      unixMs: Date.UTC(2030, 0, 1),
      instance: Buffer.alloc(8, 7),
      counter: 1,
      port: this.port,
      ip: '127.0.0.1',
      username: this.username,
      ...fields,
    });
    return Buffer.from(encodeDatagram(blob, sign(null, Buffer.concat([LABEL, blob]), this.keys.privateKey)));
  }
}

/** The id that signed an `earshot` field, or null. */
export function signerOf(field: string): string | null {
  const { blob, signature } = splitEarshotField(field);
  const { identity } = decodeAnnouncement(blob);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, identity]), format: 'der', type: 'spki' });
  return verify(null, Buffer.concat([LABEL, blob]), key, signature) ? base32(identity) : null;
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[parseInt(five.padEnd(5, '0'), 2)] ?? '').join('');
}
