import type { Change } from '@earshot/protocol/ipc';
import { eventually, pair, Person, removeEverybody } from './people.js';

afterEach(removeEverybody);

/** To its end, as the command does. */
async function forget(person: Person, other: Person, before?: string) {
  let [messages, undelivered] = [0, 0];
  let upto: number | undefined;
  for (;;) {
    const piece = await person.client.call('forget', {
      peer: other.id,
      ...(before === undefined ? {} : { before }),
      ...(upto === undefined ? {} : { upto }),
    });
    messages += piece.messages;
    undelivered += piece.undelivered;
    if (piece.isDone) return { messages, undelivered };
    ({ upto } = piece);
  }
}
const changes = async (person: Person, after = 0): Promise<Change[]> =>
  (await person.client.call('changes', { after })).items;

describe('what is forgotten', () => {
  it('is gone here, stays there, and does not come back with the next session', async () => {
    const [a, b] = await pair();
    await b.connect(a);
    await a.state(await a.send(b, 'from a'));
    await b.state(await b.send(a, 'from b'));
    expect(await forget(a, b)).toEqual({ messages: 2, undelivered: 0 });
    expect(await a.messagesWith(b)).toEqual([]);
    expect(await b.messagesWith(a)).toHaveLength(2);
    for (const person of [a, b]) {
      await person.stop();
      await person.start();
    }
    await a.connect(b);
    await b.state(await b.send(a, 'after'));
    expect(await a.textsFrom(b)).toEqual(['after']);
    expect((await a.messagesWith(b)).length).toBe(1);
  });

  it('and was not delivered goes out as nothing, and what follows it arrives', async () => {
    const [a, b] = await pair();
    await a.state(await a.send(b, 'before'));
    await b.stop();
    const lost = await a.send(b, 'never mind');
    const waits = a.state(lost);
    expect(await forget(a, b)).toEqual({ messages: 2, undelivered: 1 });
    expect(await waits).toBe('cancelled');
    expect((await a.client.call('outbox', {})).items).toEqual([]);
    expect((await a.client.call('whois', { peer: b.id })).queued).toBe(0);
    const again = await a.client.call('send', { id: lost, peer: b.id, text: 'never mind' });
    expect(again).toEqual({ id: lost, state: 'cancelled' });
    const kept = await a.send(b, 'but this');
    await b.start();
    expect(await a.state(kept)).toBe('delivered');
    expect(await b.textsFrom(a)).toEqual(['before', 'but this']);
    const told = (await changes(a)).filter(({ event }) => event !== 'message');
    expect(told.map((change) => ('id' in change ? change.id : change.event))).toEqual(['forgotten', kept, kept]);
  });

  it('is a whole long conversation, piece by piece, while somebody goes on writing', async () => {
    const [a, b] = await pair();
    const messages = Array.from({ length: 450 }, (_, n) => ({ id: uuid(n), text: `text ${n}` }));
    await a.client.call('sendMany', { peer: b.id, messages });
    await a.state(uuid(449));
    const late = b.send(a, 'late');
    const { messages: count } = await forget(a, b);
    await b.state(await late);
    // It came before the command or after it: either way all of the others are gone.
    const left = await a.messagesWith(b);
    expect([count + left.length, left.filter(({ text }) => text !== 'late')]).toEqual([451, []]);
    // In pieces, which readers are told of once.
    expect((await changes(a)).filter(({ event }) => event === 'forgotten')).toHaveLength(1);
  });

  it('is refused while nothing can be stored, and nothing of it is gone', async () => {
    const [a, b] = await pair();
    await a.state(await a.send(b, 'still here'));
    a.makeReadOnly(true);
    await expect(forget(a, b)).rejects.toMatchObject({ code: 'store-failed' });
    a.makeReadOnly(false);
    expect(await a.messagesWith(b)).toHaveLength(1);
    await eventually(async () => (await forget(a, b).catch(() => undefined))?.messages === 1);
  });

  it('with somebody unknown is nobody', async () => {
    const [a] = await pair();
    await expect(a.client.call('forget', { peer: 'z'.repeat(51) + 'a' })).rejects.toMatchObject({
      code: 'unknown-peer',
    });
  });
});

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
