import { subscribe } from '@earshot/ipc';
import { messengerContract, type Unread } from '@earshot/protocol/ipc';
import { eventually, pair, Person, removeEverybody } from './people.js';

const following: { close(): void }[] = [];
afterEach(async () => {
  for (const one of following.splice(0)) one.close();
  await removeEverybody();
});

/** What somebody who follows the messenger knows to be unread, by peer. */
async function follow(person: Person): Promise<Map<string, Unread>> {
  const known = new Map<string, Unread>();
  let isUp = false;
  following.push(
    subscribe(messengerContract, {
      directory: person.sockets,
      onReset: () => {
        known.clear();
      },
      onEvent: (event) => {
        if (event.event !== 'unread') return;
        const { peer, messages, readUpTo } = event;
        known.set(peer, { peer, messages, readUpTo });
      },
      onUp: () => {
        isUp = true;
      },
    }),
  );
  await eventually(() => Promise.resolve(isUp));
  return known;
}

describe('what is unread', () => {
  it('is told to everybody who follows, as it comes, is read and is forgotten', async () => {
    const [a, b] = await pair();
    const early = await follow(b);
    const ids = [await a.send(b, 'one'), await a.send(b, 'two')];
    for (const id of ids) await a.state(id);
    const late = await follow(b);
    const everybodyKnows = (unread: Unread) =>
      eventually(() =>
        Promise.resolve([early, late].every((known) => JSON.stringify(known.get(a.id)) === JSON.stringify(unread))),
      );
    await everybodyKnows({ peer: a.id, messages: 2, readUpTo: null });
    const [first = '', second = ''] = ids;
    expect(await b.client.call('markRead', { peer: a.id, id: first })).toEqual({
      peer: a.id,
      messages: 1,
      readUpTo: first,
    });
    await everybodyKnows({ peer: a.id, messages: 1, readUpTo: first });
    await b.client.call('markRead', { peer: a.id });
    await everybodyKnows({ peer: a.id, messages: 0, readUpTo: second });
    // Nothing is read less.
    expect((await b.client.call('markRead', { peer: a.id, id: first })).messages).toBe(0);
    await a.state(await a.send(b, 'three'));
    await everybodyKnows({ peer: a.id, messages: 1, readUpTo: second });
    await b.client.call('forget', { peer: a.id });
    await everybodyKnows({ peer: a.id, messages: 0, readUpTo: null });
  });

  it('is what it was after a restart', async () => {
    const [a, b] = await pair();
    const id = await a.send(b, 'one');
    await a.state(id);
    await b.client.call('markRead', { peer: a.id, id });
    await a.state(await a.send(b, 'two'));
    await b.stop();
    await b.start();
    expect((await follow(b)).get(a.id)).toEqual({ peer: a.id, messages: 1, readUpTo: id });
  });

  it('of somebody unknown is nothing that could be read', async () => {
    const [a] = await pair();
    await expect(a.client.call('markRead', { peer: 'z'.repeat(51) + 'a' })).rejects.toMatchObject({
      code: 'unknown-peer',
    });
  });
});
