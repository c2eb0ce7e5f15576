import fc from 'fast-check';
import { rawExchange } from '../test/raw-request.js';
import { ServedHistory, TOKEN } from '../test/served-history.js';
import { BOB } from '../test/written-history.js';

const PATHS = [
  '/',
  '/healthz',
  '/main.js',
  '/anna_chat_log.json',
  '/api/v1/conversations',
  `/api/v1/conversations/${BOB}/messages`,
  '/api/v1/search',
  '/api/v1/export',
];

describe('the log server and bytes that nobody thought of', () => {
  let served: ServedHistory;
  beforeAll(async () => {
    served = await ServedHistory.start({ username: 'anna', limits: { headersTimeoutMs: 400, requestTimeoutMs: 800 } });
    served.history.receive(BOB, 'the secret text');
  });
  afterAll(async () => {
    await served.close();
  });

  /** Every answer on a connection, up to its end. */
  const statuses = async (bytes: string): Promise<number[]> => {
    // A connection that is reset has been closed, too.
    const text = await rawExchange(served.port, bytes).catch(() => '');
    expect(text).toMatch(/^$|^HTTP\/1\.1 \d{3} /);
    return Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status));
  };

  const ascii = (maxLength: number) => fc.string({ unit: 'binary-ascii', maxLength });
  /** Mostly as it should be: what is wrong in every line is refused for the first of them. */
  const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
    fc.oneof({ arbitrary: right, weight: 6 }, { arbitrary: wrong, weight: 1 });
  const line = mostly(
    fc.constantFrom(
      'Accept: */*',
      'Accept-Encoding: gzip',
      'Range: bytes=0-',
      'Last-Event-ID: 7',
      'Expect: 100-continue',
    ),
    fc.oneof(
      ascii(20),
      fc.constantFrom(
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        'Upgrade: x',
        'Host: evil.example',
        'Origin: null',
        ' folded',
        ':',
      ),
    ),
  );
  const request = fc.record({
    method: mostly(fc.constantFrom('GET', 'HEAD'), fc.oneof(fc.constantFrom('POST', 'get', ''), ascii(6))),
    target: mostly(fc.constantFrom(...PATHS), fc.oneof(fc.webPath(), ascii(20))),
    version: mostly(fc.constantFrom('HTTP/1.1', 'HTTP/1.0'), fc.constantFrom('HTTP/2', 'HTTP/1.1 x', '')),
    host: mostly(fc.constant(true), fc.constant(false)),
    authorized: mostly(fc.constant(true), fc.constant(false)),
    lines: fc.array(line, { maxLength: 3 }),
    body: mostly(fc.constant(''), ascii(12)),
  });

  it('gets an HTTP answer or a closed connection, never a failure of the server', async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(request, async ({ method, target, version, host, authorized, lines, body }) => {
        const head = [
          `${method} ${target} ${version}`,
          ...(host ? [`Host: 127.0.0.1:${served.port}`] : []),
          ...(authorized ? [`Authorization: Bearer ${TOKEN}`] : []),
          ...lines,
          'Connection: close',
        ];
        for (const status of await statuses(`${head.join('\r\n')}\r\n\r\n${body}`)) {
          seen.add(status);
          expect(status).toBeLessThan(500);
        }
        expect(served.logged).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401]));
    expect((await served.get('/healthz')).status).toBe(200);
  });

  it('answers any query with what it asks for, or with what is wrong with it', async () => {
    const names = fc.oneof(
      fc.constantFrom('q', 'peer', 'before', 'limit', 'format', '__proto__'),
      fc.string({ maxLength: 8 }),
    );
    const values = fc.oneof(
      fc.constantFrom(
        BOB,
        '1',
        '500',
        '501',
        '-1',
        '1e1',
        'json',
        'html',
        '"',
        '*',
        'a OR',
        'NEAR(',
        '00000000-0000-4000-8000-000000000001',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const pairs = fc.array(fc.tuple(names, values), { maxLength: 4 });
    const encoded = pairs.map((list) => list.map(([name, value]) => `${encoded1(name)}=${encoded1(value)}`).join('&'));
    const raw = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => text.replaceAll('#', ''));
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), fc.oneof(encoded, raw), async (path, query) => {
        const bytes = `GET ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
        const answers = await statuses(bytes);
        expect(answers.length).toBe(1);
        expect([200, 400, 404]).toContain(answers[0]);
        expect(served.logged).toEqual([]);
        seen.add(answers[0] ?? 0);
      }),
      { numRuns: 400 },
    );
    expect([...seen]).toEqual(expect.arrayContaining([200, 400]));
  });
});

/** encodeURIComponent, also for half of a pair. */
function encoded1(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
