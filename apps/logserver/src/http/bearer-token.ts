import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@earshot/runtime';
import { HttpError } from './errors.js';

/** Compares the token of a request with ours, in a time that tells nothing of either. */
export class BearerToken {
  private readonly digest: Buffer;

  constructor(token: Secret<string>) {
    this.digest = digestOf(token.expose());
  }

  /** @throws HttpError 401. What was sent is in no text. */
  check(authorization: string | undefined): void {
    const sent = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    // Digests have one length, so that the comparison needs no branch on the token's.
    if (sent !== undefined && timingSafeEqual(digestOf(sent), this.digest)) return;
    throw new HttpError(
      'unauthorized',
      'send the header "Authorization: Bearer <token>"; `earshot logs --url` prints the address with the token',
      { 'WWW-Authenticate': 'Bearer realm="earshot"' },
    );
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
