import { Door } from './door.js';
import { eventually, Person, removeEverybody } from './people.js';
import { RosterService } from './roster-service.js';

const doors: Door[] = [];
let roster: RosterService | undefined;
afterEach(async () => {
  for (const door of doors.splice(0)) door.close();
  await roster?.stop();
  await removeEverybody();
});

async function door(...how: Parameters<typeof Door.open>): Promise<Door> {
  const made = await Door.open(...how);
  doors.push(made);
  return made;
}

/** Alice hears of bob at these doors, the newest first, and has accepted him. */
async function hears(alice: Person, bob: Person, at: readonly Door[]): Promise<void> {
  roster = await RosterService.startFor(alice);
  const lastHeard = new Date().toISOString();
  roster.heard(bob, '1'.repeat(16), {
    addresses: at.map(({ address }) => ({ address, interface: 'lo', lastHeard, dialable: true })),
  });
  await eventually(async () => (await alice.client.call('peers', {})).items.some(({ id }) => id === bob.id));
  await alice.accept(bob);
}

const whois = (one: Person, other: Person) => one.client.call('whois', { peer: other.id });

describe('somebody with several addresses', () => {
  it('is reached at another one while the first does not answer, which is then given up without a word', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    const happened: string[] = [];
    const dead = await door(undefined, (what) => happened.push(`dead ${what}`));
    const good = await door(bob.port, (what) => happened.push(`good ${what}`));
    await hears(alice, bob, [dead, good]);
    expect(await alice.state(await alice.send(bob, 'hello'))).toBe('delivered');
    await eventually(() => Promise.resolve(dead.standing.size === 0));
    expect(happened).toEqual(['dead opened', 'good opened', 'dead closed']);
    expect(await bob.textsFrom(alice)).toEqual(['hello']);
    expect(alice.warned).toEqual([]);
  });

  it('is tried first where it answered, which is shown', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    const [dead, good] = [await door(), await door(bob.port)];
    await hears(alice, bob, [dead, good]);
    expect((await whois(alice, bob)).addresses).toMatchObject([
      { address: dead.address, roundTripMs: null },
      { address: good.address, roundTripMs: null },
    ]);
    expect(await alice.state(await alice.send(bob, 'hello'))).toBe('delivered');
    await eventually(() => Promise.resolve(dead.standing.size === 0));
    const { addresses } = await whois(alice, bob);
    expect(addresses).toMatchObject([{ address: good.address }, { address: dead.address, roundTripMs: null }]);
    expect(addresses[0]?.roundTripMs).toBeGreaterThan(0);
  });

  it('is not somebody else who lives at one of them now', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    const carol = await Person.create('carol', 'open');
    const [hers, his] = [await door(carol.port), await door(bob.port)];
    await hears(alice, bob, [hers, his]);
    expect(await alice.state(await alice.send(bob, 'for bob'))).toBe('delivered');
    expect([hers.opened, await bob.textsFrom(alice)]).toEqual([1, ['for bob']]);
    expect((await carol.client.call('peers', {})).items).toEqual([]);
  });

  it('is looked for at four at a time, and at the next as soon as one fails', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    const dead = await Promise.all(Array.from({ length: 5 }, () => door()));
    const good = await door(bob.port);
    await hears(alice, bob, [...dead, good]);
    const id = await alice.send(bob, 'hello');
    const opened = () => dead.map((one) => one.opened);
    await eventually(() => Promise.resolve(opened()[3] === 1));
    // Two more would have had their turn by now.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect([opened(), good.opened]).toEqual([[1, 1, 1, 1, 0], 0]);
    dead[1]?.close();
    await eventually(() => Promise.resolve(opened()[4] === 1));
    expect([opened(), good.opened]).toEqual([[1, 1, 1, 1, 1], 0]);
    dead[0]?.close();
    expect(await alice.state(id)).toBe('delivered');
  });

  it('lets all of them in at once, and gets everything once', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    const ways = await Promise.all(Array.from({ length: 4 }, () => door(bob.port)));
    for (const way of ways) way.lock();
    await hears(alice, bob, ways);
    const id = await alice.send(bob, 'hello');
    await eventually(() => Promise.resolve(ways.every(({ opened }) => opened === 1)));
    expect(ways.map(({ standing, refused }) => [standing.size, refused])).toEqual(ways.map(() => [1, 0]));
    for (const way of ways) way.unlock();
    expect(await alice.state(id)).toBe('delivered');
    expect(await bob.textsFrom(alice)).toEqual(['hello']);
    await eventually(() => Promise.resolve(ways.reduce((sum, { standing }) => sum + standing.size, 0) === 1));
    expect(ways.reduce((sum, { standing }) => sum + standing.size, 0)).toBe(1);
  });

  it('shows how far away who connected to us is, once asked', async () => {
    const [alice, bob] = [await Person.create('alice'), await Person.create('bob', 'open')];
    await alice.connect(bob);
    roster = await RosterService.startFor(bob);
    // News of somebody is a reason to ask whether the session still stands.
    roster.heard(alice, '1'.repeat(16));
    const roundTrip = async () => (await whois(bob, alice)).addresses[0]?.roundTripMs;
    await eventually(async () => typeof (await roundTrip()) === 'number');
    expect((await whois(bob, alice)).session?.initiator).toBe(false);
    expect(await roundTrip()).toBeGreaterThan(0);
  });
});
