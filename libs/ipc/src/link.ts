/**
 * One connection to a service, and the requests outstanding on it. It is never repaired: when it ends, they all fail, and the
 * next request makes another one. So nothing of which a caller was told that it failed can reach the successor of a dead service.
 */
import { IpcError } from '@earshot/protocol';
import type { ServiceName } from '@earshot/protocol/ipc';
import type { Observer } from 'zeromq';
import { parseFrame, replyFrame, type RequestFrame } from './frames.js';
import { SendQueue, type Message } from './send-queue.js';
import { connectDealer, untilClosed } from './sockets.js';

/**
 * The service went away, or the client was closed, while the request was there: it may have been carried out or not. Where
 * an IpcError with the code `not-running` is not one of these, it certainly was not.
 */
export class RequestLostError extends IpcError {
  constructor(service: ServiceName) {
    super('not-running', service);
  }
}

interface Outstanding {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

export class Link {
  readonly #dealer;
  readonly #queue;
  readonly #outstanding = new Map<number, Outstanding>();
  #reached = false;

  constructor(
    private readonly service: ServiceName,
    path: string,
    private readonly onEnd: () => void,
  ) {
    const { socket, events } = connectDealer(path);
    this.#dealer = socket;
    this.#queue = new SendQueue(this.#dealer);
    void this.#watch(events);
    void this.#receive();
  }

  request(frame: RequestFrame, text: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const message: Message = [text];
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#queue.withdraw(message);
        this.#outstanding.delete(frame.id);
      };
      const outstanding: Outstanding = {
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (reason: Error) => {
          settle();
          reject(reason);
        },
      };
      const expire = () => {
        outstanding.reject(new IpcError('timed-out', `${this.service} ${frame.method}`));
      };
      // After a standstill of our own (Ctrl-Z) the timers come first, though the reply is there: it is read before the immediate.
      const timer = setTimeout(() => setImmediate(expire), timeoutMs);
      const abort = () => {
        outstanding.reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      this.#outstanding.set(frame.id, outstanding);
      this.#queue.push(message);
    });
  }

  close(): void {
    if (this.#dealer.closed) return;
    this.#dealer.close();
    this.onEnd();
    for (const outstanding of this.#outstanding.values()) {
      outstanding.reject(
        this.#reached ? new RequestLostError(this.service) : new IpcError('not-running', this.service),
      );
    }
  }

  async #watch(events: Observer): Promise<void> {
    for await (const { type } of untilClosed(events, this.#dealer)) {
      if (type === 'handshake') this.#reached = true;
      // `close`: nobody accepts at that path. `disconnect`: the service is gone, or closed us.
      if (type === 'close' || type === 'disconnect' || type.startsWith('handshake:error')) this.close();
    }
  }

  async #receive(): Promise<void> {
    for await (const [bytes] of untilClosed(this.#dealer, this.#dealer)) {
      const reply = bytes && parseFrame(replyFrame, bytes);
      const outstanding = reply && this.#outstanding.get(reply.id);
      if (reply === undefined || outstanding === undefined) continue;
      if (reply.ok) outstanding.resolve(reply.result);
      else outstanding.reject(new IpcError(reply.error.code, reply.error.detail));
    }
  }
}
