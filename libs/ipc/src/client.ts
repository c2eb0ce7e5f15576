/** Requests to a service, derived from its contract. */
import { IPC_MAX_BYTES, IpcError } from '@earshot/protocol';
import type { Health, MethodName, ReplyOf, RequestOf, ServiceContract } from '@earshot/protocol/ipc';
import type { z } from 'zod';
import type { RequestFrame } from './frames.js';
import { Link } from './link.js';
import { machineNow } from './machine-clock.js';
import { checkSocketDirectory, socketPath } from './socket-directory.js';
import { standardMethods, type StandardMethods } from './standard-methods.js';

type MethodShape = ServiceContract['methods'][string];

export interface CallOptions {
  /** How long to wait for the reply; the service drops a request whose time is over. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export interface Client<C extends ServiceContract> {
  /**
   * Rejects with an IpcError: the service's own codes; `not-running` at once when nobody is there (a RequestLostError when it
   * went away with the request); `timed-out` past the deadline; `internal` for a reply that does not fit the contract.
   * An aborted call rejects with the signal's reason; like one that timed out, it may have been carried out or not.
   */
  call<M extends MethodName<C>>(method: M, params: RequestOf<C, M>, options?: CallOptions): Promise<ReplyOf<C, M>>;
  health(options?: CallOptions): Promise<Health>;
  /** Fails what is outstanding, and every later call. */
  close(): void;
}

export interface ClientOptions {
  readonly directory: string;
  /** For calls that do not name their own; 5000 when left out. */
  readonly deadlineMs?: number;
}

export function createClient<C extends ServiceContract>(contract: C, options: ClientOptions): Client<C> {
  return new ServiceClient(contract, options);
}

export class ServiceClient<C extends ServiceContract> implements Client<C> {
  readonly #path: string;
  #link: Link | undefined;
  #lastId = 0;
  #closed = false;

  constructor(
    private readonly contract: C,
    private readonly options: ClientOptions,
  ) {
    this.#path = socketPath(options.directory, contract.name, 'rpc');
  }

  async call<M extends MethodName<C>>(method: M, params: RequestOf<C, M>, options: CallOptions = {}) {
    const shape: MethodShape | undefined = this.contract.methods[method];
    if (shape === undefined) throw new Error(`bug: ${this.contract.name} has no method ${method}`);
    return (await this.#request(method, shape, params, options)) as ReplyOf<C, M>;
  }

  async callStandard<M extends keyof StandardMethods>(
    method: M,
    params: z.input<StandardMethods[M]['request']>,
    options: CallOptions = {},
  ) {
    return (await this.#request(method, standardMethods[method], params, options)) as z.output<
      StandardMethods[M]['reply']
    >;
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.callStandard('health', {}, options);
  }

  close(): void {
    this.#closed = true;
    this.#link?.close();
  }

  async #request(method: string, shape: MethodShape, params: unknown, options: CallOptions): Promise<unknown> {
    options.signal?.throwIfAborted();
    const waitMs = options.deadlineMs ?? this.options.deadlineMs ?? 5_000;
    const frame: RequestFrame = { id: (this.#lastId += 1), method, deadlineMs: machineNow() + waitMs, params };
    const text = JSON.stringify(frame);
    // The service would answer by closing the connection, and with it every other request.
    if (Buffer.byteLength(text) > IPC_MAX_BYTES) throw new IpcError('bad-request', 'too large');
    const reply = shape.reply.safeParse(await this.#connected().request(frame, text, waitMs, options.signal));
    if (!reply.success) throw new IpcError('internal', `${this.contract.name} ${method}: unexpected reply`);
    return reply.data;
  }

  #connected(): Link {
    if (this.#link !== undefined) return this.#link;
    if (this.#closed) throw new IpcError('not-running', this.contract.name);
    // Before the first byte: a folder of somebody else's could hold somebody else's service.
    if (!checkSocketDirectory(this.options.directory)) throw new IpcError('not-running', this.contract.name);
    return (this.#link = new Link(this.contract.name, this.#path, () => {
      this.#link = undefined;
    }));
  }
}
