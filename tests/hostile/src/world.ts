/** Whom the corpus is played against: alice's four real processes, and bob, an honest friend whom nothing may disturb. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityFromPem, type IdentityKey } from '@earshot/crypto';
import { createClient, subscribe, type Client, type Subscription } from '@earshot/ipc';
import { HANDSHAKES_PER_SECOND } from '@earshot/protocol';
import { messengerContract, type EventOf, type MessengerContract } from '@earshot/protocol/ipc';
import { dataFolder } from '@earshot/runtime';
import { APPS, EarshotNode, freeUdpPort, temporaryFolder, until, type AppName } from '@earshot/testkit';
import { LOOPBACK } from './listener.js';
import { ProcessLog } from './process-log.js';

/** Somewhat below what a messenger takes (wire-v1 §2): nothing here is about floods. */
const DIAL_EVERY_MS = 1_250 / HANDSHAKES_PER_SECOND;

type Notice = Extract<EventOf<MessengerContract>, { event: 'notice' }>;

export interface Person {
  readonly node: EarshotNode;
  readonly client: Client<MessengerContract>;
  /** Peer id. */
  readonly id: string;
}

export class World {
  private readonly notices: Notice[] = [];
  readonly log: ProcessLog;
  /** Alice's own key. */
  readonly identity: IdentityKey;
  private readonly events: Subscription;
  private dialled = 0;
  private turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: { remove(): void },
    readonly alice: Person,
    readonly bob: Person,
  ) {
    const { logs, identity, sockets } = dataFolder(alice.node.env);
    this.log = new ProcessLog(join(logs, 'messenger.log'));
    this.identity = identityFromPem(readFileSync(identity));
    this.events = subscribe(messengerContract, {
      directory: sockets,
      onReset: () => undefined,
      onEvent: (event) => {
        if (event.event === 'notice') this.notices.push(event);
      },
    });
  }

  static async open(): Promise<World> {
    const folder = temporaryFolder();
    const [alice, bob] = await Promise.all([
      startPerson(folder.path, 'alice', APPS),
      startPerson(folder.path, 'bob', ['messenger']),
    ]);
    const world = new World(folder, alice, bob);
    await world.events.ready;
    await bob.client.call('connect', { host: LOOPBACK, port: alice.node.port });
    for (const [own, peer] of [
      [alice, bob.id],
      [bob, alice.id],
    ] as const) {
      await until('they know each other', () =>
        own.client.call('setTrust', { peer, trust: 'accepted' }).catch(() => false),
      );
    }
    return world;
  }

  /** A connection to alice from an address of its own, not faster than she takes them. */
  async dial(): Promise<Socket> {
    this.turn = this.turn.then(() => delay(DIAL_EVERY_MS));
    await this.turn;
    this.dialled += 1;
    const socket = connect({
      host: LOOPBACK,
      port: this.alice.node.port,
      localAddress: `127.0.${1 + (this.dialled >> 7)}.${1 + (this.dialled & 127)}`,
      allowHalfOpen: true,
    });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  /** Alice's user types `connect`; answers with the reason where nobody was reached. */
  async userConnects(port: number): Promise<string> {
    const { client } = this.alice;
    return client.call('connect', { host: LOOPBACK, port }).then(
      () => 'connected',
      (error: unknown) => (error as { detail?: string }).detail ?? String(error),
    );
  }

  async userWrites(peer: string, text: string): Promise<true> {
    await this.alice.client.call('send', { id: randomUUID(), peer, text });
    return true;
  }

  /** What alice's history shows of a peer, oldest first, and the notices that she got about it. */
  async seenByUser(
    peer: string,
    addresses: readonly string[],
  ): Promise<{ history: (string | null)[]; told: string[] }> {
    const { items } = await this.alice.client.call('history', { peer }).catch(() => ({ items: [] }));
    const notices = this.notices.filter((notice) => notice.peer === peer || addresses.includes(notice.address));
    return {
      history: items.map(({ direction, text, state }) => (direction === 'sent' ? `ours: ${state}` : text)),
      told: notices.map(({ code }) => code),
    };
  }

  /** Both friends write, and both have it: whether the session of the beginning still does its work. */
  async friendsTalk(): Promise<void> {
    for (const [from, to] of [
      [this.alice, this.bob],
      [this.bob, this.alice],
    ] as const) {
      const { id } = await from.client.call('send', { id: randomUUID(), peer: to.id, text: 'between friends' });
      const { state } = await from.client.call('waitFor', { id, state: 'delivered', timeoutMs: 10_000 });
      if (state !== 'delivered') throw new Error(`a message between friends is ${state}`);
    }
  }

  /** Everything that alice's processes wrote to a log or printed, but for what her console shows people. */
  writtenByProcesses(): string {
    const { logs } = dataFolder(this.alice.node.env);
    const files = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'latin1'));
    const printed = APPS.filter((app) => app !== 'console').map((app) => this.alice.node.output(app));
    return [...files, ...printed].join('\n');
  }

  async close(): Promise<void> {
    this.events.close();
    for (const { client } of [this.alice, this.bob]) client.close();
    await Promise.all([this.alice.node.close(), this.bob.node.close()]);
    this.folder.remove();
  }
}

async function startPerson(folder: string, name: string, apps: readonly AppName[]): Promise<Person> {
  const node = await EarshotNode.create({
    name,
    folder,
    discoveryPort: await freeUdpPort(),
    // Each connection with its code: of many, the usual log says how many there were.
    env: { EARSHOT_USERNAME: name, EARSHOT_LOG_LEVEL: 'debug' },
  });
  await node.start(apps);
  const client = createClient(messengerContract, { directory: dataFolder(node.env).sockets, deadlineMs: 30_000 });
  return { node, client, id: (await client.call('whoami', {})).id };
}
