/** Follows a service: its state as a snapshot, then every event, across restarts of either side (ipc-v1.md §7). */
import { setTimeout as delay } from 'node:timers/promises';
import { IpcError } from '@earshot/protocol';
import type { EventOf, ServiceContract } from '@earshot/protocol/ipc';
import type { Observer, Subscriber } from 'zeromq';
import { ServiceClient } from './client.js';
import { eventFrame, parseFrame } from './frames.js';
import { Replica } from './replica.js';
import { fetchSnapshot } from './snapshot-fetch.js';
import { checkSocketDirectory, socketPath } from './socket-directory.js';
import { connectSubscriber, untilClosed } from './sockets.js';

/** How often the service is asked where its events stand, while nothing else happens. */
const COMPARE_INTERVAL_MS = 1_000;
const DEADLINE_MS = 2_000;
/** Between two snapshots: a subscriber that cannot keep up must not keep the service busy with them. */
const SNAPSHOT_INTERVAL_MS = 100;

export interface SubscribeOptions<C extends ServiceContract> {
  readonly directory: string;
  /** Forget everything: the events that follow at once build the present state. */
  readonly onReset: () => void;
  /** Applying one twice must change nothing. */
  readonly onEvent: (event: EventOf<C>) => void;
  /** The service is there and its snapshot applied: after the start, and after every `onDown`. */
  readonly onUp?: () => void;
  /** The service does not answer. Called once; what was applied stays until it is back. */
  readonly onDown?: () => void;
}

export interface Subscription {
  /** Resolved by the first `onUp` or `onDown`, or by `close`. */
  readonly ready: Promise<void>;
  close(): void;
}

/** Throws where the directory is not ours alone. A service or a directory that is missing is merely down. */
export function subscribe<C extends ServiceContract>(contract: C, options: SubscribeOptions<C>): Subscription {
  return new ServiceSubscription(contract, options);
}

class ServiceSubscription<C extends ServiceContract> implements Subscription {
  readonly ready: Promise<void>;
  readonly #client: ServiceClient<C>;
  readonly #subscriber: Subscriber;
  readonly #replica: Replica<EventOf<C>>;
  #state: 'starting' | 'up' | 'down' | 'closed' = 'starting';
  #settled: () => void = () => undefined;
  /** Whether the event socket is connected, and how often it has been: events between two connections never come. */
  #connected = false;
  #connections = 0;
  #lastSnapshotAt = -Infinity;
  #woken = false;
  #wakeUp: (() => void) | undefined;

  constructor(
    private readonly contract: C,
    private readonly options: SubscribeOptions<C>,
  ) {
    this.ready = new Promise((resolve) => {
      this.#settled = resolve;
    });
    this.#replica = new Replica(options.onReset, (event) => {
      if (this.#state !== 'closed') options.onEvent(event);
    });
    checkSocketDirectory(options.directory);
    this.#client = new ServiceClient(contract, { directory: options.directory, deadlineMs: DEADLINE_MS });
    const { socket, events } = connectSubscriber(socketPath(options.directory, contract.name, 'events'));
    this.#subscriber = socket;
    void this.#watch(events);
    void this.#receive();
    void this.#follow();
  }

  close(): void {
    this.#state = 'closed';
    this.#subscriber.close();
    this.#client.close();
    this.#wake();
    this.#settled();
  }

  async #watch(events: Observer): Promise<void> {
    for await (const { type } of untilClosed(events, this.#subscriber)) {
      if (type === 'handshake') {
        this.#connected = true;
        this.#connections += 1;
        this.#replica.invalidate();
        this.#wake();
      } else if (type === 'disconnect') {
        this.#connected = false;
        this.#wake();
      }
    }
  }

  async #receive(): Promise<void> {
    for await (const [bytes] of untilClosed(this.#subscriber, this.#subscriber)) {
      const frame = bytes && parseFrame(eventFrame, bytes);
      if (frame === undefined) continue;
      const wasBehind = this.#replica.behind;
      this.#replica.receive({ ...frame, event: this.#parse(frame.event) });
      if (this.#replica.behind && !wasBehind) this.#wake();
    }
  }

  async #follow(): Promise<void> {
    while (this.#state !== 'closed') {
      try {
        await (this.#replica.behind ? this.#catchUp() : this.#compare());
      } catch (err) {
        if (!(err instanceof IpcError)) throw err;
        // A snapshot no longer held is asked for again; anything else means that the service does not serve.
        if (err.code !== 'bad-request') this.#enter('down');
      }
      await this.#sleep();
    }
  }

  async #catchUp(): Promise<void> {
    await delay(Math.max(0, this.#lastSnapshotAt + SNAPSHOT_INTERVAL_MS - performance.now()));
    // Subscribed first and snapshot afterwards, or what happens in between would be missed. Where nobody is there, this tells at once.
    await this.#client.callStandard('position', {});
    if (!this.#connected) await this.#sleep();

    const connections = this.#connections;
    const { at, items } = await fetchSnapshot(this.#client);
    this.#lastSnapshotAt = performance.now();
    if (this.#state === 'closed') return;
    if (connections !== this.#connections) {
      this.#wake();
      return;
    }
    this.#replica.adopt(
      at,
      items.map((item) => this.#parse(item)).filter((event) => event !== undefined),
    );
    this.#enter('up');
  }

  async #compare(): Promise<void> {
    this.#replica.compare(await this.#client.callStandard('position', {}));
    if (this.#replica.behind) this.#wake();
  }

  /** Undefined for what does not fit the contract: a newer service may tell of things not known here. */
  #parse(event: unknown): EventOf<C> | undefined {
    return this.contract.event.safeParse(event).data as EventOf<C> | undefined;
  }

  #enter(state: 'up' | 'down'): void {
    if (state === 'down') this.#replica.invalidate();
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    if (state === 'up') this.options.onUp?.();
    else this.options.onDown?.();
    this.#settled();
  }

  /** Until woken, and not longer than the interval. Having been woken since the last time counts. */
  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = () => {
        clearTimeout(timer);
        this.#woken = false;
        this.#wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(wakeUp, COMPARE_INTERVAL_MS);
      this.#wakeUp = wakeUp;
      if (this.#woken) wakeUp();
    });
  }

  #wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }
}
