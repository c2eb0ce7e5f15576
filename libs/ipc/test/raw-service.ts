/** A service made of ZeroMQ and JSON alone, to say what ours never would. */
import { join } from 'node:path';
import { Publisher, Router } from 'zeromq';

export interface RawRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export const INSTANCE = '9f86d081884c7d65';

export class RawService {
  readonly #router = new Router({ linger: 0 });
  readonly #publisher = new Publisher({ linger: 0 });

  constructor(
    directory: string,
    name: string,
    /** The bytes of the reply, or later, or none. */
    private readonly answer: (request: RawRequest) => Promise<string | Buffer> | string | Buffer | undefined,
  ) {
    this.#publisher.bindSync(`ipc://${join(directory, name)}.events`);
    this.#router.bindSync(`ipc://${join(directory, name)}.rpc`);
    void this.#serve();
  }

  async publish(bytes: string | Buffer): Promise<void> {
    await this.#publisher.send(bytes);
  }

  close(): void {
    this.#router.close();
    this.#publisher.close();
  }

  async #serve(): Promise<void> {
    for await (const [caller, bytes] of this.#router) {
      const reply = await this.answer(JSON.parse(String(bytes)) as RawRequest);
      if (reply !== undefined && caller !== undefined && !this.#router.closed) await this.#router.send([caller, reply]);
    }
  }
}

/** The reply to `position` and, without any state, to `snapshot`. */
export function standsAt(sequence: number): (request: RawRequest) => string {
  return ({ id }) => JSON.stringify({ id, ok: true, result: { instance: INSTANCE, sequence, items: [], next: null } });
}
