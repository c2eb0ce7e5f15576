/**
 * The SIGMA-I handshake of earshot/1 as wire-v1 §4 specifies it, with its names (h0…h8, ss, prk, k_hs, k_m).
 *
 *     initiator                                   responder
 *     hello()      ── HELLO_I ──▶                 receiveHello()
 *     receiveHello() ◀── HELLO_R, token_R ──
 *                  ── AUTH_I, token_I ──▶         receiveAuth()
 *
 * Pure: no socket, no clock. Everything from a message is worked out in local variables; a failed check throws
 * ProtocolError or CryptoError and leaves no key behind, only a handshake that must be dropped. One that is not gone on
 * with (a timeout, a lost connection) holds keys until `erase`.
 */
import { randomBytes } from 'node:crypto';
import {
  agree,
  checkCurvePoint,
  checkIdentityKey,
  encodePeerId,
  equalBytes,
  erase,
  expand,
  extract,
  FernetKey,
  generateX25519,
  mac,
  mixHash,
  openFernet,
  sealFernet,
  sign,
  startTranscript,
  verify,
  x25519FromSeed,
  type IdentityKey,
  type X25519KeyPair,
} from '@earshot/crypto';
import {
  checkVersion,
  chooseVersion,
  decodeAuthPayload,
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
  joinAuthPlaintext,
  OWN_VERSIONS,
  ProtocolError,
  splitAuthPlaintext,
  type Extensions,
} from '@earshot/protocol';

export type Role = 'initiator' | 'responder';

/** Us, in a handshake. */
export interface LocalParty {
  readonly identity: IdentityKey;
  readonly extensions: Extensions;
  /** Random draws and time, for the vectors alone; the system's where absent. */
  readonly fixed?: { readonly random: (bytes: number) => Buffer; readonly timeSeconds: number };
}

/** What both sides agree on when a handshake is over. */
export interface HandshakeResult {
  readonly role: Role;
  /** base32 of the peer's identity key. */
  readonly peerId: string;
  readonly extensions: Extensions;
  /** Highest version the peer speaks. */
  readonly maxVersion: number;
  readonly sessionId: Buffer;
  readonly sendChain: Buffer;
  readonly receiveChain: Buffer;
}

const PROTOCOL_NAME = 'earshot/1 SIGMA-I X25519 Ed25519 HKDF-SHA256 Fernet';
const LABELS = {
  responder: { signature: 'earshot/1 responder signature', mac: 'earshot/1 responder mac' },
  initiator: { signature: 'earshot/1 initiator signature', mac: 'earshot/1 initiator mac' },
} as const;

function drawKeyPair(local: LocalParty): X25519KeyPair {
  return local.fixed === undefined ? generateX25519() : x25519FromSeed(local.fixed.random(32));
}

/** The keys that protect the two authentication tokens, and prk for what follows them. */
function handshakeKeys(h2: Buffer, ss: Buffer) {
  const prk = extract(h2, ss);
  erase(ss);
  return {
    prk,
    tokenKeyR: FernetKey.taking(expand(prk, 'earshot/1 hs r2i', h2)),
    tokenKeyI: FernetKey.taking(expand(prk, 'earshot/1 hs i2r', h2)),
    macKeyR: expand(prk, 'earshot/1 mac r', h2),
    macKeyI: expand(prk, 'earshot/1 mac i', h2),
  };
}
type HandshakeKeys = ReturnType<typeof handshakeKeys>;

function eraseKeys(keys: HandshakeKeys): void {
  erase(keys.prk, keys.macKeyI, keys.macKeyR);
  keys.tokenKeyI.erase();
  keys.tokenKeyR.erase();
}

/** pay | sig | mac, sealed; returns the token and the transcript hash after it. */
function sealAuth(local: LocalParty, role: Role, h: Buffer, tokenKey: FernetKey, macKey: Buffer) {
  const pay = encodeAuthPayload({ identity: local.identity.publicKey, extensions: local.extensions });
  const hPay = mixHash(h, pay);
  const signature = sign(local.identity, LABELS[role].signature, hPay);
  const hSig = mixHash(hPay, signature);
  const innerMac = mac(macKey, LABELS[role].mac, hSig);
  const token = sealFernet(
    tokenKey,
    joinAuthPlaintext({ pay, signature, mac: innerMac }),
    local.fixed === undefined ? {} : { iv: local.fixed.random(16), timeSeconds: local.fixed.timeSeconds },
  );
  return { token, hash: mixHash(hSig, token) };
}

/** The mirror of sealAuth, with the checks in the order of wire-v1 §4. */
function openAuth(
  token: Buffer,
  role: Role,
  h: Buffer,
  tokenKey: FernetKey,
  macKey: Buffer,
  own: LocalParty,
  expectedId: string | undefined,
) {
  const { pay, signature, mac: innerMac } = splitAuthPlaintext(openFernet(tokenKey, token));
  const { identity, extensions } = decodeAuthPayload(pay);
  checkIdentityKey(identity);
  const hPay = mixHash(h, pay);
  if (!verify(identity, LABELS[role].signature, hPay, signature)) {
    // Under what is no key at all none can verify, and that is said first (wire-v1 §4.6).
    checkCurvePoint(identity);
    throw new ProtocolError('bad-signature');
  }
  const hSig = mixHash(hPay, signature);
  if (!equalBytes(mac(macKey, LABELS[role].mac, hSig), innerMac)) throw new ProtocolError('bad-inner-mac');
  if (equalBytes(identity, own.identity.publicKey)) throw new ProtocolError('own-identity');
  const peerId = encodePeerId(identity);
  if (expectedId !== undefined && peerId !== expectedId) throw new ProtocolError('unexpected-identity');
  return { peerId, extensions, hash: mixHash(hSig, token) };
}

function sessionKeys(keys: HandshakeKeys, h8: Buffer) {
  const master = expand(keys.prk, 'earshot/1 master', h8);
  const session = {
    sessionId: expand(master, 'earshot/1 sid', undefined, 16),
    chainI: expand(master, 'earshot/1 chain i2r'),
    chainR: expand(master, 'earshot/1 chain r2i'),
  };
  erase(master);
  return session;
}

/** The side that dialled. */
export class InitiatorHandshake {
  /** Until it has done its work. */
  private share: X25519KeyPair | undefined;
  /** HELLO_I as it goes on the wire. */
  readonly hello: Buffer;
  private readonly h1: Buffer;

  /** @param expectedId whoever dials an announced or stored address expects exactly that peer. */
  constructor(
    private readonly local: LocalParty,
    private readonly expectedId?: string,
  ) {
    const share = drawKeyPair(local);
    this.share = share;
    const nonce = local.fixed?.random(32) ?? randomBytes(32);
    const body = encodeHelloI({ ...OWN_VERSIONS, nonce, share: share.publicKey });
    this.hello = encodeFrame(FRAME_TYPE.helloI, body);
    this.h1 = mixHash(startTranscript(PROTOCOL_NAME), helloITranscript(body));
  }

  /** Answers HELLO_R with AUTH_I; nothing of ours may be sent before the peer's READY arrives under the result's keys. */
  receiveHello(payload: Buffer): { auth: Buffer; result: HandshakeResult } {
    const { share } = this;
    if (share === undefined) throw new Error('bug: a share serves once');
    this.share = undefined;
    const helloR = decodeHelloR(payload);
    checkVersion(helloR);
    const h2 = mixHash(this.h1, helloRTranscript(payload));
    const keys = handshakeKeys(h2, agree(share, helloR.share));
    try {
      const peer = openAuth(helloR.token, 'responder', h2, keys.tokenKeyR, keys.macKeyR, this.local, this.expectedId);
      const { token, hash: h8 } = sealAuth(this.local, 'initiator', peer.hash, keys.tokenKeyI, keys.macKeyI);
      const session = sessionKeys(keys, h8);
      return {
        auth: encodeFrame(FRAME_TYPE.authI, token),
        result: {
          role: 'initiator',
          peerId: peer.peerId,
          extensions: peer.extensions,
          maxVersion: helloR.vmax,
          sessionId: session.sessionId,
          sendChain: session.chainI,
          receiveChain: session.chainR,
        },
      };
    } finally {
      eraseKeys(keys);
    }
  }

  /** It is not gone on with. */
  erase(): void {
    this.share = undefined;
  }
}

/** The side that was dialled. */
export class ResponderHandshake {
  private pending: { h5: Buffer; keys: HandshakeKeys; maxVersion: number } | undefined;

  constructor(private readonly local: LocalParty) {}

  /** Answers HELLO_I with HELLO_R. */
  receiveHello(payload: Buffer): Buffer {
    const helloI = decodeHelloI(payload);
    const version = chooseVersion(helloI);
    const share = drawKeyPair(this.local);
    const ss = agree(share, helloI.share);
    const nonce = this.local.fixed?.random(32) ?? randomBytes(32);
    const h1 = mixHash(startTranscript(PROTOCOL_NAME), helloITranscript(payload));
    const fields = { version, ...OWN_VERSIONS, nonce, share: share.publicKey };
    // The transcript ends before the token, whose keys come out of it.
    const h2 = mixHash(h1, helloRTranscript(encodeHelloR({ ...fields, token: Buffer.alloc(HANDSHAKE_TOKEN_BYTES) })));
    const keys = handshakeKeys(h2, ss);
    const { token, hash: h5 } = sealAuth(this.local, 'responder', h2, keys.tokenKeyR, keys.macKeyR);
    this.pending = { h5, keys, maxVersion: helloI.vmax };
    return encodeFrame(FRAME_TYPE.helloR, encodeHelloR({ ...fields, token }));
  }

  /** Takes AUTH_I: from here on the initiator's identity is proved. */
  receiveAuth(token: Buffer): HandshakeResult {
    if (this.pending === undefined) throw new Error('bug: AUTH_I before HELLO_I');
    const { h5, keys, maxVersion } = this.pending;
    try {
      const peer = openAuth(token, 'initiator', h5, keys.tokenKeyI, keys.macKeyI, this.local, undefined);
      const session = sessionKeys(keys, peer.hash);
      return {
        role: 'responder',
        peerId: peer.peerId,
        extensions: peer.extensions,
        maxVersion,
        sessionId: session.sessionId,
        sendChain: session.chainR,
        receiveChain: session.chainI,
      };
    } finally {
      this.erase();
    }
  }

  /** It is over, or not gone on with. */
  erase(): void {
    if (this.pending !== undefined) eraseKeys(this.pending.keys);
    this.pending = undefined;
  }
}
