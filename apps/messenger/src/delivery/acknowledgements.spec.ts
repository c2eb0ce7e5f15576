import { worldOfEachTest } from '../../test/simulated/world.js';

const world = worldOfEachTest();

const [ALICE, BOB] = [0, 1] as const;

async function readAll(): Promise<void> {
  for (let round = 0; round < 4; round++)
    for (const party of [ALICE, BOB]) await world().take({ kind: 'read', party, count: 80, where: 0 });
}
const take = (party: 0 | 1, kind: 'connect' | 'compose' | 'composeUnknown' | 'read' | 'cut' | 'fill' | 'makeSpace') =>
  world().take({ kind, party, count: 1, where: 0 });

describe('an acknowledgement', () => {
  it.each(['ack', 'reject'] as const)(
    'of what was never sent (%s) ends the session and changes nothing',
    async (kind) => {
      const [alice, bob] = world().parties;
      await take(ALICE, 'connect');
      await readAll();
      await take(ALICE, 'compose');
      await readAll();
      const out = alice.history.outStream(bob.id);
      const stream = Buffer.from(out?.stream ?? '', 'hex');
      const [end] = alice.ends;
      end?.incoming.push(
        kind === 'ack'
          ? { type: 'ack', ack: { stream, upto: 2 } }
          : { type: 'reject', reject: { stream, n: 2, reason: 1 } },
      );
      await take(ALICE, 'read');
      expect(end?.isEnded).toBe(true);
      expect(alice.failures).toEqual(['ack-of-unsent']);
      expect(alice.history.outStream(bob.id)).toEqual(out);
    },
  );

  it('of a refused message says so also when the first REJECT was lost', async () => {
    await take(ALICE, 'connect');
    await readAll();
    await take(ALICE, 'composeUnknown');
    await take(BOB, 'read');
    await take(BOB, 'cut');
    await world().settle();
  });

  it('of a refused message says so also where the disk was full when it came', async () => {
    const [alice, bob] = world().parties;
    await take(ALICE, 'connect');
    await readAll();
    await take(BOB, 'fill');
    // One that fits no more takes the refused one with it: both come again when there is space.
    await take(ALICE, 'composeUnknown');
    await world().take({ kind: 'compose', party: ALICE, count: 80, where: 0 });
    await readAll();
    expect(alice.conversation(bob).map(({ state }) => state)).not.toContain('delivered');
    await take(BOB, 'makeSpace');
    for (let round = 0; round < 4; round++) {
      await world().take({ kind: 'wait', party: BOB, count: 2, where: 0 });
      await readAll();
    }
    expect(alice.failures).toEqual([]);
    const [refused, ...others] = alice.conversation(bob).map(({ state }) => state);
    expect(refused).toBe('rejected');
    expect(new Set(others)).toEqual(new Set(['delivered']));
  });

  it('comes only after the commit: on a full disk there is none, and nothing is lost when there is space again', async () => {
    const [alice, bob] = world().parties;
    await take(ALICE, 'connect');
    await readAll();
    await take(BOB, 'fill');
    await world().take({ kind: 'compose', party: ALICE, count: 80, where: 0 });
    await readAll();
    const states = alice.conversation(bob).map(({ state }) => state);
    expect(states).toHaveLength(80);
    expect(states).toContain('sent');
    await world().settle();
  });

  it('is waited for in vain no longer than the disk is full, also on a session that began meanwhile', async () => {
    await take(ALICE, 'fill');
    await world().take({ kind: 'compose', party: ALICE, count: 80, where: 0 });
    await take(BOB, 'connect');
    await take(ALICE, 'makeSpace');
    await world().take({ kind: 'wait', party: ALICE, count: 2, where: 0 });
    await take(BOB, 'compose');
    await world().settle();
  });
});
