import { createClient } from '@earshot/ipc';
import { logserverContract } from '@earshot/protocol/ipc';
import { join } from 'node:path';
import { ServedHistory } from '../test/served-history.js';
import { BOB, EVE } from '../test/written-history.js';

interface Page {
  readonly items: {
    readonly id: string;
    readonly text: string | null;
    readonly state: string;
    readonly peer: string;
  }[];
  readonly next: string | null;
}

describe('the log server', () => {
  let served: ServedHistory;
  beforeEach(async () => {
    served = await ServedHistory.start();
  });
  afterEach(async () => {
    await served.close();
  });

  const messages = (query = ''): Promise<Page> =>
    served.json(`/api/v1/conversations/${BOB}/messages${query}`) as Promise<Page>;
  const texts = ({ items }: Page): (string | null)[] => items.map(({ text }) => text);

  it('lists the conversations, the newest first', async () => {
    expect(await served.json('/api/v1/conversations')).toEqual({ items: [], next: null });
    served.history.receive(EVE, 'first', 'second');
    served.history.queue(BOB, 'third');
    const { items, next } = (await served.json('/api/v1/conversations')) as { items: unknown[]; next: unknown };
    const lastAt = expect.any(String) as string;
    expect(next).toBeNull();
    expect(items).toEqual([
      { peer: BOB, username: 'bob', trust: 'new', lastText: 'third', lastAt, count: 1, namesakeOf: null, claims: [] },
      { peer: EVE, username: 'eve', trust: 'new', lastText: 'second', lastAt, count: 2, namesakeOf: null, claims: [] },
    ]);
    expect(await served.json(`/api/v1/conversations?before=${BOB}`)).toEqual({ items: items.slice(1), next: null });
  });

  it('shows the messages of a conversation with the fields of every other view', async () => {
    const [id] = served.history.receive(BOB, 'merhaba dünya ✓');
    served.history.receive(EVE, 'not this one');
    const { items } = await messages();
    expect(items).toEqual(served.history.writer.page(BOB, { limit: 50 }).items);
    expect(items).toMatchObject([{ id, peer: BOB, username: 'bob', direction: 'received', text: 'merhaba dünya ✓' }]);
    expect(Object.keys(items[0] ?? {}).join()).toBe('id,peer,username,direction,text,sentAt,committedAt,state');
  });

  it('goes back page by page, each oldest first', async () => {
    served.history.receive(BOB, ...Array.from({ length: 25 }, (_, i) => String(i)));
    const newest = await messages('?limit=10');
    expect(texts(newest)).toEqual(['15', '16', '17', '18', '19', '20', '21', '22', '23', '24']);
    const middle = await messages(`?limit=10&before=${newest.next ?? ''}`);
    expect(texts(middle)).toEqual(['5', '6', '7', '8', '9', '10', '11', '12', '13', '14']);
    const oldest = await messages(`?limit=10&before=${middle.next ?? ''}`);
    expect(texts(oldest)).toEqual(['0', '1', '2', '3', '4']);
    expect(oldest.next).toBeNull();
  });

  it('keeps a page under 1 MiB, however long and strange the texts', async () => {
    served.history.receive(BOB, ...Array.from({ length: 60 }, () => '\u0001'.repeat(32_768)));
    const response = await served.get(`/api/v1/conversations/${BOB}/messages?limit=500`);
    const body = await response.text();
    expect(body.length).toBeLessThan(1024 * 1024);
    const { items, next } = JSON.parse(body) as Page;
    expect(items.length).toBeGreaterThan(0);
    expect(next).toBe(items[0]?.id);
  });

  it('finds words, in all conversations or in one', async () => {
    served.history.receive(BOB, 'the red boat', 'a blue boat');
    served.history.receive(EVE, 'Red BOAT');
    const found = (await served.json('/api/v1/search?q=boat%20red')) as Page;
    expect(texts(found)).toEqual(['Red BOAT', 'the red boat']);
    expect(found.next).toBeNull();
    expect(texts((await served.json(`/api/v1/search?q=boat&peer=${BOB}&limit=1`)) as Page)).toEqual(['a blue boat']);
    expect(texts((await served.json('/api/v1/search?q=%22%20OR%20*%20)')) as Page)).toEqual([]);
  });

  it('says what became of a message', async () => {
    served.history.queue(BOB, 'on its way');
    expect((await messages()).items[0]?.state).toBe('queued');
    served.history.deliver(BOB);
    expect((await messages()).items[0]?.state).toBe('delivered');
  });

  it.each([
    `/api/v1/conversations/${BOB}/messages?limit=0`,
    `/api/v1/conversations/${BOB}/messages?limit=501`,
    `/api/v1/conversations/${BOB}/messages?limit=1e2`,
    `/api/v1/conversations/${BOB}/messages?limit=5&limit=5`,
    `/api/v1/conversations/${BOB}/messages?limit=`,
    `/api/v1/conversations/${BOB}/messages?before=1`,
    `/api/v1/conversations/${BOB}/messages?befor=${BOB}`,
    `/api/v1/conversations/bob/messages`,
    `/api/v1/conversations/${BOB.toUpperCase()}/messages`,
    '/api/v1/conversations?limit=5',
    '/api/v1/search',
    '/api/v1/search?q=',
    '/api/v1/search?q=a&peer=bob',
    '/api/v1/search?q=a&__proto__=b',
    '/api/v1/events?after=1',
    '/api/v1/export',
    `/api/v1/export?peer=${BOB}&format=exe`,
    '/anna_chat_log.json?limit=1',
    '/%zz',
    `/${'a'.repeat(300)}`,
  ])('refuses %s and quotes nothing of it', async (path) => {
    const response = await served.get(path);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('bad-request');
    expect(error.message).toMatch(/^[a-z "]/);
    for (const sent of ['bob', 'exe', 'befor=', '__proto__', 'zz', 'aaaa']) expect(error.message).not.toContain(sent);
  });

  it.each(['/nothing', '/api/v1', '/api/v2/conversations', '/index.html', '/main.ts', '/Healthz', '/healthz/'])(
    'has nothing at %s',
    async (path) => {
      const response = await served.get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ error: { code: 'not-found', message: 'there is nothing here' } });
    },
  );

  it('tells over IPC which port it has', async () => {
    const client = createClient(logserverContract, { directory: join(served.file, '../ipc') });
    const health = await client.health();
    client.close();
    expect(health).toMatchObject({ service: 'logserver', ports: { http: served.port }, version: '1.2.3' });
  });

  it('logs nothing of what people said or asked', async () => {
    served.history.receive(BOB, 'canary');
    await served.json('/api/v1/search?q=canary');
    await served.get('/api/v1/search?q=canary&canary=1');
    expect(JSON.stringify(served.logged)).not.toContain('canary');
  });
});
