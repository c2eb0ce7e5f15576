import { once } from 'node:events';
import type { Socket } from 'node:net';
import { until } from '@earshot/testkit';
import { openRaw, rawExchange, rawRequest, type RawAnswer } from '../test/raw-request.js';
import { ServedHistory, TOKEN } from '../test/served-history.js';
import { BOB } from '../test/written-history.js';
import { SECURITY_HEADERS } from './http/security-headers.js';

const AUTHORIZATION = `Authorization: Bearer ${TOKEN}`;

describe('the log server and requests that nobody honest makes', () => {
  let served: ServedHistory;
  beforeAll(async () => {
    served = await ServedHistory.start({
      username: 'anna',
      limits: { headersTimeoutMs: 300, requestTimeoutMs: 600, maxConnections: 10 },
    });
    served.history.receive(BOB, 'the secret text');
  });
  afterEach(async () => {
    const log = JSON.stringify(await served.json('/anna_chat_log.json'));
    if (!log.includes('the secret text')) throw new Error('somebody else was not served');
    if (served.logged.length > 0) throw new Error(`logged: ${JSON.stringify(served.logged)}`);
  });
  afterAll(async () => {
    await served.close();
  });

  const host = (): string => `Host: 127.0.0.1:${served.port}`;
  const ask = (...lines: string[]): Promise<RawAnswer> =>
    rawRequest(served.port, `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);

  /** What every answer must be like, whatever it answers. */
  const judged = ({ status, headers, body }: RawAnswer) => ({
    status,
    told: body.includes('the secret text'),
    missing: Object.entries(SECURITY_HEADERS).filter(([name, value]) => headers.get(name.toLowerCase()) !== value),
    unwanted: [...headers.keys()].filter((name) => name.startsWith('access-control-') || name === 'set-cookie'),
  });
  const refused = (status: number) => ({ status, told: false, missing: [], unwanted: [] });
  const answered = { ...refused(200), told: true };

  const LOG = '/anna_chat_log.json';

  it('answers the honest ones, with the same headers', async () => {
    const answer = await ask(`GET ${LOG} HTTP/1.1`, host(), AUTHORIZATION);
    expect(judged(answer)).toEqual(answered);
    for (const path of ['/', '/healthz', '/main.js']) {
      const open = await ask(`GET ${path} HTTP/1.1`, host());
      expect(judged(open)).toEqual({ ...answered, told: false });
    }
  });

  it.each([
    ['no Host', 400, []],
    ['no Host in HTTP/1.0', 400, [], 'HTTP/1.0'],
    ['two Hosts', 400, ['HOST', 'HOST']],
    ['two Hosts, the second one foreign', 400, ['HOST', 'Host: evil.example']],
    ['a foreign Host', 403, ['Host: evil.example']],
    ['a foreign Host with our port', 403, ['Host: evil.example:PORT']],
    ['the address of all', 403, ['Host: 0.0.0.0:PORT']],
    ['a foreign origin', 403, ['HOST', 'Origin: http://evil.example']],
    ['the origin of a file', 403, ['HOST', 'Origin: null']],
    ['another site', 403, ['HOST', 'Sec-Fetch-Site: cross-site']],
    ['another port of this machine', 403, ['HOST', 'Sec-Fetch-Site: same-site']],
  ])('refuses %s, even with the token', async (_, status, lines, version = 'HTTP/1.1') => {
    const headers = lines.map((line) => (line === 'HOST' ? host() : line.replace('PORT', String(served.port))));
    for (const path of [LOG, '/', '/healthz', '/nothing', '/api/v1/events']) {
      expect(judged(await ask(`GET ${path} ${version}`, ...headers, AUTHORIZATION))).toEqual(refused(status));
    }
  });

  it('finds the second Host behind any number of headers', async () => {
    const many = Array.from({ length: 2_500 }, () => 'a:');
    expect(judged(await ask(`GET ${LOG} HTTP/1.1`, host(), AUTHORIZATION, ...many, 'Host: evil.example'))).toEqual(
      refused(400),
    );
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('refuses %s', async (method) => {
    for (const path of [LOG, '/', '/api/v1/events', '/nothing', '*']) {
      const answer = await ask(`${method} ${path} HTTP/1.1`, host(), AUTHORIZATION, 'Content-Length: 0');
      expect(judged(answer)).toEqual(refused(path === '*' ? 400 : 405));
      expect(answer.headers.get('allow')).toBe(path === '*' ? undefined : 'GET, HEAD');
    }
  });

  it('answers HEAD without a body, and with the same care', async () => {
    for (const path of ['/', '/healthz', '/api/v1/conversations', LOG]) {
      const answer = await ask(`HEAD ${path} HTTP/1.1`, host(), AUTHORIZATION);
      expect(judged(answer)).toEqual({ ...answered, told: false });
      expect(answer.body).toBe('');
    }
    const answer = await ask(`HEAD ${LOG} HTTP/1.1`, host());
    expect(judged(answer)).toEqual(refused(401));
    expect(answer.body).toBe('');
  });

  it.each([
    ['no token', []],
    ['a wrong one', [`Authorization: Bearer ${'B'.repeat(43)}`]],
    ['a part of it', [AUTHORIZATION.slice(0, -1)]],
    ['more than it', [`${AUTHORIZATION}A`]],
    ['another scheme', [`Authorization: Basic ${TOKEN}`]],
    ['a cookie', [`Cookie: token=${TOKEN}`]],
    ['a wrong one before the right one', [`Authorization: Bearer ${'B'.repeat(43)}`, AUTHORIZATION]],
  ])('asks for the token: %s', async (_, lines) => {
    for (const path of [LOG, '/api/v1/conversations', '/api/v1/events', `/api/v1/export?peer=${BOB}`, '/nothing']) {
      const answer = await ask(`GET ${path} HTTP/1.1`, host(), ...lines);
      expect(judged(answer)).toEqual(refused(401));
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="earshot"');
      expect(answer.body).not.toContain('B'.repeat(40));
    }
  });

  it.each(['token', 't', 'access_token', 'authorization'])('takes no token from a query: %s', async (name) => {
    const path = `/api/v1/conversations?${name}=${TOKEN}`;
    expect(judged(await ask(`GET ${path} HTTP/1.1`, host()))).toEqual(refused(401));
    const answer = await ask(`GET ${path} HTTP/1.1`, host(), AUTHORIZATION);
    expect(judged(answer)).toEqual(refused(400));
    expect(answer.body).not.toContain(TOKEN);
  });

  it.each([
    '/../http-token',
    '/..%2fhttp-token',
    '/%2e%2e/http-token',
    '/..\\http-token',
    '/public/../../http-token',
    '/main.js/../../package.json',
    '/main.js%00.html',
    '//etc/passwd',
    '/.git/config',
    '/package.json',
    '/history.db',
    '/http-token',
    '/src/main.ts',
    '/api/v1/../../http-token',
    `/api/v1/conversations/..%2f..%2fhttp-token/messages`,
    '/..%c0%afhttp-token',
  ])('finds no file: %s', async (path) => {
    const answer = await ask(`GET ${path} HTTP/1.1`, host(), AUTHORIZATION);
    expect([400, 404]).toContain(answer.status);
    expect(judged(answer)).toEqual(refused(answer.status));
    expect(answer.body).not.toMatch(TOKEN);
    expect(answer.body.length).toBeLessThan(200);
  });

  it.each(['http://evil.example/healthz', 'http://127.0.0.1:1/healthz', 'evil.example:80'])(
    'refuses to be a proxy: %s',
    async (target) => {
      expect(judged(await ask(`GET ${target} HTTP/1.1`, host(), AUTHORIZATION))).toEqual(refused(400));
    },
  );

  it.each([
    ['garbage', '\u0000\u0001\u0002garbage\r\n\r\n', 400],
    ['a handshake of another protocol', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400],
    ['a header with a line feed alone', 'GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'a length and chunks',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['headers over 8 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(8 * 1024)}\r\n\r\n`, 431],
    ['many headers over 8 KiB', `GET / HTTP/1.1\r\nHost: x\r\n${'A: bcdefgh\r\n'.repeat(1_100)}\r\n`, 431],
    ['an address over 8 KiB', `GET /${'y'.repeat(9 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('refuses %s', async (_, bytes, status) => {
    const answer = await rawRequest(served.port, bytes);
    expect(judged(answer)).toEqual(refused(status));
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: expect.any(String) as string } });
  });

  it.each([
    ['nothing at all', ''],
    ['half a line', 'GET / HT'],
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\nX: '],
  ])('waits a while and no longer: %s', async (_, bytes) => {
    expect(judged(await rawRequest(served.port, bytes))).toEqual(refused(408));
  });

  it('does not let a byte now and then count as progress', async () => {
    const socket = openRaw(served.port, 'GET / HTTP/1.1\r\nX: ');
    const drip = setInterval(() => socket.write('y'), 50);
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
    clearInterval(drip);
    expect(socket.destroyed).toBe(true);
  });

  it('does not wait for a body that never comes', async () => {
    const text = await rawExchange(
      served.port,
      `POST / HTTP/1.1\r\n${host()}\r\nContent-Length: 1000000\r\n\r\nonly this`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('answers an expectation like any other request', async () => {
    for (const expectation of ['100-continue', 'something-else']) {
      const answer = await ask(`GET ${LOG} HTTP/1.1`, host(), `Expect: ${expectation}`);
      expect(judged(answer)).toEqual(refused(401));
    }
  });

  it('takes no upgrade', async () => {
    for (const protocol of ['websocket', 'h2c']) {
      const answer = await rawRequest(
        served.port,
        `GET ${LOG} HTTP/1.1\r\n${host()}\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n\r\n`,
      );
      expect(judged(answer)).toEqual(refused(401));
    }
  });

  it('does not answer garbage after a good request with bytes that would belong to the good answer', async () => {
    const text = await rawExchange(served.port, `GET /healthz HTTP/1.1\r\n${host()}\r\n\r\n\u0000garbage\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('turns away connections beyond the limit, and serves the rest', async () => {
    const sockets: Socket[] = [];
    const open = (): number => sockets.filter(({ closed }) => !closed).length;
    try {
      for (let i = 0; i < 30; i++) {
        const socket = openRaw(served.port, `GET /api/v1/events HTTP/1.1\r\n${host()}\r\n${AUTHORIZATION}\r\n\r\n`);
        sockets.push(socket.on('error', () => undefined).resume());
      }
      // A connection of this test's own client may be among the ten.
      await until('the rest is turned away', () => open() <= 10);
      expect(open()).toBeGreaterThanOrEqual(8);
    } finally {
      for (const socket of sockets) socket.destroy();
      await until('there is room again', () =>
        served.get('/healthz').then(
          ({ ok }) => ok,
          () => false,
        ),
      );
    }
  });
});
