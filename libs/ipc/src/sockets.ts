/** The ZeroMQ sockets and every option they need, each with what happens without it. Other files import its types alone. */
import { IPC_MAX_BYTES } from '@earshot/protocol';
import { Dealer, type Observer, Publisher, Router, Subscriber } from 'zeromq';
import { refuseOccupied } from './socket-directory.js';

/** Events that may wait on each side between a publisher and one subscriber; beyond that ZeroMQ drops them silently. */
const EVENTS_QUEUED_MAX = 10_000;

const EVERY = {
  // One message for somebody who is gone would keep the process from exiting for ever.
  linger: 0,
  // Without a bound a neighbour's bug becomes our memory. ZeroMQ closes the connection of whoever exceeds it.
  maxMessageSize: IPC_MAX_BYTES,
};

export function bindRouter(path: string): Router {
  refuseOccupied(path);
  // No high-water mark: at one, a ROUTER drops replies. They are bounded by the requests of each caller, and never wait for it.
  return bound(new Router({ ...EVERY, sendHighWaterMark: 0 }), path);
}

export function bindPublisher(path: string): Publisher {
  refuseOccupied(path);
  return bound(new Publisher({ ...EVERY, sendHighWaterMark: EVENTS_QUEUED_MAX }), path);
}

export interface Connection<S> {
  readonly socket: S;
  readonly events: Observer;
}

/** One connection that is never repaired: what waits in it must not reach a successor of the service. */
export function connectDealer(path: string): Connection<Dealer> {
  return connected(new Dealer({ ...EVERY, reconnectInterval: -1 }), path);
}

/** Connects again by itself, for as long as it takes. */
export function connectSubscriber(path: string): Connection<Subscriber> {
  const subscriber = new Subscriber({ ...EVERY, receiveHighWaterMark: EVENTS_QUEUED_MAX });
  subscriber.subscribe();
  return connected(subscriber, path);
}

/**
 * What a socket (or its observer) brings until the socket is closed. Closing meets its reader at any moment: libzmq then
 * says EAGAIN, which ends the iteration, or ENOTSOCK, which would end the process.
 */
export async function* untilClosed<T>(
  source: AsyncIterable<T>,
  socket: { readonly closed: boolean },
): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (err) {
    if (!socket.closed) throw err;
  }
}

function connected<S extends Dealer | Subscriber>(socket: S, path: string): Connection<S> {
  // Observed from the first read of `events` on: after connect it could miss that nobody is there.
  const { events } = socket;
  socket.connect(`ipc://${path}`);
  return { socket, events };
}

function bound<S extends Router | Publisher>(socket: S, path: string): S {
  // Synchronous, so that nothing else of this process is created under this mask.
  const mask = process.umask(0o177);
  try {
    socket.bindSync(`ipc://${path}`);
  } catch (err) {
    socket.close();
    throw new Error(`cannot bind the socket ${path}`, { cause: err });
  } finally {
    process.umask(mask);
  }
  return socket;
}
