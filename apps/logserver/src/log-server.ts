import type { AddressInfo } from 'node:net';
import { Service } from '@earshot/ipc';
import {
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_MAX_CONNECTIONS,
  HTTP_MAX_HEADER_BYTES,
  HTTP_REQUEST_TIMEOUT_MS,
} from '@earshot/protocol';
import { logserverContract } from '@earshot/protocol/ipc';
import { describeListenError, type Logger, type Secret } from '@earshot/runtime';
import { LiveFeed } from './events/live-feed.js';
import { HistoryAccess } from './history/history-access.js';
import { httpApp } from './http-app.js';
import { BearerToken } from './http/bearer-token.js';
import type { HttpLimits } from './http/http-server.js';
import type { EventTimes, HttpApp } from './routes/server-parts.js';

export interface LogServerOptions {
  readonly historyFile: string;
  readonly token: Secret<string>;
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Where the services' sockets are. */
  readonly sockets: string;
  readonly version: string;
  readonly log: Logger;
  readonly limits?: Partial<HttpLimits & EventTimes>;
}

const LIMITS: HttpLimits & EventTimes = {
  maxConnections: HTTP_MAX_CONNECTIONS,
  maxHeaderBytes: HTTP_MAX_HEADER_BYTES,
  headersTimeoutMs: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeoutMs: HTTP_REQUEST_TIMEOUT_MS,
  drainMs: HTTP_REQUEST_TIMEOUT_MS,
  heartbeatMs: 15_000,
};

/** The history over HTTP, read-only, for its owner. */
export class LogServer {
  readonly name = 'logserver';
  private readonly host: string;
  private readonly history: HistoryAccess;
  private readonly feed = new LiveFeed();
  private readonly app: HttpApp;
  private readonly service: Service<typeof logserverContract>;

  constructor(private readonly options: LogServerOptions) {
    // Fastify would open a second server for ::1, without the limits of the first.
    this.host = options.host === 'localhost' ? '127.0.0.1' : options.host;
    this.history = new HistoryAccess(options.historyFile);
    const limits = { ...LIMITS, ...options.limits };
    this.app = httpApp({
      host: this.host,
      token: new BearerToken(options.token),
      limits,
      eventTimes: limits,
      history: this.history,
      feed: this.feed,
      log: options.log,
    });
    this.service = new Service(logserverContract, {
      directory: options.sockets,
      handlers: {},
      health: () => ({ ports: { http: this.port }, version: options.version }),
      onError: (err, method) => {
        options.log.error('request failed', { err, method });
      },
    });
  }

  /** The port that it really has. */
  get port(): number {
    return (this.app.server.address() as AddressInfo).port;
  }

  /** @throws ConfigError when the port cannot be had */
  async start(): Promise<void> {
    const { port, sockets } = this.options;
    try {
      await this.app.listen({ host: this.host, port });
    } catch (err) {
      throw describeListenError(err as Error, `HTTP port ${port} (always the TCP port plus one)`, 'port');
    }
    await this.service.start();
    this.feed.start(sockets);
  }

  async stop(): Promise<void> {
    this.feed.stop();
    await this.service.stop();
    await this.app.close();
    this.history.close();
  }
}
