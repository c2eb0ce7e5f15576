import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_ANSWER_MS } from '@earshot/protocol';
import { CuttingRelay } from './cutting-relay.js';
import { eventually, Person } from './people.js';
import { RosterService } from './roster-service.js';

describe('a session whose peer is heard to have started anew', () => {
  let alice: Person;
  let bob: Person;
  let relay: CuttingRelay;
  let roster: RosterService;

  beforeEach(async () => {
    alice = await Person.create('alice', 'open');
    bob = await Person.create('bob', 'open');
    relay = new CuttingRelay(bob.port);
    await relay.start();
    roster = await RosterService.startFor(alice);
    await alice.connect(bob, relay.port);
    await alice.state(await alice.send(bob, 'before'));
    roster.heard(bob, '1'.repeat(16));
    await eventually(async () => (await presented()).addresses.length > 0);
  });
  afterEach(async () => {
    await alice.remove();
    await bob.remove();
    await roster.stop();
    await relay.stop();
  });

  const presented = () => alice.client.call('whois', { peer: bob.id });

  it('is given up when nobody answers there, and messages go to where the peer is now', async () => {
    relay.silent = true;
    roster.heard(bob, '2'.repeat(16));
    await eventually(async () => (await presented()).session === null);
    expect((await presented()).session).toBeNull();
    expect(await alice.state(await alice.send(bob, 'after'))).toBe('delivered');
    expect((await presented()).session).toMatchObject({ address: `127.0.0.1:${bob.port}` });
  });

  it('is given up when the peer is not heard any more and nobody answers there', async () => {
    relay.silent = true;
    roster.heard(bob, '1'.repeat(16), { presence: 'away' });
    await eventually(async () => (await presented()).presence === 'away');
    expect(await presented()).toMatchObject({ session: null, presence: 'away' });
  });

  it('goes on when the peer answers: only its discovery was restarted', async () => {
    roster.heard(bob, '2'.repeat(16));
    await sleep(PROBE_ANSWER_MS + 500);
    expect((await presented()).session).toMatchObject({ address: `127.0.0.1:${relay.port}` });
  });
});
