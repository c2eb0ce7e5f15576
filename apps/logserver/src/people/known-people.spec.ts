import type { Peer } from '@earshot/protocol/ipc';
import { until } from '@earshot/testkit';
import { ServedHistory } from '../../test/served-history.js';
import { BOB, EVE } from '../../test/written-history.js';

const person = (id: string, more: Partial<Peer> = {}): Peer => ({
  id,
  username: 'bob',
  address: '192.0.2.7:7001',
  presence: 'online',
  lastSeen: new Date(0).toISOString(),
  trust: 'accepted',
  ...more,
});
const impostor = person(EVE, { trust: 'new', namesakeOf: { id: BOB, username: 'bob' }, address: '192.0.2.66:7001' });

describe('people of one name', () => {
  let served: ServedHistory;
  beforeEach(async () => {
    served = await ServedHistory.start();
    served.history.receive(BOB, 'it is me');
  });
  afterEach(async () => {
    await served.close();
  });

  const conversations = async () =>
    (
      (await served.json('/api/v1/conversations')) as {
        items: { peer: string; namesakeOf: unknown; claims: unknown[] }[];
      }
    ).items;

  it('are told apart in the conversations, also where one of them has never written', async () => {
    served.messenger.tell(person(BOB));
    served.messenger.tell(impostor);
    await until('it is known', async () => (await conversations())[0]?.claims.length === 1);
    const claims = [{ id: EVE, username: 'bob', address: '192.0.2.66:7001' }];
    expect(await conversations()).toMatchObject([{ peer: BOB, namesakeOf: null, claims }]);
    served.history.receive(EVE, 'no, me');
    expect(await conversations()).toMatchObject([
      { peer: EVE, namesakeOf: { id: BOB, username: 'bob' }, claims: [] },
      { peer: BOB, namesakeOf: null, claims },
    ]);
    served.messenger.tell({ ...impostor, trust: 'blocked', namesakeOf: undefined });
    await until('it is over', async () => (await conversations())[1]?.claims.length === 0);
  });

  it('are an event as soon as they are known, and again only when something else is known of them', async () => {
    const reader = await served.events(undefined, '?peers=true');
    served.messenger.tell(impostor);
    const { event, id, data } = await reader.next();
    const fields = JSON.parse(JSON.stringify({ ...impostor, namesakeOf: undefined })) as Peer;
    expect([event, id, data]).toEqual(['peer', undefined, fields]);
    served.messenger.tell({ ...impostor, lastSeen: new Date(1).toISOString() });
    served.messenger.tell({ ...impostor, presence: 'away' });
    expect((await reader.next()).data).toMatchObject({ id: EVE, presence: 'away' });
    // A messenger that starts again tells everything again.
    await served.messenger.stop();
    await served.messenger.start();
    served.messenger.tell({ ...impostor, presence: 'online' });
    expect((await reader.next()).data).toMatchObject({ id: EVE, presence: 'online' });
  });
});
