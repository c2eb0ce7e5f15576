/** One connection of the hostile peer: what it has built, and what came back. */
import {
  decodeAck,
  decodeMsg,
  encodeFrame,
  encodeReady,
  encodeSync,
  FRAME_TYPE,
  HANDSHAKE_TOKEN_BYTES,
  RECORD_TYPE,
  type Ack,
  type DecodedRecord,
  type MessageBody,
} from '@earshot/protocol';
import type { AuthLayers, HelloLayers, RecordLayers } from './format.js';
import { Handshake, type Identities, type Role } from './handshake.js';
import { Records } from './records.js';
import type { RawFrame, Wire } from './wire.js';
import { wordsOf } from './words.js';

/** A frame that came: in words, and as it was. */
export interface Taken {
  readonly words: string;
  readonly bytes: Buffer;
}

export interface ConnectionOptions {
  readonly wire: Wire;
  /** Lines of the messenger's log when it was opened. */
  readonly loggedBefore: number;
  readonly role: Role;
  readonly identities: Identities;
  readonly named: (name: string) => Buffer;
  readonly messageCame: (message: MessageBody) => void;
  readonly ackCame: (ack: Ack) => void;
}

export class Connection {
  readonly wire: Wire;
  readonly loggedBefore: number;
  /** The token of HELLO_R that came. */
  peerToken: Buffer | undefined;
  private readonly role: Role;
  private readonly handshake: Handshake;
  private records: Records | undefined;
  /** Whether the hello came of the handshake, so that its answer can be read. */
  private isOwnHello = false;
  private heardHello = false;

  constructor(private readonly options: ConnectionOptions) {
    this.wire = options.wire;
    this.loggedBefore = options.loggedBefore;
    this.role = options.role;
    this.handshake = new Handshake(options.role, options.identities, options.named);
  }

  get peerShare(): Buffer {
    return this.handshake.peerShare;
  }

  async hello(layers: HelloLayers = {}): Promise<Buffer> {
    if (this.role === 'R' && !this.heardHello) await this.expect('HELLO_I');
    this.isOwnHello = true;
    return this.role === 'I' ? this.handshake.helloI(layers) : this.handshake.helloR(layers);
  }

  async auth(layers: AuthLayers = {}): Promise<Buffer> {
    if (!this.heardHello) await this.expect('HELLO_R');
    const auth = this.handshake.authI(layers);
    this.startRecords();
    return auth;
  }

  record(type: number, body: Buffer, layers: RecordLayers = {}): Buffer {
    if (this.records === undefined) throw new Error('a record before the handshake is over');
    return this.records.seal(type, body, layers);
  }

  /** Everything up to both SYNCs, as it should be. */
  async session(layers: AuthLayers): Promise<void> {
    const sync = encodeSync([]);
    this.wire.write(await this.hello(this.role === 'R' ? layers : {}));
    if (this.role === 'I') {
      this.wire.write(await this.auth(layers));
      await this.expect('READY');
    } else {
      await this.expect('AUTH_I');
      this.wire.write(this.record(RECORD_TYPE.ready, encodeReady('ok')));
    }
    await this.expect('SYNC');
    this.wire.write(this.record(RECORD_TYPE.sync, sync));
  }

  /** Takes the next frame, which must be this one. */
  async expect(words: string): Promise<Taken> {
    const taken = await this.take();
    if (taken?.words !== words) throw new Error(`${taken?.words ?? 'the end'} came instead of ${words}`);
    return taken;
  }

  /** The next frame that is no WINDOW, or undefined at the end of the connection. */
  async take(): Promise<Taken | undefined> {
    for (;;) {
      const frame = await this.wire.next();
      if (frame === undefined) return undefined;
      const words = this.read(frame);
      if (words !== 'WINDOW') return { words, bytes: encodeFrame(frame.type, frame.payload) };
    }
  }

  /** Everything that still comes, to the end of the connection. */
  async rest(): Promise<string[]> {
    const taken = await this.take();
    return taken === undefined ? [] : [taken.words, ...(await this.rest())];
  }

  private read({ type, payload }: RawFrame): string {
    switch (type) {
      case FRAME_TYPE.helloI:
        this.heardHello = true;
        this.handshake.receiveHelloI(payload);
        return 'HELLO_I';
      case FRAME_TYPE.helloR:
        this.heardHello = true;
        this.peerToken = payload.subarray(-HANDSHAKE_TOKEN_BYTES);
        if (this.isOwnHello) this.handshake.receiveHelloR(payload);
        return 'HELLO_R';
      case FRAME_TYPE.authI:
        this.handshake.receiveProof(payload);
        this.startRecords();
        return 'AUTH_I';
      default:
        return this.records === undefined ? `type ${type}` : this.readRecord(this.records.open(payload));
    }
  }

  private readRecord(record: DecodedRecord): string {
    if (record.type === RECORD_TYPE.msg) this.options.messageCame(decodeMsg(record.body));
    if (record.type === RECORD_TYPE.ack) this.options.ackCame(decodeAck(record.body));
    return wordsOf(record);
  }

  private startRecords(): void {
    this.records = new Records(this.role, this.handshake.finish(), this.options.named);
  }
}
