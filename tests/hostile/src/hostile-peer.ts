/** The peer of one case: its identities and streams, its connections, and the bytes that it makes of a step. */
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { CONTENT_TYPE, encodeMsg, RECORD_TYPE } from '@earshot/protocol';
import { Connection } from './connection.js';
import type { Step } from './format.js';
import type { Identities, Role } from './handshake.js';
import { fill } from './template.js';
import { Wire } from './wire.js';
import type { World } from './world.js';

/** Part of every text of the corpus, so that it can be searched for where it must not be. */
export const HOSTILE_WORDS = 'hostile words';

/** A step that writes, by what it makes of itself. */
export type Writing = Exclude<Step, { user: unknown } | { session: unknown } | { end: unknown } | { await: unknown }>;
export type Message = Extract<Step, { message: unknown }>['message'];

export class HostilePeer {
  /** Peer ids that it can have. */
  readonly ids: readonly [me: string, another: string];
  /** Position up to which its messages were acknowledged. */
  acked = 0;
  private readonly identities: Identities;
  private readonly connections = new Map<string, Connection>();
  private readonly kept = new Map<string, Buffer>();
  private readonly stream = randomBytes(8);
  private readonly otherStream = randomBytes(8);
  /** Where the message stands that came last. */
  private theirs: { stream: Buffer; id: Buffer } | undefined;

  constructor(
    private readonly world: World,
    private readonly role: Role,
    private readonly open: () => Promise<Socket>,
  ) {
    const [me, another] = [generateIdentity(), generateIdentity()];
    this.identities = { me, another, us: world.identity };
    this.ids = [encodePeerId(me.publicKey), encodePeerId(another.publicKey)];
  }

  get wires(): Wire[] {
    return [...this.connections.values()].map(({ wire }) => wire);
  }

  /** The connection of this name, opened where there is none. */
  async connection(name = 'first'): Promise<Connection> {
    const known = this.connections.get(name);
    if (known !== undefined) return known;
    const loggedBefore = this.world.log.lines.length;
    const connection: Connection = new Connection({
      wire: new Wire(await this.open()),
      loggedBefore,
      role: this.role,
      identities: this.identities,
      named: (key) => this.namesFor(connection)(key),
      messageCame: ({ stream, id }) => {
        this.theirs = { stream, id };
      },
      ackCame: ({ stream, upto }) => {
        if (stream.equals(this.stream)) this.acked = upto;
      },
    });
    this.connections.set(name, connection);
    return connection;
  }

  async bytesOf(step: Writing, connection: Connection): Promise<Buffer> {
    const named = this.namesFor(connection);
    if ('bytes' in step) return fill(step.bytes, named);
    if ('words' in step) return Buffer.from(step.words);
    if ('replay' in step) return this.keptAs(step.replay);
    if ('hello' in step) return connection.hello(step.hello);
    if ('auth' in step) return connection.auth(step.auth);
    if ('message' in step) return this.messageRecord(step.message, connection);
    const known = RECORD_TYPE[step.record.toLowerCase() as keyof typeof RECORD_TYPE] as number | undefined;
    const type = known ?? parseInt(step.record, 16);
    const body = fill(step.body ?? '', named);
    return Buffer.concat(Array.from({ length: step.times ?? 1 }, () => connection.record(type, body, step)));
  }

  messageRecord(message: Message, connection: Connection): Buffer {
    const named = this.namesFor(connection);
    const { n, id = n, stream = '<stream>', sentMs = Date.now(), ctype = CONTENT_TYPE.text, content } = message;
    const body = encodeMsg({
      stream: fill(stream, named),
      n,
      id: this.messageId(id),
      sentMs,
      ctype,
      content: content === undefined ? Buffer.from(`${HOSTILE_WORDS} ${n}`) : fill(content, named),
    });
    return connection.record(RECORD_TYPE.msg, body);
  }

  keep(step: object, bytes: Buffer): void {
    if ('keep' in step && typeof step.keep === 'string') this.kept.set(step.keep, bytes);
  }

  private keptAs(name: string): Buffer {
    const bytes = this.kept.get(name);
    if (bytes === undefined) throw new Error(`nothing was kept as ${name}`);
    return bytes;
  }

  /** The names of template.ts. */
  private namesFor(connection: Connection): (name: string) => Buffer {
    return (name) => {
      const known: Readonly<Record<string, Buffer | undefined>> = {
        otherKey: this.identities.another.publicKey,
        share: connection.peerShare,
        theirToken: connection.peerToken,
        stream: this.stream,
        otherStream: this.otherStream,
        id: this.messageId(1),
        theirs: this.theirs?.stream,
        theirId: this.theirs?.id,
      };
      const bytes = known[name];
      if (bytes === undefined) throw new Error(`nothing is known as <${name}>`);
      return bytes;
    };
  }

  private messageId(of: number): Buffer {
    return createHash('sha256').update(this.stream).update(`${of}`).digest().subarray(0, 16);
  }
}
