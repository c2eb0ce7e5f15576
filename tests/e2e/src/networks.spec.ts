import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LAB_PORT, until, type EarshotNode, type Lab, type ScenarioName, type Scene } from '@earshot/testkit';
import { describeInLab, Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';
import { PeerWatch } from './peer-watch.js';

/** What the project promises about finding each other (presence-v1). */
const FOUND_WITHIN_MS = 2_000;
const GONE_WITHIN_MS = 1_000;
/** 25 s after the last sign, which is looked for twice a second, and the time that it takes to show. */
const LOST_WITHIN_MS = 26_000;

type People = [alice: EarshotNode, bob: EarshotNode, carol: EarshotNode];

let neighbourhood: Neighbourhood;
let scene: Scene;
let nodes: People;

function inScene(name: ScenarioName): void {
  beforeEach(async () => {
    const made = await Neighbourhood.inScene(name);
    ({ neighbourhood, scene } = made);
    nodes = made.nodes as People;
  });
  afterEach(async () => {
    await neighbourhood.close();
  });
}

/** Everybody with a messenger and somebody who watches the list of people, before anybody can be heard. */
async function watched(people: readonly EarshotNode[]): Promise<PeerWatch[]> {
  await Promise.all(people.map((node) => node.start(['messenger'])));
  return people.map((node) => new PeerWatch(node));
}

async function ready(people: readonly EarshotNode[]): Promise<void> {
  await Promise.all(people.map((node) => node.start(['discovery'])));
}

async function pids(node: EarshotNode): Promise<unknown[]> {
  return Promise.all((['discovery', 'messenger'] as const).map((app) => node.pid(app)));
}

/** On which of its interfaces a node hears somebody, and at which address. */
async function heardAt(node: EarshotNode, peer: string): Promise<unknown[]> {
  const [found] = await node.ask('whois', peer);
  return (found?.['addresses'] as { address: string; interface: string }[]).map((at) => [at.address, at.interface]);
}

describeInLab('three hosts, the middle one on two networks, nothing routed', () => {
  inScene('middle');

  it('show, within two seconds of the start, who shares a network with them, and where they are on it', async () => {
    const [alice, bob, carol] = nodes;
    const [atAlice, atBob, atCarol] = (await watched(nodes)) as [PeerWatch, PeerWatch, PeerWatch];
    await ready(nodes);
    const online = (ip: string) => ({ presence: 'online', address: `${ip}:${LAB_PORT}` });
    await Promise.all([
      atAlice.shows('bob', online('10.77.1.2'), FOUND_WITHIN_MS),
      atBob.shows('alice', online('10.77.1.1'), FOUND_WITHIN_MS),
      atBob.shows('carol', online('10.77.2.3'), FOUND_WITHIN_MS),
      atCarol.shows('bob', online('10.77.2.2'), FOUND_WITHIN_MS),
    ]);
    expect(await heardAt(bob, 'alice')).toEqual([[`10.77.1.1:${LAB_PORT}`, 'eth0']]);
    expect(await heardAt(bob, 'carol')).toEqual([[`10.77.2.3:${LAB_PORT}`, 'eth1']]);
    await sendAndWait(alice, 'bob', 'left of you');
    await sendAndWait(carol, 'bob', 'right of you');
    // Longer than the burst in which everybody speaks by every path: who shares no network is not there.
    expect([atAlice.shown('carol'), atCarol.shown('alice')]).toEqual([undefined, undefined]);
  });
});

describeInLab('an interface that comes, changes its address and goes while everything runs', () => {
  inScene('moving');

  it('is followed within two seconds, and conversations go on', async () => {
    const [alice, bob, carol] = nodes;
    const [atAlice, , atCarol] = (await watched(nodes)) as [PeerWatch, PeerWatch, PeerWatch];
    await ready(nodes);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    await sendAndWait(alice, 'bob', 'first');
    const before = await pids(alice);

    scene.take('plug');
    const at = (ip: string) => ({ presence: 'online', address: `${ip}:${LAB_PORT}` });
    await Promise.all([
      atAlice.shows('carol', at('10.77.1.3'), FOUND_WITHIN_MS),
      atCarol.shows('alice', at('10.77.1.1'), FOUND_WITHIN_MS),
    ]);
    await sendAndWait(alice, 'carol', 'hello down there');
    await sendAndWait(carol, 'alice', 'hello up there');

    scene.take('move');
    await atCarol.shows('alice', at('10.77.1.99'), FOUND_WITHIN_MS);
    await sendAndWait(carol, 'alice', 'you have moved');
    await sendAndWait(alice, 'carol', 'so I have');

    const changes = interfaceChanges(alice);
    scene.take('unplug');
    await until('alice notices', () => interfaceChanges(alice) > changes, FOUND_WITHIN_MS);
    await sendAndWait(bob, 'alice', 'still here?');
    await alice.ask('send', 'carol', 'later, then');
    scene.take('plug');
    // Well before the old session is given up for want of an answer.
    await until('it is delivered', async () => (await alice.ask('outbox')).length === 0, 20_000);
    expect(await texts(carol, 'alice', 'received')).toEqual(['hello down there', 'so I have', 'later, then']);
    expect(await pids(alice)).toEqual(before);
  });
});

/** How often its discovery has noticed that its interfaces are others than before. */
function interfaceChanges(node: EarshotNode): number {
  const log = readFileSync(join(node.home, 'logs/discovery.log'), 'utf8');
  return log.split('interfaces changed').length - 1;
}

describeInLab('a network that loses 30 of 100 frames', () => {
  inScene('lossy');
  /** Ten minutes with LAB_LONG=1, which is the promise; less in every run. */
  const WATCHED_MS = process.env['LAB_LONG'] === '1' ? 600_000 : 90_000;

  it(
    `calls nobody away in ${WATCHED_MS / 1_000} s; whoever leaves is away within a second, who is cut off within 25`,
    async () => {
      const [, bob, carol] = nodes;
      const watches = (await watched(nodes)) as [PeerWatch, PeerWatch, PeerWatch];
      await ready(nodes);
      for (const watch of watches) {
        for (const other of nodes) if (other !== watch.node) await watch.shows(other.name, { presence: 'online' });
      }
      await sleep(WATCHED_MS);
      expect(watches.map((watch) => watch.transitions)).toEqual([0, 0, 0]);

      const [atAlice, atBob] = watches;
      await carol.stop(['discovery', 'messenger']);
      await Promise.all([atAlice, atBob].map((watch) => watch.shows('carol', { presence: 'away' }, GONE_WITHIN_MS)));
      (neighbourhood.lab as Lab).cut(bob.host);
      await atAlice.shows('bob', { presence: 'away' }, LOST_WITHIN_MS);
    },
    WATCHED_MS + 180_000,
  );
});

describeInLab('two subnets with a router between them', () => {
  inScene('two-subnets');

  it.each([
    ['the one who has the other in EARSHOT_PEERS', 0],
    ['the one who has not', 1],
  ])('let both see each other and talk, with %s beginning', async (_, first) => {
    const [alice, bob] = nodes;
    await Promise.all([alice, bob].map((node) => node.start(['discovery', 'messenger'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    expect(await heardAt(bob, 'alice')).toEqual([[`10.77.1.2:${LAB_PORT}`, 'eth0']]);
    expect(await heardAt(alice, 'bob')).toEqual([[`10.77.2.3:${LAB_PORT}`, 'eth0']]);
    const [one, other] = first === 0 ? [alice, bob] : [bob, alice];
    await sendAndWait(one, other.name, 'over the stairs');
    await sendAndWait(other, one.name, 'and back');
  });
});

describeInLab('a network that carries no broadcast and no multicast', () => {
  inScene('isolated');

  it('lets people who know each other find each other again after a restart, stay, and talk', async () => {
    const [alice, bob] = nodes;
    const both = [alice, bob];
    const start = () => Promise.all(both.map((node) => node.start(['discovery', 'messenger'])));
    await start();
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    await sendAndWait(alice, 'bob', 'before');
    await sendAndWait(bob, 'alice', 'before, too');
    await Promise.all(both.map((node) => node.stop()));

    scene.take('mute');
    const watches = await watched(both);
    await ready(both);
    await watches[0]?.shows('bob', { presence: 'online' });
    await watches[1]?.shows('alice', { presence: 'online' });
    // Longer than the time between two announcements by all paths, and than that after which a silent peer is away.
    const seen = watches.map((watch) => watch.transitions);
    await sleep(60_000);
    expect(watches.map((watch) => watch.transitions)).toEqual(seen);
    await sendAndWait(alice, 'bob', 'after');
    expect(await texts(bob, 'alice', 'received')).toEqual(['before', 'after']);
  });
});

describeInLab('a slow line on which datagrams overtake each other', () => {
  inScene('slow');

  it('carries a conversation', async () => {
    const [alice, bob] = nodes;
    await Promise.all([alice, bob].map((node) => node.start(['discovery', 'messenger'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    for (const line of lines) await alice.ask('send', 'bob', line);
    await until('all are delivered', async () => (await alice.ask('outbox')).length === 0);
    expect(await texts(bob, 'alice')).toEqual(lines);
  });
});
