import { randomUUID } from 'node:crypto';
import { REQUEST_MAX_MESSAGES } from '@earshot/protocol';
import type { Message, OutboxCursor } from '@earshot/protocol/ipc';
import { eventually, pair, Person, removeEverybody } from './people.js';

afterEach(removeEverybody);

const cancel = (person: Person, id: string) => person.client.call('cancel', { id });
const life = async (person: Person, id: string) =>
  (await person.client.call('why', { id })).events.map(({ event }) => event);
const texts = (messages: readonly Message[]) => messages.map(({ text }) => text);

/** All pages. */
async function outbox(person: Person): Promise<Message[]> {
  const all: Message[] = [];
  for (let after: OutboxCursor | undefined; ;) {
    const page = await person.client.call('outbox', after === undefined ? {} : { after });
    all.push(...page.items);
    if (page.next === null) return all;
    after = page.next;
  }
}
const waiting = async (person: Person) => (await person.client.call('outbox', {})).waiting;

describe('the outbox', () => {
  it('is empty once all is delivered', async () => {
    const [a, b] = await pair();
    await a.state(await a.send(b, 'hello'));
    expect(await a.client.call('outbox', {})).toEqual({ items: [], waiting: [], next: null });
  });

  it('holds what waits for somebody who is away, and says so, with the last attempt and the next', async () => {
    const [a, b] = await pair();
    await b.stop();
    for (const text of ['one', 'two']) await a.send(b, text);
    expect(texts(await outbox(a))).toEqual(['one', 'two']);
    await eventually(async () => (await waiting(a))[0]?.failure === 'ECONNREFUSED');
    const [why] = await waiting(a);
    const address = `127.0.0.1:${b.port}`;
    expect(why).toMatchObject({ peer: b.id, username: 'bob', cause: 'away', address, failure: 'ECONNREFUSED' });
    await eventually(async () => (await waiting(a))[0]?.nextTryMs !== null);
    expect((await waiting(a))[0]?.nextTryMs).toBeGreaterThanOrEqual(0);
  });

  it('tells a peer that takes nothing from one that is away', async () => {
    const [a, b] = await pair('requests');
    let last = '';
    for (let i = 0; i < REQUEST_MAX_MESSAGES + 3; i++) last = await a.send(b, `n${i}`);
    await eventually(async () => (await waiting(a))[0]?.cause === 'paused');
    expect((await waiting(a)).map(({ cause }) => cause)).toEqual(['paused']);
    expect((await a.client.call('why', { id: last })).waiting?.cause).toBe('paused');
    expect(await outbox(a)).toHaveLength(3);
    await b.accept(a);
    await a.state(last);
    expect(await outbox(a)).toEqual([]);
  });

  it('names a decision of the user that holds messages back', async () => {
    const [a, b] = await pair();
    await b.stop();
    await a.send(b, 'one');
    const decided = async (trust: 'blocked' | 'new') => {
      await a.client.call('setTrust', { peer: b.id, trust });
      return (await waiting(a)).map(({ cause }) => cause);
    };
    expect(await decided('blocked')).toEqual(['blocked']);
    expect(await decided('new')).toEqual(['not-accepted']);
  });

  it('has every message of every peer once, however many pages it takes', async () => {
    const [a, b] = await pair();
    const c = await Person.create('carol', 'open');
    await a.connect(c);
    await Promise.all([b.stop(), c.stop()]);
    const sent = Array.from({ length: 300 }, (_, i) => `n${i}`);
    await Promise.all(sent.flatMap((text) => [a.send(c, text), a.send(b, text)]));
    const all = await outbox(a);
    for (const person of [b, c]) expect(texts(all.filter(({ peer }) => peer === person.id))).toEqual(sent);
    expect(all).toHaveLength(600);
  });
});

describe('cancelling', () => {
  it('takes back what was never sent: it is in no history, and the others arrive in order', async () => {
    const [a, b] = await pair();
    await b.stop();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) ids.push(await a.send(b, text));
    const id = ids[1] ?? '';
    expect(await cancel(a, id)).toEqual({ id, state: 'cancelled' });
    expect(await cancel(a, id)).toEqual({ id, state: 'cancelled' });
    expect(texts(await a.messagesWith(b))).toEqual(['one', 'three']);
    await b.start();
    await a.state(ids[2] ?? '');
    expect(await b.textsFrom(a)).toEqual(['one', 'three']);
    expect(await life(a, id)).toEqual(['queued', 'cancelled']);
  });

  it('ends whoever waits for the message, and is told to whoever reads the feed', async () => {
    const [a, b] = await pair();
    await b.stop();
    const id = await a.send(b, 'never mind');
    // Longer than the test may last: it must not be the time that ends it.
    const waits = a.state(id, 'delivered', 60_000);
    const { upto } = await a.client.call('changes', {});
    await cancel(a, id);
    expect(await waits).toBe('cancelled');
    expect(await a.state(id)).toBe('cancelled');
    const { items } = await a.client.call('changes', { after: upto });
    expect(items).toEqual([{ event: 'state', seq: upto + 1, id, peer: b.id, state: 'cancelled' }]);
  }, 20_000);

  it('is final: the same request repeated does not send the message after all', async () => {
    const [a, b] = await pair();
    await b.stop();
    const request = { id: randomUUID(), peer: b.id, text: 'never mind' };
    await a.client.call('send', request);
    await cancel(a, request.id);
    expect(await a.client.call('send', request)).toEqual({ id: request.id, state: 'cancelled' });
    await a.stop();
    await a.start();
    expect(await a.client.call('send', request)).toEqual({ id: request.id, state: 'cancelled' });
    expect(await outbox(a)).toEqual([]);
  });

  it('is refused for what was sent, for what others wrote, and for an id that nobody used', async () => {
    const [a, b] = await pair();
    const sent = await a.send(b, 'sent');
    await a.state(sent);
    const received = await b.send(a, 'received');
    await b.state(received);
    await expect(cancel(a, sent)).rejects.toMatchObject({ code: 'already-sent' });
    await expect(cancel(a, received)).rejects.toMatchObject({ code: 'received-message' });
    await expect(cancel(a, randomUUID())).rejects.toMatchObject({ code: 'unknown-message' });
    expect(texts(await a.messagesWith(b))).toEqual(['sent', 'received']);
  });

  it('under way in the midst of sending, either keeps a message from the other side or is refused', async () => {
    const [a, b] = await pair();
    const kept: string[] = [];
    const tasks = Array.from({ length: 400 }, async (_, i) => {
      const request = { id: randomUUID(), peer: b.id, text: `n${i}` };
      const queued = a.client.call('send', request);
      // Asked together, in one go or a little later: what is certain each time is that both sides agree.
      if (i % 3 > 0) await queued;
      const gone = await cancel(a, request.id).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'already-sent' });
          return false;
        },
      );
      await queued;
      if (!gone) kept.push(request.text);
      return gone;
    });
    const gone = (await Promise.all(tasks)).filter(Boolean).length;
    expect(gone + kept.length).toBe(400);
    const last = await a.send(b, 'last');
    expect(await a.state(last)).toBe('delivered');
    const inOrder = [...kept].sort((x, y) => Number(x.slice(1)) - Number(y.slice(1)));
    expect(await b.textsFrom(a)).toEqual([...inOrder, 'last']);
    expect(texts(await a.messagesWith(b))).toEqual([...inOrder, 'last']);
  });
});

describe('the life of a message', () => {
  it('is told with the session that carried it, and waits for nothing at its end', async () => {
    const [a, b] = await pair();
    await b.stop();
    const id = await a.send(b, 'later');
    await b.start();
    await a.state(id);
    const { events, waiting, ...rest } = await a.client.call('why', { id });
    expect(rest).toEqual({ id, peer: b.id, username: 'bob' });
    expect(events.map(({ event }) => event)).toEqual(['queued', 'met', 'sent', 'delivered']);
    expect(events[1]).toMatchObject({ address: `127.0.0.1:${b.port}`, interface: 'lo' });
    expect(waiting).toBeNull();
    await a.stop();
    await a.start();
    expect((await a.client.call('why', { id })).events).toEqual(events);
    expect(await life(b, id)).toEqual(['written', 'stored']);
  });

  it('says what it waits for while it is not over, and knows only ids that somebody used', async () => {
    const [a, b] = await pair();
    await b.stop();
    const id = await a.send(b, 'later');
    const { events, waiting } = await a.client.call('why', { id });
    // They met before it was written: it is the newest session, and may have to do with it.
    expect(events.map(({ event }) => event)).toEqual(['met', 'queued']);
    expect(waiting).toMatchObject({ cause: 'away', peer: b.id });
    await expect(life(a, randomUUID())).rejects.toMatchObject({ code: 'unknown-message' });
  });
});
