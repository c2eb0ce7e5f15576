/** How our processes talk to each other: typed requests, and state that is followed as a snapshot and numbered events, over ZeroMQ. */
export { Service, type Handlers, type ServiceOptions } from './service.js';
export { createClient, type CallOptions, type Client, type ClientOptions } from './client.js';
export { RequestLostError } from './link.js';
export { subscribe, type SubscribeOptions, type Subscription } from './subscription.js';
export { ensureSocketDirectory } from './socket-directory.js';
