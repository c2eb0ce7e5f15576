import { once } from 'node:events';
import { until } from '@earshot/testkit';
import { openRaw } from '../../test/raw-request.js';
import { ServedHistory, TOKEN } from '../../test/served-history.js';
import { BOB, EVE } from '../../test/written-history.js';

describe('the event stream', () => {
  let served: ServedHistory;
  const start = async (limits = {}): Promise<void> => {
    served = await ServedHistory.start({ username: 'anna', limits });
  };
  afterEach(async () => {
    await served.close();
  });

  it('tells what happens from now on, with the fields of every other view', async () => {
    await start();
    served.history.receive(BOB, 'before');
    const events = await served.events();
    expect(events.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const id = served.history.queue(EVE, 'two\nlines, and data: \r\n\r\n');
    served.announce();
    served.history.deliver(EVE);
    served.announce();

    const [message, sent, delivered] = await events.take(3);
    const { items } = served.history.writer.page(EVE, { limit: 1 });
    expect(message).toMatchObject({ event: 'message', data: { ...items[0], state: 'queued' } });
    expect(Object.keys(message?.data ?? {}).join()).toBe('id,peer,username,direction,text,sentAt,committedAt,state');
    expect(sent).toMatchObject({ event: 'state', data: { id, peer: EVE, state: 'sent' } });
    expect(delivered).toMatchObject({ event: 'state', data: { id, peer: EVE, state: 'delivered' } });
    expect(delivered?.id).toBe(served.history.writer.lastSeq());
  });

  it('begins with the id to resume from, before anything has happened', async () => {
    await start();
    served.history.receive(BOB, 'before');
    const events = await served.events();
    const { id, data } = (await events.block()) ?? {};
    expect([id, data]).toEqual([served.history.writer.lastSeq(), undefined]);
    await events.close();

    served.history.receive(BOB, 'in between');
    const again = await served.events(id);
    expect((await again.next()).data).toMatchObject({ text: 'in between' });
  });

  it('resumes at every id, without a gap and without a repeat', async () => {
    await start();
    served.history.receive(BOB, 'a', 'b');
    for (let i = 0; i < 3; i++) served.history.queue(EVE, `to eve ${i}`);
    served.history.deliver(EVE);
    served.history.receive(BOB, 'c');
    const all = await (await served.events(0)).take(2 + 3 + 3 + 3 + 1);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const [i, { id = 0 }] of all.entries()) {
      const resumed = await served.events(id);
      served.history.receive(BOB, `after ${i}`);
      served.announce();
      const rest = await resumed.take(all.length - i);
      expect(rest.slice(0, -1)).toEqual(all.slice(i + 1));
      expect(rest.at(-1)?.data).toMatchObject({ text: `after ${i}` });
      await resumed.close();
      all.push(...rest.slice(-1));
      if (i === 11) break;
    }
  });

  it('goes on over a restart of the messenger, and what it wrote meanwhile', async () => {
    await start();
    const events = await served.events();
    await served.messenger.stop();
    served.history.receive(BOB, 'written while nobody could tell');
    await served.messenger.start();
    expect((await events.next()).data).toMatchObject({ text: 'written while nobody could tell' });
  });

  it('tells every reader', async () => {
    await start();
    const readers = await Promise.all(Array.from({ length: 20 }, () => served.events()));
    served.history.receive(BOB, 'for all');
    served.announce();
    for (const reader of readers) expect((await reader.next()).data).toMatchObject({ text: 'for all' });
  });

  it('shows that it is alive while nothing happens', async () => {
    await start({ heartbeatMs: 20 });
    const events = await served.events();
    await events.block();
    expect(await events.block()).toMatchObject({ comment: true, data: undefined, id: undefined });
    served.history.receive(BOB, 'still there');
    served.announce();
    expect((await events.next()).data).toMatchObject({ text: 'still there' });
  });

  it('outlives the time limit of requests', async () => {
    await start({ requestTimeoutMs: 200, headersTimeoutMs: 200 });
    const events = await served.events();
    await new Promise((resolve) => setTimeout(resolve, 600));
    served.history.receive(BOB, 'late');
    served.announce();
    expect((await events.next()).data).toMatchObject({ text: 'late' });
  });

  it('is cut for a reader that takes nothing, and nobody else notices', async () => {
    await start({ drainMs: 300 });
    const healthy = await served.events();
    const stalled = openRaw(
      served.port,
      `GET /api/v1/events HTTP/1.1\r\nHost: localhost:${served.port}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    await once(stalled, 'readable');
    // More than the buffers of both ends hold.
    for (let i = 0; i < 10; i++) served.history.receive(BOB, ...Array.from({ length: 50 }, () => 'x'.repeat(30_000)));
    served.announce();
    expect(await healthy.take(500)).toHaveLength(500);

    await until('it is cut', () => served.logged.some(({ event }) => event === 'event reader cut off'));
    let received = '';
    stalled.setEncoding('latin1').on('data', (text: string) => (received += text));
    await once(stalled, 'close');
    expect(received.split('event: message').length).toBeLessThan(500);
    expect(received.endsWith('0\r\n\r\n')).toBe(false);
  });

  it.each(['-1', '1.5', 'x', '9'.repeat(16), ''])('refuses the id %p', async (id) => {
    await start();
    const response = await served.get('/api/v1/events', { headers: { 'last-event-id': id } });
    expect(response.status).toBe(400);
  });

  it('refuses an id that the history has not reached: a copy was restored', async () => {
    await start();
    served.history.receive(BOB, 'only this');
    const beyond = String(served.history.writer.lastSeq() + 1);
    const response = await served.get('/api/v1/events', { headers: { 'last-event-id': beyond } });
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ error: { code: 'unknown-position' } });
  });

  it('answers HEAD and ends', async () => {
    await start();
    const response = await served.get('/api/v1/events', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('does not keep the server from stopping', async () => {
    await start();
    const events = await served.events();
    await events.block();
    await served.server.stop();
    await expect(events.next()).rejects.toThrow();
  });
});
