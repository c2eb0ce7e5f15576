/** Plays one file of the corpus: its steps against the messenger, and then what came of them. */
import type { Socket } from 'node:net';
import { CLOSE_REASON, encodeClose, RECORD_TYPE } from '@earshot/protocol';
import { until } from '@earshot/testkit';
import type { Connection } from './connection.js';
import type { CaseFile, Step } from './format.js';
import { HostilePeer } from './hostile-peer.js';
import { Listener } from './listener.js';
import type { Case } from './load.js';
import type { World } from './world.js';

/** What a session that goes on must still take. */
export const NEXT_WORDS = 'the next good message';
const USER_WORDS = 'what the user wrote';

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
  private readonly peer: HostilePeer;
  private listener: Listener | undefined;
  /** How the last `connect` of the user ended. */
  private connected: Promise<string> | undefined;
  private hasWritten = false;

  constructor(
    private readonly world: World,
    private readonly file: Case,
  ) {
    this.peer = new HostilePeer(world, file.peer === 'dials' ? 'I' : 'R', () => this.open());
  }

  async play(): Promise<Outcome> {
    const { steps, expect } = this.file;
    for (const step of steps.slice(0, -1)) await this.carryOut(step);
    const last = steps.at(-1) as Step;
    const connection = await this.peer.connection('on' in last ? last.on : undefined);
    await this.carryOut(last, expect.refused === undefined ? undefined : (expect.atByte ?? 'last'));
    const answer = expect.refused === undefined ? await this.goOn(connection) : await connection.rest();
    await this.ended(connection, expect.refused ?? `closed-by-peer-${CLOSE_REASON.stopping}`);
    return { refused: expect.refused, answer, ...(await this.whatTheUserSees()) };
  }

  async clear(): Promise<void> {
    this.listener?.close();
    for (const wire of this.peer.wires) wire.destroy();
    // Or the messenger would go on dialling it.
    if (this.hasWritten) await this.userDoes('blocks');
  }

  /** One step; of bytes that are refused, the one that decides goes out by itself. */
  private async carryOut(step: Step, refusedAt?: number | 'last'): Promise<void> {
    if ('user' in step) {
      await this.userDoes(step.user);
      return;
    }
    const connection = await this.peer.connection(step.on);
    if ('session' in step) {
      await connection.session(step.session);
    } else if ('end' in step) {
      connection.wire.end(step.end);
    } else if ('await' in step) {
      if (step.await === 'the end') await this.untilTheEnd(connection);
      else this.peer.keep(step, (await connection.expect(step.await)).bytes);
    } else {
      const bytes = await this.peer.bytesOf(step, connection);
      this.peer.keep(step, bytes);
      if ('slowly' in step) await connection.wire.writeSlowly(bytes);
      else if (refusedAt === undefined) connection.wire.write(bytes);
      else await connection.wire.writeUpTo(bytes, refusedAt === 'last' ? bytes.length : refusedAt);
    }
  }

  /** Known only once the messenger has read what the peer sent last: so it is tried again. */
  private async userDoes(what: 'accepts' | 'blocks' | 'writes'): Promise<void> {
    const { client } = this.world.alice;
    const [peer] = this.peer.ids;
    if (what === 'writes') {
      this.hasWritten = true;
      await until('the peer is known', () => this.world.userWrites(peer, USER_WORDS).catch(() => false));
    } else {
      const trust = what === 'accepts' ? 'accepted' : 'blocked';
      await until('the peer is known', () => client.call('setTrust', { peer, trust }).catch(() => false));
    }
  }

  private async open(): Promise<Socket> {
    if (this.file.peer === 'dials') return this.world.dial();
    this.listener ??= await Listener.open();
    // Where a message waits for a peer that has gone, the messenger dials by itself.
    this.connected = this.hasWritten ? undefined : this.world.userConnects(this.listener.port);
    return this.listener.next();
  }

  private async untilTheEnd(connection: Connection): Promise<void> {
    const rest = await connection.rest();
    if (rest.length > 0) throw new Error(`${rest.join(', ')} came before the end`);
    await until('the end is logged', () => this.endings(connection).length > 0);
  }

  /** The session still stands: one more good message is stored and acknowledged, and it ends in good order. */
  private async goOn(connection: Connection): Promise<string[]> {
    const answer: string[] = [];
    while (answer.length < this.file.expect.answer.length) answer.push((await connection.take())?.words ?? 'the end');
    const n = this.peer.acked + 1;
    const content = Buffer.from(NEXT_WORDS).toString('hex');
    connection.wire.write(this.peer.messageRecord({ n, id: 1_000_000 + n, content }, connection));
    await connection.expect(`ACK ${n}`);
    connection.wire.write(connection.record(RECORD_TYPE.close, encodeClose(CLOSE_REASON.stopping)));
    return [...answer, ...(await connection.rest())];
  }

  /** The code is in the process log, and is what the user's `connect` said where it came to no session. */
  private async ended(connection: Connection, code: string): Promise<void> {
    await until('the end is logged', () => this.endings(connection).includes(code), 10_000).catch(() => {
      throw new Error(`ended with ${this.endings(connection).join(', ') || 'nothing in the log'} instead of ${code}`);
    });
    if (this.connected === undefined) return;
    const connected = await this.connected;
    const hadSession = this.world.log.hadSession(this.peer.ids[0], connection.loggedBefore);
    if (connected !== (hadSession ? 'connected' : code)) throw new Error(`the user was told ${connected}`);
  }

  /** With which codes connections of this peer have ended since this one was opened. */
  private endings({ loggedBefore }: Connection): string[] {
    return this.world.log.endings(this.addresses, this.peer.ids, loggedBefore);
  }

  /** What a log or a notice can say for this peer. */
  private get addresses(): string[] {
    const own = this.peer.wires.map(({ ownAddress }) => ownAddress);
    return this.listener === undefined ? own : [this.listener.address];
  }

  private async whatTheUserSees(): Promise<Pick<Outcome, 'history' | 'told'>> {
    const { refused, history, told } = this.file.expect;
    const wanted = JSON.stringify({ history: refused === undefined ? [...history, NEXT_WORDS] : history, told });
    const look = () => this.world.seenByUser(this.peer.ids[0], this.addresses);
    // News comes a moment after its cause; where it does not, what there is shows why.
    return until(
      'the user sees it',
      async () => {
        const seen = await look();
        return JSON.stringify(seen) === wanted && seen;
      },
      3_000,
    ).catch(look);
  }
}
