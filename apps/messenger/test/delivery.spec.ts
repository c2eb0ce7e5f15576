import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { MESSAGE_TEXT_MAX_BYTES, REQUEST_MAX_MESSAGES } from '@earshot/protocol';
import { CuttingRelay } from './cutting-relay.js';
import { eventually, pair, Person, removeEverybody } from './people.js';

const relays: CuttingRelay[] = [];

afterEach(async () => {
  await removeEverybody();
  for (const relay of relays.splice(0)) await relay.stop();
});

const numbers = (count: number, prefix = 'n') => [...Array(count).keys()].map((i) => `${prefix}${i}`);

describe('delivery', () => {
  it('stores a message at the other end and says so only then', async () => {
    const [a, b] = await pair();
    const id = await a.send(b, 'merhaba dünya ✓');
    expect(await a.state(id)).toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(['merhaba dünya ✓']);
    const [ours] = await a.messagesWith(b);
    expect(ours).toMatchObject({ id, peer: b.id, username: 'bob', direction: 'sent', state: 'delivered' });
    const [theirs] = await b.messagesWith(a);
    expect(theirs).toMatchObject({ id, peer: a.id, username: 'alice', direction: 'received', state: 'received' });
  });

  it('goes both ways at once, in order', async () => {
    const [a, b] = await pair();
    const texts = numbers(300);
    await Promise.all([...texts.map((t) => a.send(b, t)), ...texts.map((t) => b.send(a, t))]);
    await eventually(async () => (await a.textsFrom(b)).length === 300 && (await b.textsFrom(a)).length === 300);
    expect(await b.textsFrom(a)).toEqual(texts);
    expect(await a.textsFrom(b)).toEqual(texts);
  });

  it('keeps what is written to somebody who is away, and delivers it once, in order, when they are back', async () => {
    const [a, b] = await pair();
    await a.state(await a.send(b, 'before'));
    await b.stop();
    const ids = [await a.send(b, 'one'), await a.send(b, 'two'), await a.send(b, 'three')];
    expect((await a.messagesWith(b)).map((m) => m.state)).toEqual(['delivered', 'queued', 'queued', 'queued']);
    await a.stop();
    await a.start();
    expect((await a.messagesWith(b)).map((m) => m.state)).toEqual(['delivered', 'queued', 'queued', 'queued']);
    await b.start();
    for (const id of ids) expect(await a.state(id)).toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(['before', 'one', 'two', 'three']);
  });

  it('loses nothing and doubles nothing over a connection that is cut again and again', async () => {
    const [a, b] = [await Person.create('alice', 'open'), await Person.create('bob', 'open')];
    const relay = new CuttingRelay(b.port);
    relays.push(relay);
    await relay.start();
    await a.connect(b, relay.port);
    // Long enough that a megabyte of tokens does not hold it by chance.
    const texts = numbers(1_000).map((text) => `${text} of the green bicycle`);
    for (const [n, text] of texts.entries()) {
      await a.send(b, text);
      if (n % 150 === 75) {
        relay.cut();
        await a.connect(b, relay.port).catch(() => undefined);
      }
    }
    await eventually(async () => (await b.textsFrom(a)).length >= texts.length, 60_000);
    expect(await b.textsFrom(a)).toEqual(texts);
    // Nobody between the two has read a word, in any of the usual disguises.
    const wire = Buffer.concat(relay.bytes);
    for (const word of [
      'green bicycle',
      ...[0, 1, 2].map((shift) => Buffer.from('green bicycle'.slice(shift)).toString('base64').slice(0, 12)),
      Buffer.from('green bicycle').toString('hex'),
    ])
      expect(wire.includes(word)).toBe(false);
  });

  it('goes on in order while sessions are replaced by fresh ones again and again', async () => {
    const [a, b] = await pair();
    const texts = numbers(2_000);
    const since = async () => (await a.client.call('whois', { peer: b.id })).session?.since;
    const first = await since();
    for (let i = 0; i < texts.length; i += 100) {
      await Promise.all(texts.slice(i, i + 100).map((text) => a.send(b, text)));
      // A messenger lets one address begin three handshakes a second: some of these are refused, and the old session stays.
      if (i % 500 === 0) await a.connect(b).catch(() => undefined);
    }
    await eventually(async () => (await b.textsFrom(a)).length >= texts.length);
    expect(await b.textsFrom(a)).toEqual(texts);
    expect(await since()).not.toBe(first);
  });

  it('to one peer is not held up by another one that has stopped reading', async () => {
    const [a, b] = [await Person.create('alice', 'open'), await Person.create('bob', 'open')];
    const c = await Person.create('carol', 'open');
    const relay = new CuttingRelay(b.port);
    relays.push(relay);
    await relay.start();
    await a.connect(b, relay.port);
    await a.connect(c);
    await a.state(await a.send(b, 'before'));
    relay.stall();
    const long = 'x'.repeat(MESSAGE_TEXT_MAX_BYTES);
    // More than the window and what the connection takes together; and always something for both in one turn.
    const ids: string[] = [];
    for (const round of numbers(40)) {
      const toBoth = [
        ...numbers(10).map((i) => a.send(b, `${long}${round}${i}`.slice(-MESSAGE_TEXT_MAX_BYTES))),
        a.send(c, round),
      ];
      ids.push(...(await Promise.all(toBoth)).slice(-1));
    }
    for (const id of ids) expect(await a.state(id)).toBe('delivered');
    expect(await c.textsFrom(a)).toEqual(numbers(40));
    expect(await b.textsFrom(a)).toEqual(['before']);
    // The peer comes back to life, by another way than the one it was stuck on.
    relay.cut();
    await a.connect(b);
    await eventually(async () => (await b.textsFrom(a)).length === 401, 60_000);
    expect(await b.textsFrom(a)).toHaveLength(401);
  }, 120_000);

  it('survives that both dial at the same moment', async () => {
    const [a, b] = [await Person.create('alice', 'open'), await Person.create('bob', 'open')];
    await Promise.allSettled([a.connect(b), b.connect(a)]);
    const ids = await Promise.all(numbers(50).map((text) => a.send(b, text)));
    const back = await Promise.all(numbers(50).map((text) => b.send(a, text)));
    for (const id of ids) expect(await a.state(id)).toBe('delivered');
    for (const id of back) expect(await b.state(id)).toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(numbers(50));
    expect(await a.textsFrom(b)).toEqual(numbers(50));
  });

  it('carries the longest text, and refuses a longer one, an empty one and one that is no text', async () => {
    const [a, b] = await pair();
    const longest = 'ü'.repeat(MESSAGE_TEXT_MAX_BYTES / 2);
    expect(await a.state(await a.send(b, longest))).toBe('delivered');
    await expect(a.send(b, `${longest}x`)).rejects.toMatchObject({ code: 'message-too-large' });
    await expect(a.send(b, '')).rejects.toMatchObject({ code: 'message-empty' });
    await expect(a.send(b, 'a\0b')).rejects.toMatchObject({ code: 'message-malformed' });
    expect(await b.textsFrom(a)).toEqual([longest]);
  });

  it('takes the same request twice for one message, and a changed one for a mistake', async () => {
    const [a, b] = await pair();
    const request = { id: randomUUID(), peer: b.id, text: 'once' };
    await a.client.call('send', request);
    expect(await a.state(request.id)).toBe('delivered');
    expect(await a.client.call('send', request)).toEqual({ id: request.id, state: 'delivered' });
    await expect(a.client.call('send', { ...request, text: 'twice' })).rejects.toMatchObject({ code: 'id-conflict' });
    expect(await b.textsFrom(a)).toEqual(['once']);
  });

  it('feeds every message and every state to a reader once, in order', async () => {
    const [a, b] = await pair();
    const ids = await Promise.all(numbers(20).map((text) => a.send(b, text)));
    for (const id of ids) await a.state(id);
    const seen = new Map<string, string[]>();
    let after = 0;
    for (;;) {
      const { items, upto } = await a.client.call('changes', { after, limit: 7 });
      for (const change of items)
        if (change.event !== 'forgotten') seen.set(change.id, [...(seen.get(change.id) ?? []), change.state]);
      if (items.length === 0) break;
      after = upto;
    }
    expect([...seen.keys()]).toEqual(ids);
    for (const states of seen.values()) expect(states).toEqual(['queued', 'sent', 'delivered']);
  });
});

describe('a disk that has become read-only', () => {
  it('refuses what the user does and says why, holds what peers send with them, and goes on by itself', async () => {
    const [a, b] = await pair();
    a.makeReadOnly(true);
    await expect(a.send(b, 'x')).rejects.toMatchObject({ code: 'store-failed' });
    await expect(a.accept(b)).rejects.toMatchObject({ code: 'store-failed' });
    await expect(a.client.call('register', { username: 'alicia' })).rejects.toMatchObject({ code: 'store-failed' });
    const id = await b.send(a, 'are you there?');
    expect(await b.state(id, 'delivered', 1_500)).not.toBe('delivered');
    a.makeReadOnly(false);
    expect(await b.state(id)).toBe('delivered');
    await a.send(b, 'y');
    await eventually(async () => (await b.textsFrom(a)).length === 1);
    expect(await b.textsFrom(a)).toEqual(['y']);
  });
});

describe('a stranger', () => {
  it('may leave twenty messages; the rest waits with the sender until the user decides', async () => {
    const [a, b] = await pair('requests');
    const texts = numbers(REQUEST_MAX_MESSAGES + 15);
    let last = '';
    for (const text of texts) last = await a.send(b, text);
    await eventually(async () => (await b.textsFrom(a)).length === REQUEST_MAX_MESSAGES);
    expect(await a.state(last, 'delivered', 300)).not.toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(texts.slice(0, REQUEST_MAX_MESSAGES));
    expect((await a.messagesWith(b)).filter((m) => m.state === 'rejected')).toEqual([]);
    await b.accept(a);
    expect(await a.state(last)).toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(texts);
  });

  it('is accepted by being written to', async () => {
    const [a, b] = await pair('requests');
    expect((await b.client.call('whois', { peer: a.id })).trust).toBe('new');
    expect((await a.client.call('whois', { peer: b.id })).trust).toBe('new');
    await a.state(await a.send(b, 'hello'));
    expect((await a.client.call('whois', { peer: b.id })).trust).toBe('accepted');
    await b.state(await b.send(a, 'hello too'));
    expect((await b.client.call('whois', { peer: a.id })).trust).toBe('accepted');
  });

  it('that is blocked gets nothing through and learns nothing', async () => {
    const [a, b] = await pair('open');
    await a.state(await a.send(b, 'before'));
    await b.client.call('setTrust', { peer: a.id, trust: 'blocked' });
    const id = await a.send(b, 'after');
    expect(await a.state(id, 'delivered', 500)).not.toBe('delivered');
    await expect(a.connect(b)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(b.send(a, 'x')).rejects.toMatchObject({ code: 'blocked-peer' });
    expect(await b.textsFrom(a)).toEqual(['before']);
  });
});

describe('the TCP port', () => {
  /** Sends bytes and answers with what came back before the other side closed. */
  function knock(port: number, bytes: Buffer | string): Promise<Buffer> {
    return new Promise((resolve) => {
      const answer: Buffer[] = [];
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk: Buffer) => answer.push(chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve(Buffer.concat(answer));
      });
    });
  }

  it.each([
    ['garbage', Buffer.from('\x00\x00\x00\x49\xff garbage', 'latin1')],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100', 'hex')],
    ['a frame of 4 GiB', Buffer.from('ffffffff01', 'hex')],
    ["the original's message", '{"unencrypted_message": "hi"}'],
  ])('closes on %s without a word, and goes on serving', async (_what, bytes) => {
    const [a, b] = await pair();
    expect(await knock(b.port, bytes)).toHaveLength(0);
    expect(await a.state(await a.send(b, 'still here'))).toBe('delivered');
  });

  it('gives a silent connection five seconds, and half a frame no more', async () => {
    const [a, b] = await pair();
    const started = performance.now();
    expect(await knock(b.port, Buffer.from('0000004901', 'hex'))).toHaveLength(0);
    expect(performance.now() - started).toBeGreaterThan(3_000);
    expect(await a.state(await a.send(b, 'still here'))).toBe('delivered');
  }, 20_000);
});
