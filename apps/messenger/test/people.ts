/** Two or more real messengers in one process, each with a store, a key and ports of its own, over loopback. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, type IdentityKey } from '@earshot/crypto';
import { openHistory, type HistoryTransaction, type HistoryWriter } from '@earshot/history';
import { createClient, type Client } from '@earshot/ipc';
import { messengerContract, type Message, type MessengerContract } from '@earshot/protocol/ipc';
import type { LogFields, Logger } from '@earshot/runtime/service';
import { Messenger } from '../src/messenger.js';

/** Who was created and not removed yet. */
const everybody = new Set<Person>();

export class Person {
  readonly identity: IdentityKey = generateIdentity();
  readonly folder = mkdtempSync(join(tmpdir(), 'earshot-person-'));
  /** What its process log would say. */
  readonly logged: { readonly event: string; readonly fields: LogFields }[] = [];
  private history: HistoryWriter | undefined;
  private messenger: Messenger | undefined;
  client!: Client<MessengerContract>;
  /** What its log has as warnings. */
  readonly warned: string[] = [];
  id = '';

  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly policy: 'requests' | 'open',
    private readonly exchange: 'on' | 'off',
  ) {
    mkdirSync(this.sockets, { mode: 0o700 });
  }

  static async create(name: string, policy: 'requests' | 'open' = 'requests', exchange: 'on' | 'off' = 'on') {
    const person = new Person(name, await freePort(), policy, exchange);
    everybody.add(person);
    await person.start();
    await person.client.call('register', { username: name });
    person.id = (await person.client.call('whoami', {})).id;
    return person;
  }

  /** Where its services listen. */
  get sockets(): string {
    return join(this.folder, 'ipc');
  }

  async start(): Promise<void> {
    this.history = openHistory({ file: join(this.folder, 'history.db'), now: Date.now, randomBytes });
    this.messenger = new Messenger({
      identity: this.identity,
      history: this.history,
      sockets: this.sockets,
      port: this.port,
      policy: this.policy,
      exchange: this.exchange,
      version: 'test',
      log: this.log(),
    });
    await this.messenger.start();
    this.client = createClient(messengerContract, { directory: this.sockets });
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.messenger?.stop();
    this.history?.close();
    this.messenger = undefined;
  }

  async remove(): Promise<void> {
    everybody.delete(this);
    if (this.messenger !== undefined) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Puts something into its history behind its back. */
  writes(work: (tx: HistoryTransaction) => void): void {
    this.history?.transaction(work);
  }

  /** As a disk that the system has remounted after an error: every commit fails. */
  makeReadOnly(isReadOnly: boolean): void {
    this.history?.['db'].exec(`PRAGMA query_only = ${isReadOnly ? 'ON' : 'OFF'}`);
  }

  private log(): Logger {
    const write = (event: string, fields: LogFields = {}): void => void this.logged.push({ event, fields });
    const warn = (event: string, fields: LogFields = {}): void => {
      write(event, fields);
      this.warned.push(event);
    };
    return { debug: () => undefined, info: write, warn, error: write, child: () => this.log() };
  }

  connect(other: Person, port = other.port) {
    return this.client.call('connect', { host: '127.0.0.1', port });
  }

  async send(to: Person, text: string): Promise<string> {
    const { id } = await this.client.call('send', { id: randomUUID(), peer: to.id, text });
    return id;
  }

  async state(id: string, waitFor: 'sent' | 'delivered' = 'delivered', timeoutMs = 20_000) {
    return (await this.client.call('waitFor', { id, state: waitFor, timeoutMs }, { deadlineMs: timeoutMs + 5_000 }))
      .state;
  }

  async messagesWith(other: Person): Promise<Message[]> {
    const pages: Message[][] = [];
    let before: string | undefined;
    for (;;) {
      const page = await this.client.call('history', {
        peer: other.id,
        limit: 500,
        ...(before === undefined ? {} : { before }),
      });
      pages.unshift(page.items);
      if (page.next === null) return pages.flat();
      before = page.next;
    }
  }

  async textsFrom(other: Person): Promise<(string | null)[]> {
    return (await this.messagesWith(other)).filter((m) => m.direction === 'received').map((m) => m.text);
  }

  accept(other: Person) {
    return this.client.call('setTrust', { peer: other.id, trust: 'accepted' });
  }
}

/** alice and bob, who are connected. */
export async function pair(policy: 'requests' | 'open' = 'open'): Promise<[Person, Person]> {
  const [a, b] = [await Person.create('alice', policy), await Person.create('bob', policy)];
  await a.connect(b);
  return [a, b];
}

/** For the end of a test. */
export async function removeEverybody(): Promise<void> {
  for (const person of everybody) await person.remove();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
      });
    });
  });
}

/** Asks until it is so; the reason it never became so is the caller's assertion afterwards. */
export async function eventually(check: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() >= deadline) throw new Error(`waited ${withinMs} ms in vain: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
