/** The HTTP server below fastify: limits, and what is refused before any route is looked for. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { admit } from './admission.js';
import { errorBody, HttpError, type HttpErrorCode } from './errors.js';
import { SECURITY_HEADERS } from './security-headers.js';

export interface HttpLimits {
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  /** From the connection, or the last response, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** For the whole request to arrive, and for a response whose reader has stopped. */
  readonly requestTimeoutMs: number;
}

export function createHttpServer(
  { maxConnections, maxHeaderBytes, headersTimeoutMs, requestTimeoutMs }: HttpLimits,
  ownHost: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Node looks for late requests this often; its own 30 s would make the limits above mean little.
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 10),
      // Node's own answer would come without our headers; `admit` asks for exactly one.
      requireHostHeader: false,
    },
    (request, response) => {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      try {
        admit(request, hostsAt(ownHost, request.socket.localPort));
      } catch (err) {
        if (!(err instanceof HttpError)) throw err;
        refuse(response, err);
        return;
      }
      handle(request, response);
    },
  );
  server.maxConnections = maxConnections;
  // Beyond a number Node forgets headers without a word, a second Host among them; their size is limited anyway.
  server.maxHeadersCount = 0;
  server.timeout = requestTimeoutMs;
  // Left alone, Node answers an unknown Expect itself, without our headers.
  for (const event of ['checkContinue', 'checkExpectation']) {
    server.on(event, (request, response) => server.emit('request', request, response));
  }
  return server;
}

/** Answers what is no HTTP request at all. */
export function answerBadClient(err: Error & { code?: string }, socket: Socket): void {
  // In the middle of a response, or after one, these bytes would be taken for a part of it.
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { status, code, message } = clientError(err.code);
  const body = errorBody({ code, message });
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`);
  socket.destroySoon();
}

function clientError(code: string | undefined): HttpError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpError('headers-too-large', 'the headers are too large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError('request-timeout', 'the request took too long');
  return new HttpError('bad-request', 'not an HTTP request');
}

function refuse(response: ServerResponse, { status, code, message, headers }: HttpError): void {
  const body = errorBody({ code: code satisfies HttpErrorCode, message });
  response
    .writeHead(status, {
      ...headers,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    })
    .end(body);
}

function hostsAt(ownHost: string, port: number | undefined): string[] {
  const own = ownHost.includes(':') ? `[${ownHost}]` : ownHost;
  return [...new Set(['127.0.0.1', 'localhost', own])].map((host) => `${host}:${port ?? 0}`);
}
