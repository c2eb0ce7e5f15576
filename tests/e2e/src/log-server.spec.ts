import { readFileSync, statSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sendAndWait } from './neighbourhood.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** node:http rather than fetch, which sets Host itself. */
function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    asked.setTimeout(10_000, () => asked.destroy(new Error('no answer')));
    asked.on('error', reject).end();
  });
}

describe('the log server', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let http: number;
  let token: string;
  let withToken: Record<string, string>;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    let bob: EarshotNode;
    [alice, bob] = await neighbourhood.aliceAndBob();
    await sendAndWait(alice, 'bob', 'shown in the browser');
    await sendAndWait(bob, 'alice', '<b>answer</b>');
    http = alice.port + 1;
    token = readFileSync(join(alice.home, 'http-token'), 'utf8').trim();
    withToken = { authorization: `Bearer ${token}` };
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('keeps its token for the owner alone, and `logs --url` hands it out in the fragment', async () => {
    expect(statSync(join(alice.home, 'http-token')).mode & 0o777).toBe(0o600);
    const { stdout } = await alice.command(['logs', '--url']);
    expect(stdout.trim()).toBe(`http://127.0.0.1:${http}/#t=${token}`);
  });

  it('says that it is healthy, and shows its page, without a token', async () => {
    expect((await get(http, '/healthz')).status).toBe(200);
    const page = await get(http, '/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each(['/api/v1/conversations', '/api/v1/events', '/alice_chat_log.json', '/api/v1/search?q=shown'])(
    'answers 401 for %s without the token',
    async (path) => {
      for (const headers of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: `Bearer ${'A'.repeat(token.length)}` },
      ]) {
        const answer = await get(http, path, headers);
        expect(answer.status).toBe(401);
        expect(answer.body).not.toContain('shown in the browser');
      }
      expect((await get(http, `${path}${path.includes('?') ? '&' : '?'}token=${token}`)).status).toBe(401);
    },
  );

  it('shows the conversation with the token', async () => {
    const [bob] = await alice.ask('peers');
    const conversations = await get(http, '/api/v1/conversations', withToken);
    expect(conversations.status).toBe(200);
    expect(conversations.body).toContain(String(bob?.['id']));
    const messages = await get(http, `/api/v1/conversations/${String(bob?.['id'])}/messages`, withToken);
    const page = JSON.parse(messages.body) as { items: Record<string, unknown>[]; next: string | null };
    expect(page.items.map((item) => item['text']).sort()).toEqual(['<b>answer</b>', 'shown in the browser']);
    expect(page.items.find((item) => item['direction'] === 'sent')).toEqual((await alice.ask('history', 'bob'))[0]);
  });

  it('serves the chat log of the original program at its address and in its shape', async () => {
    const answer = await get(http, '/alice_chat_log.json', withToken);
    expect(answer.status).toBe(200);
    const log = JSON.parse(answer.body) as Record<string, unknown>[];
    expect(log.map((entry) => [entry['direction'], entry['message']])).toEqual([
      ['SENT', 'shown in the browser'],
      ['RECEIVED', '<b>answer</b>'],
    ]);
    for (const entry of log) expect(Object.keys(entry)).toEqual(['timestamp', 'direction', 'message']);
  });

  it('refuses other hosts, other origins and other methods, even with the token', async () => {
    const path = '/api/v1/conversations';
    for (const headers of [
      { host: `evil.example:${http}` },
      { origin: 'http://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await get(http, path, { ...withToken, ...headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await get(http, path, withToken, 'POST')).status).toBe(405);
  });
});
