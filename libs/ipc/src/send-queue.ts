/**
 * Sends one message after the other. A second send while one is pending is refused (EBUSY, thrown at once), and one is pending
 * only when a peer is slow or 512 went out in one go: rare, so it would be found by users and not by tests.
 */
interface Writable {
  readonly closed: boolean;
  send(message: Message): Promise<void>;
}
export type Message = (string | Buffer)[];

export class SendQueue {
  readonly #waiting = new Set<Message>();
  #sending = false;

  constructor(private readonly socket: Writable) {}

  /** In order, without waiting. What cannot be delivered is dropped: requests have deadlines, events have sequence numbers. */
  push(message: Message): void {
    this.#waiting.add(message);
    if (!this.#sending) void this.#drain();
  }

  /** Takes a message back that has not been sent yet. */
  withdraw(message: Message): void {
    this.#waiting.delete(message);
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    // A Set hands out what is added meanwhile, too.
    for (const message of this.#waiting) {
      this.#waiting.delete(message);
      if (this.#isClosed()) continue;
      try {
        await this.socket.send(message);
      } catch (err) {
        // Closed while this one was pending, libzmq says EAGAIN or ENOTSOCK.
        if (!this.#isClosed()) throw err;
      }
    }
    this.#sending = false;
  }

  /** A call, since it changes while a send is pending. */
  #isClosed(): boolean {
    return this.socket.closed;
  }
}
