import { worldOfEachTest, type Step } from '../../test/simulated/world.js';

/** Schedules that each once lost a message or told the user something untrue; the property tests look for more. */
const world = worldOfEachTest();

const [ALICE, BOB] = [0, 1] as const;
type Kind = Step['kind'];

/** One step: who, what, how many, and which of those there are. */
const take = (party: 0 | 1, kind: Kind, count = 1, where = 0) => world().take({ party, kind, count, where });

/** Both are connected and everything has been read. */
async function meet(): Promise<void> {
  await take(ALICE, 'connect');
  for (let round = 0; round < 6; round++)
    for (const end of [0, 1]) for (const party of [ALICE, BOB]) await take(party, 'read', 80, end);
}

describe('after a restore', () => {
  it('a message that the peer acknowledged and lost later is there again, also when our stream has changed since', async () => {
    await take(BOB, 'copy');
    await take(ALICE, 'compose', 1);
    await meet();
    await take(ALICE, 'copy');
    await take(ALICE, 'compose', 1);
    await meet();
    await take(ALICE, 'restore');
    await take(ALICE, 'compose', 1);
    await meet();
    await take(BOB, 'restore');
    await world().settle();
  });

  it('a message is there again also when the peer acknowledged it between two restores of its own', async () => {
    await take(ALICE, 'compose', 1);
    await meet();
    await take(ALICE, 'copy');
    await take(BOB, 'copy');
    await take(ALICE, 'compose', 1);
    await meet();
    await take(BOB, 'copy');
    await take(ALICE, 'restore');
    await take(BOB, 'restore', 1, 0);
    await take(ALICE, 'compose', 1);
    await meet();
    await take(BOB, 'restore', 1, 1);
    await world().settle();
  });

  it('a copy of us that is put back again and again is recognised each time, also beyond the streams that a SYNC names', async () => {
    await take(ALICE, 'compose', 1);
    await meet();
    await take(ALICE, 'copy');
    for (let time = 0; time < 6; time++) {
      await take(ALICE, 'compose', 2);
      await meet();
      await take(ALICE, 'restore');
    }
    await take(ALICE, 'compose', 2);
    await world().settle();
  });

  it('what the peer lost waits in the outbox again, also when the session that told us so is cut at once', async () => {
    const [alice, bob] = world().parties;
    await take(BOB, 'copy');
    await take(ALICE, 'compose', 2);
    await meet();
    await take(BOB, 'restore');
    await take(ALICE, 'read', 80);
    await take(ALICE, 'connect');
    await take(ALICE, 'read', 2);
    await take(ALICE, 'cut');
    expect(alice.conversation(bob).map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect(alice.delivery.hasPending(bob.id)).toBe(true);
  });

  it('what only the peer holds is reported although we have nothing to send any more', async () => {
    await take(ALICE, 'copy');
    await take(ALICE, 'compose', 1);
    await meet();
    await take(ALICE, 'restore');
    await meet();
    expect(world().parties[ALICE].reports).toContain('us');
  });
});

describe('while a new session replaces an older one', () => {
  it('nobody is told of a restore that never was', async () => {
    await take(ALICE, 'connect');
    await take(ALICE, 'read', 80);
    await take(ALICE, 'compose', 1);
    await take(ALICE, 'connect');
    await take(BOB, 'read', 4);
    await take(ALICE, 'compose', 80);
    await take(ALICE, 'read', 2);
    await world().settle();
    for (const { reports } of world().parties) expect([...reports]).toEqual([]);
  });

  it('a refused message stays refused, although the session that said so is gone', async () => {
    await take(ALICE, 'connect');
    await take(BOB, 'connect');
    await take(ALICE, 'read');
    await take(BOB, 'composeUnknown');
    await take(BOB, 'read');
    await take(ALICE, 'composeUnknown');
    await take(ALICE, 'compose');
    await take(ALICE, 'compose');
    await take(BOB, 'read', 1, 1);
    await world().settle();
  });

  it('what the older one brought meanwhile is repeated there at once when the new one fails', async () => {
    await meet();
    await take(ALICE, 'connect');
    await take(ALICE, 'compose', 3);
    await take(BOB, 'read', 80, 0);
    await take(BOB, 'cut');
    for (let round = 0; round < 3; round++) for (const party of [ALICE, BOB]) await take(party, 'read', 80);
    const [alice, bob] = world().parties;
    expect(alice.conversation(bob).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  });
});
