import { createServer } from 'node:net';
import type { RosterEntry } from '@earshot/protocol/ipc';
import { eventually, pair, Person, removeEverybody } from './people.js';
import { RosterService } from './roster-service.js';

const rosters: RosterService[] = [];
afterEach(async () => {
  await removeEverybody();
  for (const roster of rosters.splice(0)) await roster.stop();
});

async function rosterOf(person: Person): Promise<RosterService> {
  const roster = await RosterService.startFor(person);
  rosters.push(roster);
  return roster;
}

/** Blob and signature of what a person announces at an address. */
async function announcementOf(person: Person, ip: string): Promise<string> {
  const { datagram } = await person.client.call('signAnnouncement', { instance: '1'.repeat(16), counter: 1, ip });
  return (JSON.parse(datagram) as { earshot: string }).earshot;
}

/** alice and bob, who have accepted each other. */
async function friends(): Promise<[Person, Person]> {
  const [alice, bob] = await pair('requests');
  await alice.accept(bob);
  await bob.accept(alice);
  return [alice, bob];
}

describe('who is around', () => {
  it('is passed on from friend to friend, to be asked, and only if accepted', async () => {
    const [alice, bob] = await friends();
    const [carol, stranger] = [await Person.create('carol'), await Person.create('stranger')];
    const [around, asked] = [await rosterOf(alice), await rosterOf(bob)];
    for (const other of [carol, stranger]) await alice.connect(other);
    await alice.accept(carol);
    around.heard(stranger, '1'.repeat(16), { earshot: await announcementOf(stranger, '192.0.2.8') });
    around.heard(carol, '1'.repeat(16), { earshot: await announcementOf(carol, '192.0.2.9') });
    await eventually(() => Promise.resolve(asked.introduced.length > 0));
    expect(asked.introduced).toEqual(['192.0.2.9']);
    expect((await bob.client.call('peers', {})).items.map(({ username }) => username)).toEqual(['alice']);
  });
});

const examine = (who: Person, whom: Person) => who.client.call('examine', { peer: whom.id }, { deadlineMs: 20_000 });

describe('examining what connects us', () => {
  it('tells whether each can reach the other, and by which ways the other hears us', async () => {
    const [alice, bob] = await friends();
    const lastHeard = new Date(Date.now() - 7_000).toISOString();
    const heardBy: RosterEntry['heardBy'] = { broadcast: lastHeard, multicast6: lastHeard };
    (await rosterOf(bob)).heard(alice, '1'.repeat(16), { heardBy });
    await eventually(async () => (await bob.client.call('whois', { peer: alice.id })).addresses.length > 0);
    const found = await examine(alice, bob);
    expect(found).toMatchObject({ probe: 'answered', heardBy: {}, report: { tcp: 'connected' } });
    expect(found.reached).toEqual([{ address: `127.0.0.1:${bob.port}`, outcome: 'connected' }]);
    expect(Object.keys(found.report?.heardBy ?? {})).toEqual(['broadcast', 'multicast6']);
    expect(found.report?.heardBy.broadcast).toBeGreaterThanOrEqual(7);
    expect(found.report?.heardBy.broadcast).toBeLessThan(30);
  });

  it('makes the session where there is none', async () => {
    const [alice, bob] = await friends();
    await alice.stop();
    await alice.start();
    expect(await examine(alice, bob)).toMatchObject({ probe: 'answered', report: { tcp: 'connected' } });
  });

  it('is answered each time, however soon it is asked again', async () => {
    const [alice, bob] = await friends();
    for (let time = 0; time < 2; time++) expect((await examine(alice, bob)).probe).toBe('answered');
  });

  it('is never answered to a stranger', async () => {
    const bob = await Person.create('bob');
    const carol = await Person.create('carol');
    await carol.connect(bob);
    expect((await examine(carol, bob)).probe).toBe('not-accepted');
    await carol.accept(bob);
    expect((await examine(carol, bob)).probe).toBe('unanswered');
  });

  it('says what came of the connection where nobody is', async () => {
    const [alice, bob] = await friends();
    await bob.stop();
    expect(await examine(alice, bob)).toMatchObject({ reached: [{ outcome: 'refused' }], probe: 'no-session' });
    // Somebody else took the port: TCP can be had, a session with bob cannot.
    const server = createServer((socket) => socket.destroy()).listen(bob.port, '127.0.0.1');
    expect(await examine(alice, bob)).toMatchObject({ reached: [{ outcome: 'connected' }], probe: 'no-session' });
    await new Promise((resolve) => server.close(resolve));
  });
});
