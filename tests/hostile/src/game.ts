/** Plays one file of the corpus: its steps against the messenger, and then what came of them. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { CLOSE_REASON, CONTENT_TYPE, encodeClose, encodeMsg, RECORD_TYPE } from '@earshot/protocol';
import { until } from '@earshot/testkit';
import { Connection } from './connection.js';
import type { CaseFile, Step } from './format.js';
import type { Identities } from './handshake.js';
import type { Case } from './load.js';
import { fill } from './template.js';
import { Wire } from './wire.js';
import { Listener, type World } from './world.js';

/** Part of every text of the corpus, so that it can be searched for where it must not be. */
export const HOSTILE_WORDS = 'hostile words';
/** What a session that goes on must still take. */
export const NEXT_WORDS = 'the next good message';
const USER_WORDS = 'what the user wrote';
/** For what must come; a check that it did not come is never made by waiting. */
const PATIENCE_MS = 10_000;

/** What was observed, in the shape of what the file expects. */
export type Outcome = Pick<CaseFile['expect'], 'answer' | 'history' | 'told'> & { refused: string | undefined };

export async function play(world: World, file: Case): Promise<Outcome> {
  const game = new Game(world, file);
  try {
    return await game.play();
  } finally {
    await game.clear();
  }
}

class Game {
  private readonly identities: Identities;
  private readonly id: string;
  private readonly otherId: string;
  private readonly connections = new Map<string, Connection>();
  private readonly endingsBefore = new Map<Connection, number>();
  private readonly kept = new Map<string, Buffer>();
  private readonly stream = randomBytes(8);
  private readonly otherStream = randomBytes(8);
  private listener: Listener | undefined;
  /** How the user's `connect` ended. */
  private connected: Promise<string> = Promise.resolve('connected');
  /** A message waits, so the messenger dials by itself. */
  private dialsItself = false;
  private theirs: { stream: Buffer; id: Buffer } | undefined;
  private acked = 0;
  private hasWritten = false;

  constructor(
    private readonly world: World,
    private readonly file: Case,
  ) {
    this.identities = { me: generateIdentity(), another: generateIdentity(), us: world.identity };
    this.id = encodePeerId(this.identities.me.publicKey);
    this.otherId = encodePeerId(this.identities.another.publicKey);
  }

  async play(): Promise<Outcome> {
    const { steps, expect } = this.file;
    const last = steps.at(-1) as Step;
    for (const step of steps.slice(0, -1)) await this.carryOut(step);
    const connection = await this.connectionOf(last);
    await this.carryOut(last, expect.refused === undefined ? undefined : (expect.atByte ?? 'last'));
    const { refused } = expect;
    const answer =
      refused === undefined ? await this.goOn(connection, expect.answer.length) : await this.everythingFrom(connection);
    const ending = refused ?? `closed-by-peer-${CLOSE_REASON.stopping}`;
    const endings = () => this.endingsOf(connection);
    await until('the end is logged', () => endings().includes(ending), PATIENCE_MS).catch(() => {
      throw new Error(`ended with ${endings().join(', ') || 'nothing in the log'} instead of ${ending}`);
    });
    const connected = await this.connected;
    if (connected !== 'connected' && connected !== refused) throw new Error(`the user was told ${connected}`);
    return { refused, answer, ...(await this.whatTheUserSees()) };
  }

  async clear(): Promise<void> {
    this.listener?.close();
    for (const { wire } of this.connections.values()) wire.destroy();
    // Or the messenger would go on dialling it.
    if (this.hasWritten) await this.trust('blocked');
  }

  /** One step; of bytes that are refused, the one that decides goes out by itself. */
  private async carryOut(step: Step, refusedAt?: number | 'last'): Promise<void> {
    if ('user' in step) {
      await this.userDoes(step.user);
      return;
    }
    const connection = await this.connectionOf(step);
    if ('session' in step) {
      await connection.session(step.session);
    } else if ('end' in step) {
      connection.wire.end(step.end);
    } else if ('await' in step) {
      if (step.await === 'the end') await this.endOf(connection);
      else this.keep(step, (await connection.expect(step.await)).bytes);
    } else {
      const bytes = await this.bytesOf(step, connection);
      this.keep(step, bytes);
      if ('slowly' in step) await connection.wire.writeSlowly(bytes);
      else if (refusedAt === undefined) connection.wire.write(bytes);
      else await connection.wire.writeUpTo(bytes, refusedAt === 'last' ? bytes.length : refusedAt);
    }
  }

  private async bytesOf(
    step: Exclude<Step, { user: unknown } | { session: unknown } | { end: unknown } | { await: unknown }>,
    connection: Connection,
  ): Promise<Buffer> {
    const named = this.namesFor(connection);
    if ('bytes' in step) return fill(step.bytes, named);
    if ('words' in step) return Buffer.from(step.words);
    if ('replay' in step) return this.keptAs(step.replay);
    if ('hello' in step) return connection.hello(step.hello);
    if ('auth' in step) return connection.auth(step.auth);
    if ('message' in step) return connection.record(RECORD_TYPE.msg, this.messageBody(step.message, named));
    const type = RECORD_TYPE[step.record.toLowerCase() as keyof typeof RECORD_TYPE] as number | undefined;
    const body = fill(step.body ?? '', named);
    const frames = Array.from({ length: step.times ?? 1 }, () =>
      connection.record(type ?? parseInt(step.record, 16), body, step),
    );
    return Buffer.concat(frames);
  }

  private messageBody(
    message: Extract<Step, { message: unknown }>['message'],
    named: (name: string) => Buffer,
  ): Buffer {
    const { n, id = n, stream = '<stream>', sentMs = Date.now(), ctype = CONTENT_TYPE.text, content } = message;
    return encodeMsg({
      stream: fill(stream, named),
      n,
      id: this.messageId(id),
      sentMs,
      ctype,
      content: content === undefined ? Buffer.from(`${HOSTILE_WORDS} ${n}`) : fill(content, named),
    });
  }

  private async userDoes(what: 'accepts' | 'blocks' | 'writes'): Promise<void> {
    if (what !== 'writes') {
      await this.trust(what === 'accepts' ? 'accepted' : 'blocked');
      return;
    }
    this.hasWritten = true;
    this.dialsItself = [...this.connections.values()].every(({ wire }) => wire.isOver);
    // Known only once the messenger has read what the peer sent last.
    await until('the peer is known', () =>
      this.world.userWrites(this.id, USER_WORDS).then(
        () => true,
        () => false,
      ),
    );
  }

  private async trust(trust: 'accepted' | 'blocked'): Promise<void> {
    const { client } = this.world.alice;
    await until('the peer is known', () => client.call('setTrust', { peer: this.id, trust }).catch(() => false));
  }

  private async connectionOf(step: Step): Promise<Connection> {
    const name = ('on' in step ? step.on : undefined) ?? 'first';
    const known = this.connections.get(name);
    if (known !== undefined) return known;
    const wire = new Wire(await this.open());
    const connection: Connection = new Connection({
      wire,
      role: this.file.peer === 'dials' ? 'I' : 'R',
      identities: this.identities,
      named: (key) => this.namesFor(connection)(key),
      messageCame: ({ stream, id }) => {
        this.theirs = { stream, id };
      },
      ackCame: (stream, upto) => {
        if (stream.equals(this.stream)) this.acked = upto;
      },
    });
    this.endingsBefore.set(connection, this.allEndings().length);
    this.connections.set(name, connection);
    return connection;
  }

  private async open() {
    if (this.file.peer === 'dials') return this.world.dial();
    this.listener ??= await Listener.open();
    if (!this.dialsItself) this.connected = this.world.userConnects(this.listener.port);
    return this.listener.next();
  }

  /** The names of template.ts. */
  private namesFor(connection: Connection): (name: string) => Buffer {
    return (name) => {
      const known: Readonly<Record<string, Buffer | undefined>> = {
        me: this.identities.me.publicKey,
        us: this.identities.us.publicKey,
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

  private keep(step: { keep?: string | undefined } | object, bytes: Buffer): void {
    if ('keep' in step && step.keep !== undefined) this.kept.set(step.keep, bytes);
  }

  private keptAs(name: string): Buffer {
    const bytes = this.kept.get(name);
    if (bytes === undefined) throw new Error(`nothing was kept as ${name}`);
    return bytes;
  }

  /** With which codes connections of this peer have ended since this one was opened. */
  private endingsOf(connection: Connection): string[] {
    return this.allEndings().slice(this.endingsBefore.get(connection));
  }

  private allEndings(): string[] {
    return this.world.log.endings([this.address, ...this.ownAddresses], [this.id, this.otherId]);
  }

  /** Where the messenger dials the peer. */
  private get address(): string {
    return `127.0.0.1:${this.listener?.port ?? 0}`;
  }

  private get ownAddresses(): string[] {
    return [...this.connections.values()].map(({ wire }) => wire.ownAddress);
  }

  private async endOf(connection: Connection): Promise<void> {
    const rest = await this.everythingFrom(connection);
    if (rest.length > 0) throw new Error(`${rest.join(', ')} came before the end`);
    await until('the end is logged', () => this.endingsOf(connection).length > 0, PATIENCE_MS);
  }

  private async everythingFrom(connection: Connection): Promise<string[]> {
    const words: string[] = [];
    for (;;) {
      const taken = await Promise.race([connection.take(), delay(PATIENCE_MS, 'patience' as const, { ref: false })]);
      if (taken === 'patience') throw new Error(`not closed; after ${words.join(', ') || 'no answer'}`);
      if (taken === undefined) return words;
      words.push(taken.words);
    }
  }

  /** The session still stands: one more good message is stored and acknowledged, and it ends in good order. */
  private async goOn(connection: Connection, frames: number): Promise<string[]> {
    const answer: string[] = [];
    while (answer.length < frames) answer.push((await connection.take())?.words ?? 'the end');
    const n = this.acked + 1;
    const content = Buffer.from(NEXT_WORDS).toString('hex');
    const body = this.messageBody({ n, id: 1_000_000 + n, content }, this.namesFor(connection));
    connection.wire.write(connection.record(RECORD_TYPE.msg, body));
    await connection.expect(`ACK ${n}`);
    connection.wire.write(connection.record(RECORD_TYPE.close, encodeClose(CLOSE_REASON.stopping)));
    return answer;
  }

  private async whatTheUserSees(): Promise<Pick<Outcome, 'history' | 'told'>> {
    const { expect } = this.file;
    const wanted = {
      history: expect.refused === undefined ? [...expect.history, NEXT_WORDS] : expect.history,
      told: expect.told,
    };
    let seen = await this.lookAsUser();
    // News comes a moment after its cause.
    await until(
      'the user sees it',
      async () => {
        seen = await this.lookAsUser();
        return JSON.stringify(seen) === JSON.stringify(wanted);
      },
      3_000,
    ).catch(() => undefined);
    return seen;
  }

  private async lookAsUser(): Promise<Pick<Outcome, 'history' | 'told'>> {
    const { client } = this.world.alice;
    const { items } = await client.call('history', { peer: this.id }).catch(() => ({ items: [] }));
    const addresses = [this.address, ...this.ownAddresses];
    return {
      history: items.map(({ direction, text, state }) => (direction === 'sent' ? `ours: ${state}` : text)),
      told: this.world.notices
        .filter(({ address, peer }) => peer === this.id || addresses.includes(address))
        .map(({ code }) => code),
    };
  }
}
