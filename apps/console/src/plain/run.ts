/** The line console in a terminal, a pipe, or under the supervisor: reads lines, prints lines, does what the model says. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { createClient, Service, subscribe, type Client, type Subscription } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import { consoleContract, messengerContract, type MessengerContract } from '@earshot/protocol/ipc';
import { dataFolder, EXIT, version, type DataFolder } from '@earshot/runtime';
import { connect, decide, whois } from '../commands/people.js';
import { logs, status } from '../commands/services.js';
import { messageLine } from '../commands/talk.js';
import { CommandError } from '../output.js';
import { notRunning } from '../services/connection.js';
import { resolvePeer } from '../services/peers.js';
import { sentenceFor } from '../text/messages.js';
import { initialModel, prompt, update, type Effect, type Model, type PlainEvent } from './model.js';

const HISTORY_LINES = 20;
const RETRY_MS = 500;

/** Resolves when the user leaves. */
export async function runPlainConsole(): Promise<void> {
  const paths = dataFolder(process.env);
  await new Promise<void>((resolve) => {
    const console = new PlainConsole(paths, false, resolve);
    process.once('SIGINT', resolve);
    console.start();
  });
}

/** The process that pm2 keeps under the name `console`; never returns. */
export async function runSupervisedConsole(): Promise<never> {
  const { main, run } = await import('@earshot/runtime/service');
  return main('console', ({ paths, log }) => {
    const service = new Service(consoleContract, {
      directory: paths.sockets,
      handlers: {},
      health: () => ({ version: version(), ports: {} }),
      onError: (err, method) => {
        log.error('request failed', { err, method });
      },
    });
    const console = new PlainConsole(paths, true, () => undefined);
    return run(
      [
        { name: 'service', start: () => service.start(), stop: () => service.stop() },
        {
          name: 'lines',
          start: () => {
            console.start();
          },
          stop: () => {
            console.stop();
          },
        },
      ],
      { log },
    );
  });
}

class PlainConsole {
  private model: Model;
  private readonly messenger: Client<MessengerContract>;
  private subscription: Subscription | undefined;
  private cursor: number | undefined;
  private reading = false;
  private more = false;
  /** Lines are carried out one after the other, in the order they were typed. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly paths: DataFolder,
    supervised: boolean,
    private readonly leave: () => void,
  ) {
    this.model = initialModel(userInfo().username, supervised);
    this.messenger = createClient(messengerContract, { directory: paths.sockets });
  }

  start(): void {
    this.subscription = subscribe(messengerContract, {
      directory: this.paths.sockets,
      onReset: () => undefined,
      onEvent: (event) => {
        switch (event.event) {
          case 'self':
            this.happened({ type: 'self', username: event.username });
            return;
          case 'peer':
            this.happened({ type: 'peer', peer: event });
            return;
          case 'notice':
            this.happened({ type: 'notice', ...event });
            return;
          case 'feed':
            // What was there before we came is history, not news.
            this.cursor ??= event.upto;
            if (event.upto > this.cursor) this.readFeed();
        }
      },
      onUp: () => {
        this.happened({ type: 'up' });
      },
      onDown: () => {
        this.happened({ type: 'down', how: notRunning('messenger', this.paths) });
      },
    });
    const lines = createInterface({
      input: process.stdin,
      crlfDelay: Infinity,
      terminal: process.stdin.isTTY && process.stdout.isTTY && !this.model.supervised,
    });
    lines.on('line', (line) => {
      this.queue = this.queue.then(() => this.take({ type: 'typed', line }));
    });
    lines.on('close', () => {
      this.queue = this.queue.then(() => this.take({ type: 'endOfInput' }));
    });
    lines.on('SIGINT', this.leave);
  }

  stop(): void {
    void this.subscription?.close();
    this.messenger.close();
  }

  private happened(event: PlainEvent): void {
    const { model, lines } = update(this.model, event);
    this.model = model;
    this.show(lines);
  }

  private async take(event: PlainEvent): Promise<void> {
    const { model, lines, effects } = update(this.model, event);
    this.model = model;
    this.show(lines);
    for (const effect of effects) await this.carryOut(effect);
  }

  private show(lines: readonly string[]): void {
    for (const line of lines) process.stdout.write(`${line}\n`);
  }

  private async carryOut(effect: Effect): Promise<void> {
    try {
      switch (effect.do) {
        case 'register':
          await this.messenger.call('register', { username: effect.name });
          return;
        case 'choose': {
          const peer = await resolvePeer(this.messenger, effect.query);
          this.happened({ type: 'chosen', peer });
          if (effect.thenSend !== undefined) await this.send(peer.id, effect.thenSend);
          return;
        }
        case 'send':
          await this.send(effect.peer, effect.text);
          return;
        case 'history': {
          const { items } = await this.messenger.call('history', { peer: effect.peer, limit: HISTORY_LINES });
          this.show(items.map(messageLine));
          return;
        }
        case 'run':
          if (effect.command === 'whois') await whois(effect.argument, {});
          else if (effect.command === 'connect') await connect(effect.argument);
          else if (effect.command === 'accept') await decide(effect.argument, 'accepted', 'accepted');
          else await decide(effect.argument, 'blocked', 'blocked');
          return;
        case 'status':
          await status({});
          return;
        case 'logs':
          await logs({});
          return;
        case 'quit':
          this.leave();
      }
    } catch (error) {
      this.show([this.explain(error)]);
      if (this.model.username === null) this.show(prompt(this.model));
    }
  }

  /** Under one id until there is an answer, so that a service that is restarted costs nothing that was typed. */
  private async send(peer: string, text: string): Promise<void> {
    const id = randomUUID();
    let told = false;
    for (;;) {
      try {
        await this.messenger.call('send', { id, peer, text });
        return;
      } catch (error) {
        if (!(error instanceof IpcError) || (error.code !== 'not-running' && error.code !== 'timed-out')) throw error;
        if (!told) this.show([`! not sent yet: ${notRunning('messenger', this.paths)}`]);
        told = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private readFeed(): void {
    this.more = true;
    if (this.reading) return;
    this.reading = true;
    void this.readChanges()
      .catch((error: unknown) => {
        // It went away in the middle; its next snapshot brings us back here.
        if (!(error instanceof IpcError)) throw error;
      })
      .finally(() => {
        this.reading = false;
      });
  }

  private async readChanges(): Promise<void> {
    while (this.more) {
      this.more = false;
      for (;;) {
        const { items, upto } = await this.messenger.call('changes', { after: this.cursor ?? 0 });
        for (const change of items) {
          if (change.event === 'message')
            this.happened({ type: 'message', message: change, at: new Date(change.committedAt) });
          else this.happened({ type: 'state', id: change.id, peer: change.peer, state: change.state });
        }
        if (items.length === 0) break;
        this.cursor = upto;
      }
    }
  }

  private explain(error: unknown): string {
    if (error instanceof CommandError) return `! ${error.message}`;
    if (error instanceof IpcError)
      return `! ${error.code === 'not-running' ? notRunning('messenger', this.paths) : sentenceFor(error.code)}`;
    if (error instanceof Error && 'exitCode' in error && error.exitCode === EXIT.misconfigured)
      return `! ${error.message}`;
    throw error;
  }
}
