/** One of our processes as the others see it: requests, and events with snapshots. */
import {
  type EventOf,
  type Health,
  type MethodName,
  type ParsedRequestOf,
  type ReplyOf,
  type ServiceContract,
} from '@earshot/protocol/ipc';
import type { z } from 'zod';
import type { Method, OnError } from './dispatch.js';
import { EventPublisher } from './event-publisher.js';
import { RpcServer } from './rpc-server.js';
import { ensureSocketDirectory, socketPath } from './socket-directory.js';
import { SnapshotPages } from './snapshot-pages.js';
import { standardMethods, type StandardMethods } from './standard-methods.js';

/** A handler gets parameters that fit the contract. What it refuses, it throws as an IpcError. */
export type Handlers<C extends ServiceContract> = {
  readonly [M in MethodName<C>]: (params: ParsedRequestOf<C, M>) => ReplyOf<C, M> | Promise<ReplyOf<C, M>>;
};

export interface ServiceOptions<C extends ServiceContract> {
  /** Where the sockets go; made (0700) where it is missing. */
  readonly directory: string;
  readonly handlers: Handlers<C>;
  /**
   * The events that build the present state out of nothing. Change the state first and publish afterwards, without waiting
   * in between, or a snapshot could count an event that it does not contain. Left out where there is no state to follow.
   */
  readonly snapshot?: () => readonly EventOf<C>[];
  readonly health: () => Pick<Health, 'ports' | 'version'>;
  readonly onError: OnError;
}

/** Take the lock on the data folder before `start`: ZeroMQ lets a second process have the sockets without a word. */
export class Service<C extends ServiceContract> {
  readonly name: C['name'];
  readonly #directory: string;
  readonly #events: EventPublisher;
  readonly #rpc: RpcServer;
  #startedAt = 0;

  constructor(contract: C, options: ServiceOptions<C>) {
    this.name = contract.name;
    this.#directory = options.directory;
    this.#events = new EventPublisher(socketPath(options.directory, contract.name, 'events'));
    const methods = new Map([...contractMethods(contract, options.handlers), ...this.#standardMethods(options)]);
    this.#rpc = new RpcServer(socketPath(options.directory, contract.name, 'rpc'), methods, options.onError);
  }

  /** Throws where the directory is not ours alone, something else stands where a socket goes, or one cannot be bound. */
  start(): Promise<void> {
    return Promise.resolve().then(() => {
      ensureSocketDirectory(this.#directory);
      this.#startedAt = performance.now();
      // Events first: whoever gets an answer can also subscribe.
      this.#events.start();
      try {
        this.#rpc.start();
      } catch (err) {
        this.#events.stop();
        throw err;
      }
    });
  }

  /** Callers that wait for a reply are told that the service is gone. */
  stop(): Promise<void> {
    this.#rpc.stop();
    this.#events.stop();
    return Promise.resolve();
  }

  /** Never waits. Nothing happens while stopped: who comes later gets a snapshot. */
  publish(event: EventOf<C>): void {
    this.#events.publish(event);
  }

  #standardMethods(options: ServiceOptions<C>): Map<string, Method> {
    const snapshots = new SnapshotPages(options.snapshot ?? (() => []), () => this.#events.position);
    const health = () => ({
      ...options.health(),
      service: this.name,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - this.#startedAt),
    });
    return new Map([
      standard('health', health),
      standard('position', () => this.#events.position),
      standard('snapshot', ({ cursor }) => snapshots.page(cursor)),
    ]);
  }
}

function contractMethods<C extends ServiceContract>(contract: C, handlers: Handlers<C>): Map<string, Method> {
  const byName = new Map(Object.entries<Method['handle']>(handlers));
  const methods = new Map<string, Method>();
  for (const [name, { request }] of Object.entries(contract.methods)) {
    const handle = byName.get(name);
    if (handle === undefined) throw new Error(`bug: ${contract.name} has no handler for ${name}`);
    methods.set(name, { request, handle });
  }
  return methods;
}

function standard<M extends keyof StandardMethods>(
  name: M,
  handle: (params: z.output<StandardMethods[M]['request']>) => z.output<StandardMethods[M]['reply']>,
): [string, Method] {
  return [name, { request: standardMethods[name].request, handle }];
}
