import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { HistoryReader } from '@earshot/history';
import { jest } from '@jest/globals';
import { ServedHistory, TOKEN } from '../test/served-history.js';
import { BOB, EVE } from '../test/written-history.js';

/** With node:http, which reads only what is asked for. */
async function open(served: ServedHistory, path: string): Promise<IncomingMessage> {
  const request = get({ port: served.port, path, agent: false, headers: { authorization: `Bearer ${TOKEN}` } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function rest(response: IncomingMessage, first = ''): Promise<string> {
  let text = first;
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}

describe('the whole history', () => {
  let served: ServedHistory;
  beforeEach(async () => {
    served = await ServedHistory.start();
  });
  afterEach(async () => {
    await served.close();
  });

  it('is served as the original program wrote it, at its address', async () => {
    served.history.receive(BOB, 'hello');
    served.history.queue(EVE, '"quoted"\nand more ✓');
    const response = await served.get('/anna_chat_log.json');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const [hello, quoted] = [...served.history.writer.iterateAll()].map(({ committedAt }) => committedAt);
    expect(await response.json()).toEqual([
      { timestamp: hello, direction: 'RECEIVED', message: 'hello' },
      { timestamp: quoted, direction: 'SENT', message: '"quoted"\nand more ✓' },
    ]);
  });

  it.each([
    '/bob_chat_log.json',
    '/ANNA_chat_log.json',
    '/_chat_log.json',
    '/anna_chat_log.json/',
    '/anna%00_chat_log.json',
  ])('is not at %s', async (path) => {
    expect((await served.get(path)).status).toBe(404);
  });

  it.each(['ayşe', 'שרה_2', 'x'.repeat(32), '字'.repeat(21)])(
    'is found under any registered name: %s',
    async (name) => {
      served.history.writer.transaction((tx) => {
        tx.setUsername(name);
      });
      expect(await served.json(`/${encodeURIComponent(name)}_chat_log.json`)).toEqual([]);
      expect((await served.get('/anna_chat_log.json')).status).toBe(404);
    },
  );

  it('is nowhere while nobody has registered', async () => {
    const unregistered = await ServedHistory.start({ username: null });
    try {
      for (const name of ['', 'null', 'undefined']) {
        expect((await unregistered.get(`/${name}_chat_log.json`)).status).toBe(404);
      }
    } finally {
      await unregistered.close();
    }
  });

  it.each([
    ['json', 'application/json; charset=utf-8'],
    ['ndjson', 'application/x-ndjson; charset=utf-8'],
    ['txt', 'text/plain; charset=utf-8'],
    ['html', 'text/html; charset=utf-8'],
  ])('is exported by conversation as %s', async (format, contentType) => {
    served.history.receive(BOB, 'wanted');
    served.history.receive(EVE, 'unwanted');
    const response = await served.get(`/api/v1/export?peer=${BOB}&format=${format}`);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="earshot-bbbbbbbbbb.${format}"`);
    const body = await response.text();
    expect(body).toContain('wanted');
    expect(body).not.toContain('unwanted');
  });

  it('is exported as the very messages that the pages show', async () => {
    served.history.receive(BOB, ...Array.from({ length: 1_200 }, (_, i) => `message ${i}`));
    const page = (await served.json(`/api/v1/conversations/${BOB}/messages?limit=500`)) as { items: unknown[] };
    const exported = (await served.json(`/api/v1/export?peer=${BOB}`)) as unknown[];
    expect(exported).toHaveLength(1_200);
    expect(exported.slice(-500)).toEqual(page.items);
  });

  describe('when it is long', () => {
    const TEXT = 'x'.repeat(30_000);
    const MESSAGES = 600;
    beforeEach(() => {
      for (let i = 0; i < MESSAGES; i += 100) served.history.receive(BOB, ...Array.from({ length: 100 }, () => TEXT));
    });

    it.each([`/api/v1/export?peer=${BOB}&format=ndjson`, '/anna_chat_log.json'])(
      'waits for its reader, and holds little meanwhile: %s',
      async (path) => {
        const response = await open(served, path);
        const [first] = (await once(response, 'data')) as [Buffer];
        response.pause();
        // What was stored before the request is in it, what comes later is not: it goes on to be read bit by bit.
        served.history.receive(BOB, 'too late');
        const socket = response.socket;
        let received = 0;
        // Until nothing more arrives, the buffers of both ends being full.
        for (let last = -1; last !== received; await new Promise((resolve) => setTimeout(resolve, 200))) {
          last = received;
          received = socket.bytesRead;
        }
        expect(received).toBeLessThan((MESSAGES * TEXT.length) / 2);

        const whole = await rest(response, first.toString());
        expect(whole.split(TEXT)).toHaveLength(MESSAGES + 1);
        expect(whole).not.toContain('too late');
      },
    );

    it('stops when its reader goes', async () => {
      const response = await open(served, `/api/v1/export?peer=${BOB}`);
      await once(response, 'data');
      response.destroy();
      await once(response, 'close');
      expect(await served.json('/api/v1/conversations')).toBeDefined();
      expect(served.logged).toEqual([]);
    });

    it('is cut, not ended, when it cannot be read to its end', async () => {
      const response = await open(served, `/api/v1/export?peer=${BOB}`);
      const [first] = (await once(response, 'data')) as [Buffer];
      response.pause();
      renameSync(served.file, `${served.file}.moved`);
      expect((await served.get('/api/v1/conversations')).status).toBe(503);
      await expect(rest(response, first.toString())).rejects.toThrow('aborted');
      expect(served.logged.map(({ event }) => event)).toEqual(['stream cut short']);
    });

    it('is not made at all for HEAD', async () => {
      const read = jest.spyOn(HistoryReader.prototype, 'iterateConversation');
      try {
        const response = await served.get(`/api/v1/export?peer=${BOB}`, { method: 'HEAD' });
        expect([response.status, await response.text()]).toEqual([200, '']);
        expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(read).not.toHaveBeenCalled();
        await (await served.get(`/api/v1/export?peer=${BOB}`)).text();
        expect(read).toHaveBeenCalledTimes(1);
      } finally {
        read.mockRestore();
      }
    });
  });
});
