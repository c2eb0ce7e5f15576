import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { openHistory } from '@earshot/history';
import { LiveFeed } from '@earshot/logserver/dist/events/live-feed.js';
import { HistoryAccess } from '@earshot/logserver/dist/history/history-access.js';
import { BearerToken } from '@earshot/logserver/dist/http/bearer-token.js';
import { httpApp } from '@earshot/logserver/dist/http-app.js';
import { Secret, type Logger } from '@earshot/runtime';
import { temporaryFolder } from '@earshot/testkit';
import { assert, type Target } from '../target.js';

const TOKEN = 'A'.repeat(43);
const BOB = `${'b'.repeat(51)}a`;
const PATHS = [
  '/',
  '/healthz',
  '/main.js',
  '/anna_chat_log.json',
  '/api/v1/conversations',
  `/api/v1/conversations/${BOB}/messages`,
  '/api/v1/search?q=hello',
  '/api/v1/events',
  `/api/v1/export?peer=${BOB}`,
];
/** Without a port below it, the server is the one of port 0. */
const HOST = 'Host: 127.0.0.1:0\r\n';
const AUTHORIZATION = `Authorization: Bearer ${TOKEN}\r\n`;

/** A connection as the HTTP server sees one, without a network below it. */
class Connection extends Duplex {
  readonly localPort = 0;
  readonly remoteAddress = '127.0.0.1';
  answer = '';
  override _read(): void {
    // What there is was pushed.
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.answer += chunk.toString('latin1');
    done();
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  destroySoon(): void {
    this.end();
    this.destroy();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Turns of the event loop without a word after which nothing more is to come; some answers read the history first. */
const SILENT_TURNS = 4;

/** The log server as it is, but for the port: raw bytes of a connection. */
export async function openHttp(): Promise<Target> {
  const folder = temporaryFolder();
  const file = join(folder.path, 'history.db');
  const writer = openHistory({ file, now: () => 1_800_000_000_000, randomBytes });
  writer.transaction((tx) => {
    tx.setUsername('anna');
    tx.upsertPeer(BOB, { username: 'bob' });
    const message = { peer: BOB, stream: 'ab'.repeat(8), sentAt: 1_800_000_000_000, ctype: 1, text: 'hello <b>' };
    tx.commitReceived({ ...message, n: 1, id: '00000000-0000-4000-8000-000000000001' });
  });
  const failures: unknown[] = [];
  const note = (event: string, fields?: unknown) => failures.push({ event, fields });
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note, child: () => log };
  const history = new HistoryAccess(file);
  const limits = { maxConnections: 128, maxHeaderBytes: 8192, headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 };
  const app = httpApp({
    host: '127.0.0.1',
    token: new BearerToken(new Secret(TOKEN)),
    limits,
    eventTimes: { heartbeatMs: 60_000, drainMs: 60_000 },
    history,
    feed: new LiveFeed(),
    log,
  });
  await app.ready();
  const onUncaught = (err: unknown) => failures.push(err);
  process.on('uncaughtException', onUncaught);

  return {
    name: 'http',
    seeds: [
      ...PATHS.flatMap((path) => [
        `GET ${path} HTTP/1.1\r\n${HOST}${AUTHORIZATION}\r\n`,
        `HEAD ${path} HTTP/1.1\r\n${HOST}${AUTHORIZATION}Connection: close\r\n\r\n`,
      ]),
      `GET / HTTP/1.1\r\n${HOST}\r\n`,
      `GET /api/v1/events HTTP/1.1\r\n${HOST}${AUTHORIZATION}Last-Event-ID: 1\r\n\r\n`,
      `GET / HTTP/1.1\r\n${HOST}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n`,
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`,
      `GET / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    ].map((text) => Buffer.from(text)),
    dictionary: [
      HOST,
      AUTHORIZATION,
      ...PATHS,
      'Origin: http://127.0.0.1:0\r\n',
      'Expect: 100-continue\r\n',
      'Upgrade: h2c\r\n',
      'Connection: close\r\n',
      '\r\n',
      'HTTP/1.0',
      '%00',
      '%',
      '%2f',
      '?',
      '&',
      '=',
      'limit=',
      'before=',
      'q=',
      'peer=',
      'format=html',
      '"',
      '*',
      '(',
      'NEAR',
      '../',
      '\0',
      '#',
      ';',
      '__proto__',
    ],
    maxBytes: 1024,
    run: async (bytes) => {
      failures.length = 0;
      const connection = new Connection();
      connection.on('error', () => undefined);
      app.server.emit('connection', connection);
      connection.push(bytes);
      for (let silent = 0, before = ''; silent < SILENT_TURNS; silent += 1) {
        await turn();
        if (connection.answer !== before) silent = 0;
        before = connection.answer;
      }
      connection.push(null);
      connection.destroy();
      const { answer } = connection;
      assert(answer === '' || /^HTTP\/1\.1 [1-5]\d\d /.test(answer), 'an answer is not HTTP');
      assert(!/^HTTP\/1\.1 5/.test(answer), 'a request is a failure of ours');
      const [failure] = failures;
      if (failure !== undefined) throw failure instanceof Error ? failure : new Error(JSON.stringify(failure));
    },
    close: async () => {
      process.off('uncaughtException', onUncaught);
      await app.close();
      history.close();
      writer.close();
      folder.remove();
    },
  };
}
