import { openFernet, sealFernet } from '@earshot/crypto';
import { decodeRecord, encodeFrame, encodeRecord, FRAME_TYPE, type DecodedRecord } from '@earshot/protocol';
import type { HandshakeResult } from './handshake.js';
import { KeyChain } from './key-chain.js';

/**
 * Seals and opens the records of one session (wire-v1 §5). Fernet has no replay protection of its own: the order is
 * kept here, by a sequence number inside the token that must be the next one, and by a key that belongs to it.
 */
export class RecordChannel {
  private readonly sending: KeyChain;
  private readonly receiving: KeyChain;
  private readonly ownRole: 'I' | 'R';
  private readonly peerRole: 'I' | 'R';
  private nextOut = 0;
  private nextIn = 0;

  constructor(result: HandshakeResult) {
    this.sending = new KeyChain(result.sendChain);
    this.receiving = new KeyChain(result.receiveChain);
    this.ownRole = result.role === 'initiator' ? 'I' : 'R';
    this.peerRole = result.role === 'initiator' ? 'R' : 'I';
  }

  /** Records sent and received so far; the larger of the two decides when a session is due for new keys. */
  get records(): number {
    return Math.max(this.nextOut, this.nextIn);
  }

  /** The frame of the next record. */
  seal(type: number, body: Uint8Array): Buffer {
    const plain = encodeRecord({ role: this.ownRole, type, seq: this.nextOut, body });
    const token = sealFernet(this.sending.keyFor(this.nextOut), plain);
    this.nextOut += 1;
    return encodeFrame(FRAME_TYPE.record, token);
  }

  /** The next record from a frame's payload. Throws CryptoError or ProtocolError: the session is over then. */
  open(token: Buffer): DecodedRecord {
    const plain = openFernet(this.receiving.keyFor(this.nextIn), token);
    const record = decodeRecord(plain, { role: this.peerRole, seq: this.nextIn });
    this.nextIn += 1;
    return record;
  }

  erase(): void {
    this.sending.erase();
    this.receiving.erase();
  }
}
