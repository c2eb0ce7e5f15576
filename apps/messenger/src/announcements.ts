/** Signs and checks announcements for discovery, which has no key (presence-v1). */
import { encodePeerId, sign, verify, checkIdentityKey, CryptoError, type IdentityKey } from '@earshot/crypto';
import {
  decodeAnnouncement,
  encodeAnnouncement,
  encodeDatagram,
  OWN_VERSIONS,
  ProtocolError,
  splitEarshotField,
} from '@earshot/protocol';

const LABEL = 'earshot/1 announce';

export interface AnnouncementFields {
  /** 16 hex digits. */
  readonly instance: string;
  readonly counter: number;
  readonly ip: string;
  readonly port: number;
  readonly username: string;
  readonly unixMs: number;
  readonly query: boolean;
  readonly goodbye: boolean;
  readonly passOn: boolean;
  readonly busy: boolean;
  /** Empty for none. */
  readonly status: string;
}

/** The datagram for one interface. */
export function signAnnouncement(identity: IdentityKey, fields: AnnouncementFields): string {
  const { instance, unixMs, username, ip, port, counter, query, goodbye, passOn, busy, status } = fields;
  const blob = encodeAnnouncement({
    ...OWN_VERSIONS,
    goodbye,
    query,
    busy,
    passOn,
    identity: identity.publicKey,
    unixMs,
    instance: Buffer.from(instance, 'hex'),
    counter,
    port,
    ip,
    username,
    ...(status === '' ? {} : { status }),
  });
  return encodeDatagram(blob, sign(identity, LABEL, blob));
}

/** Whose signature an `earshot` field carries, or null where it carries none that holds. */
export function verifyAnnouncement(field: string): string | null {
  try {
    const { blob, signature } = splitEarshotField(field);
    const { identity } = decodeAnnouncement(blob);
    checkIdentityKey(identity);
    return verify(identity, LABEL, blob, signature) ? encodePeerId(identity) : null;
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof CryptoError) return null;
    throw error;
  }
}
