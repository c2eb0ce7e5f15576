import { until } from '@earshot/testkit';
import { Neighbourhood, sendAndWait, texts } from './neighbourhood.js';

describe('somebody whom one has never answered', () => {
  let neighbourhood: Neighbourhood;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('can leave twenty messages; the rest waits, unharmed, for an answer', async () => {
    const [alice, bob] = await neighbourhood.aliceAndBob();
    const written = Array.from({ length: 23 }, (_, n) => `request ${n + 1}`);
    const { code, json } = await bob.command(['send', 'alice', '-', '--json'], `${written.join('\n')}\n`);
    expect([code, json.length]).toEqual([0, 23]);

    const states = async (): Promise<unknown[]> => (await bob.ask('history', 'alice')).map((row) => row['state']);
    await until('twenty have arrived', async () => (await states())[19] === 'delivered');
    expect(await texts(alice, 'bob')).toEqual(written.slice(0, 20));
    // Told to wait, not refused: what is refused would be gone for good.
    expect((await states()).slice(20)).not.toContain('delivered');
    expect((await states()).slice(20)).not.toContain('rejected');

    await sendAndWait(alice, 'bob', 'here I am');
    await until('all have arrived', async () => (await texts(alice, 'bob', 'received')).length === 23);
    expect(await texts(alice, 'bob', 'received')).toEqual(written);
  });
});
