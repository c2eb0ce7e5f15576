import { fastify, type FastifyReply } from 'fastify';
import { safeJsonLine, type Logger } from '@earshot/runtime';
import type { BearerToken } from './http/bearer-token.js';
import { errorBody, HttpError } from './http/errors.js';
import { answerBadClient, createHttpServer, type HttpLimits } from './http/http-server.js';
import { chatLogRoute } from './routes/chat-log.js';
import { eventRoutes } from './routes/events.js';
import { exportRoutes } from './routes/export.js';
import { historyRoutes } from './routes/history.js';
import { pageRoutes } from './routes/page.js';
import { READ, type HttpApp, type RouteParts } from './routes/server-parts.js';

export interface HttpAppOptions extends RouteParts {
  readonly host: string;
  readonly token: BearerToken;
  readonly limits: HttpLimits;
}

/** All routes, what they have in common, and the server below them. */
export function httpApp({ host, token, limits, ...parts }: HttpAppOptions): HttpApp {
  const app = fastify({
    serverFactory: (handle) => createHttpServer(limits, host, handle),
    clientErrorHandler: (err, socket) => {
      answerBadClient(err, socket);
    },
    frameworkErrors: (err, _, reply) => {
      sendError(reply, asHttpError(err, parts.log));
    },
    // An open event stream would keep `close` waiting for ever.
    forceCloseConnections: true,
    // Routes say themselves what HEAD means: fastify's way would make a whole export and throw it away.
    exposeHeadRoutes: false,
  });

  app.addHook('onRequest', (request, _, done) => {
    if (request.routeOptions.config.public !== true) token.check(request.headers.authorization);
    done();
  });
  // curl prints it to a terminal.
  app.setReplySerializer((payload) => safeJsonLine(JSON.stringify(payload)));
  app.setErrorHandler((err, _, reply) => {
    sendError(reply, asHttpError(err, parts.log));
  });
  app.setNotFoundHandler((_, reply) => {
    sendError(reply, new HttpError('not-found', 'there is nothing here'));
  });

  app.route({ method: READ, url: '/healthz', config: { public: true }, handler: () => ({ status: 'ok' }) });
  pageRoutes(app);
  historyRoutes(app, parts);
  eventRoutes(app, parts);
  exportRoutes(app, parts);
  chatLogRoute(app, parts);
  return app;
}

function sendError(reply: FastifyReply, err: HttpError): void {
  void reply
    .code(err.status)
    .headers({ ...err.headers, 'Content-Type': 'application/json; charset=utf-8' })
    .send(errorBody(err));
}

function asHttpError(err: unknown, log: Logger): HttpError {
  if (err instanceof HttpError) return err;
  const status = typeof err === 'object' && err !== null && 'statusCode' in err ? err.statusCode : undefined;
  if (typeof status === 'number' && status < 500) return new HttpError('bad-request', 'the request is malformed');
  log.error('request failed', { err });
  return new HttpError('internal', 'something is wrong here: the process log says what');
}
