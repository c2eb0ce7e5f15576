import type { EarshotNode } from '@earshot/testkit';
import { describeInLab, Neighbourhood, peerOf, sees, sendAndWait, texts } from './neighbourhood.js';

describeInLab('two subnets with a router, and one who knows people in both', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let carol: EarshotNode;

  beforeAll(async () => {
    const made = await Neighbourhood.inScene('two-subnets');
    ({ neighbourhood } = made);
    [alice, bob, carol] = made.nodes as [EarshotNode, EarshotNode, EarshotNode];
    await Promise.all(made.nodes.map((node) => node.start(['messenger', 'discovery'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice'), sees(alice, 'carol'), sees(carol, 'alice')]);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('tell a third of somebody beyond only once they are all acquainted, who is then found and written to', async () => {
    await sendAndWait(alice, 'bob', 'hello over there');
    await sendAndWait(carol, 'alice', 'hello over here');
    // Alice has accepted bob, and carol alice; carol is a stranger to alice, who tells her nothing.
    expect(await peerOf(carol, 'bob')).toBeUndefined();
    expect((await alice.command(['accept', 'carol'])).code).toBe(0);
    expect(await sees(carol, 'bob')).toMatchObject({ address: `${bob.host.ip}:${bob.port}`, trust: 'new' });
    await sendAndWait(carol, 'bob', 'alice told me where you are');
    expect(await texts(bob, 'carol', 'received')).toEqual(['alice told me where you are']);
  });
});
