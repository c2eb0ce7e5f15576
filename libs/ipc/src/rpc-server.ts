/** Answers requests on `<name>.rpc`: a ROUTER, so that every caller gets its own replies in any order. */
import type { Router } from 'zeromq';
import { answer, type Method, type OnError } from './dispatch.js';
import { machineNow } from './machine-clock.js';
import { SendQueue } from './send-queue.js';
import { bindRouter, untilClosed } from './sockets.js';

export class RpcServer {
  #router: Router | undefined;

  constructor(
    private readonly path: string,
    private readonly methods: ReadonlyMap<string, Method>,
    private readonly onError: OnError,
  ) {}

  start(): void {
    const router = bindRouter(this.path);
    this.#router = router;
    void this.#serve(router);
  }

  /** Callers that wait for a reply are told that the connection is lost. */
  stop(): void {
    this.#router?.close();
    this.#router = undefined;
  }

  async #serve(router: Router): Promise<void> {
    const replies = new SendQueue(router);
    for await (const [caller, frame, ...rest] of untilClosed(router, router)) {
      if (caller === undefined || frame === undefined || rest.length > 0) continue;
      // Not awaited: a request that takes long must not hold up the others.
      void answer(this.methods, frame, machineNow(), this.onError).then((reply) => {
        if (reply !== undefined) replies.push([caller, reply]);
      });
    }
  }
}
