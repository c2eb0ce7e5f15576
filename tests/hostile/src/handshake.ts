/** Both sides of the handshake of wire-v1 §4, built as they should be and then changed as a file of the corpus says. */
import { randomBytes } from 'node:crypto';
import {
  agree,
  expand,
  extract,
  FernetKey,
  generateX25519,
  mac,
  mixHash,
  openFernet,
  sign,
  startTranscript,
  type IdentityKey,
} from '@earshot/crypto';
import {
  decodeHelloI,
  decodeHelloR,
  encodeAuthPayload,
  encodeFrame,
  encodeHelloI,
  encodeHelloR,
  FRAME_TYPE,
  HANDSHAKE_TOKEN_BYTES,
  helloITranscript,
  helloRTranscript,
  OWN_VERSIONS,
  splitAuthPlaintext,
} from '@earshot/protocol';
import { forgedSignature } from './forged-signature.js';
import type { AuthLayers, HelloLayers, Patch } from './format.js';
import { patched } from './patches.js';
import { sealed } from './sealed.js';
import { fill } from './template.js';

export type Role = 'I' | 'R';

/** Whom the peer can be: itself, a second identity of its own, or, as somebody who stole its key, the messenger. */
export type Identities = Readonly<Record<'me' | 'another' | 'us', IdentityKey>>;

const PROTOCOL_NAME = 'earshot/1 SIGMA-I X25519 Ed25519 HKDF-SHA256 Fernet';
const SIGNATURE_LABEL = { I: 'earshot/1 initiator signature', R: 'earshot/1 responder signature' } as const;
const MAC_LABEL = { I: 'earshot/1 initiator mac', R: 'earshot/1 responder mac' } as const;

const other = (role: Role): Role => (role === 'I' ? 'R' : 'I');

export class Handshake {
  private readonly share = generateX25519();
  private readonly nonce = randomBytes(32);
  private h: Buffer = startTranscript(PROTOCOL_NAME);
  private h2 = this.h;
  private prk: Buffer = Buffer.alloc(0);
  /** The share of the other side, once its hello is there. */
  peerShare: Buffer = Buffer.alloc(0);

  constructor(
    private readonly role: Role,
    private readonly identities: Identities,
    private readonly named: (name: string) => Buffer,
  ) {}

  helloI(layers: HelloLayers): Buffer {
    const body = this.patch(
      encodeHelloI({ ...OWN_VERSIONS, nonce: this.nonce, share: this.share.publicKey }),
      layers.hello,
    );
    this.h = mixHash(this.h, helloITranscript(body));
    return this.patch(encodeFrame(FRAME_TYPE.helloI, body), layers.frame);
  }

  receiveHelloI(payload: Buffer): void {
    this.peerShare = decodeHelloI(payload).share;
    this.h = mixHash(this.h, helloITranscript(payload));
  }

  helloR(layers: HelloLayers): Buffer {
    const body = encodeHelloR({
      version: OWN_VERSIONS.vmax,
      ...OWN_VERSIONS,
      nonce: this.nonce,
      share: this.share.publicKey,
      token: Buffer.alloc(HANDSHAKE_TOKEN_BYTES),
    });
    const head = this.patch(body.subarray(0, -HANDSHAKE_TOKEN_BYTES), layers.hello);
    this.h = mixHash(this.h, helloRTranscript(head));
    this.derive(layers.secret === undefined ? undefined : fill(layers.secret, this.named));
    return this.patch(encodeFrame(FRAME_TYPE.helloR, Buffer.concat([head, this.prove(layers)])), layers.frame);
  }

  receiveHelloR(payload: Buffer): void {
    const { share, token } = decodeHelloR(payload);
    this.peerShare = share;
    this.h = mixHash(this.h, helloRTranscript(payload));
    this.derive(undefined);
    this.receiveProof(token);
  }

  authI(layers: AuthLayers): Buffer {
    return this.patch(encodeFrame(FRAME_TYPE.authI, this.prove(layers)), layers.frame);
  }

  /** AUTH_I, or the token of HELLO_R. The messenger is honest: what is wrong with it does not open. */
  receiveProof(token: Buffer): void {
    const { pay, signature } = splitAuthPlaintext(openFernet(this.tokenKey(other(this.role)), token));
    this.h = mixHash(mixHash(mixHash(this.h, pay), signature), token);
  }

  /** The first chain keys of both directions. */
  finish(): { own: Buffer; theirs: Buffer } {
    const master = expand(this.prk, 'earshot/1 master', this.h);
    const chains = { I: expand(master, 'earshot/1 chain i2r'), R: expand(master, 'earshot/1 chain r2i') };
    return { own: chains[this.role], theirs: chains[other(this.role)] };
  }

  private prove(layers: AuthLayers): Buffer {
    const identity = this.identities[layers.as ?? 'me'];
    const pay = this.patch(encodeAuthPayload({ identity: identity.publicKey, extensions: {} }), layers.pay);
    const hPay = mixHash(this.h, pay);
    const signature = this.signature(identity, layers, pay, hPay);
    const hSig = mixHash(hPay, signature);
    const innerMac = mac(
      this.macKey(layers.mac === 'other-role' ? other(this.role) : this.role),
      MAC_LABEL[this.role],
      layers.mac === 'without-signature' ? hPay : hSig,
    );
    const plain = this.patch(Buffer.concat([pay, signature, innerMac]), layers.sealed);
    const key = this.tokenKey(layers.key === 'theirs' ? other(this.role) : this.role);
    const token = sealed(key, plain, layers, this.named);
    this.h = mixHash(hSig, token);
    return token;
  }

  private signature(identity: IdentityKey, layers: AuthLayers, pay: Buffer, hPay: Buffer): Buffer {
    const label = SIGNATURE_LABEL[this.role];
    switch (layers.signature) {
      case undefined:
        return sign(identity, label, hPay);
      case 'forged':
        return forgedSignature(pay.subarray(1, 33), label, hPay);
      case 'by-another':
        return sign(this.identities.another, label, hPay);
      case 'other-role':
        return sign(identity, SIGNATURE_LABEL[other(this.role)], hPay);
      case 'other-label':
        return sign(identity, 'earshot/1 announce', hPay);
      case 'without-pay':
        return sign(identity, label, this.h);
    }
  }

  private derive(secret: Buffer | undefined): void {
    this.h2 = this.h;
    this.prk = extract(this.h2, secret ?? agree(this.share, this.peerShare));
  }

  private tokenKey(role: Role): FernetKey {
    return new FernetKey(expand(this.prk, role === 'I' ? 'earshot/1 hs i2r' : 'earshot/1 hs r2i', this.h2));
  }

  private macKey(role: Role): Buffer {
    return expand(this.prk, role === 'I' ? 'earshot/1 mac i' : 'earshot/1 mac r', this.h2);
  }

  private patch(bytes: Buffer, patches: readonly Patch[] | undefined): Buffer {
    return patched(bytes, patches, this.named);
  }
}
