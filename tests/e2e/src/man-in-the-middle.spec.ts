import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, until, type BackgroundCommand, type EarshotNode, type Host } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';
import { pythonMayBeMissing, relay } from './python.js';

const why = pythonMayBeMissing ?? Lab.unavailable();
const describeThree = why === undefined ? describe : describe.skip;
const reason = why === undefined ? '' : ` (skipped: ${why})`;

interface Middle {
  readonly id: string;
  readonly command: BackgroundCommand;
}

/** Mallory begins: `at` is where they are bob. */
async function startRelay(
  { path }: Neighbourhood,
  host: Host,
  [alice, bob]: readonly [EarshotNode, EarshotNode],
  at: string,
): Promise<Middle> {
  const command = relay(host, [
    ...['--seed', Buffer.alloc(32, 'mallory').toString('hex'), '--state', join(path, 'mallory')],
    ...['--alice', `${alice.host.ip}:${alice.port}`, '--bob', `${bob.host.ip}:${bob.port}`],
    ...['--as-alice', `${host.ip}:7002`, '--as-bob', at],
  ]);
  const line = await command.line('the relay says who it is', (text) => text.includes('"relay"'));
  return { id: (JSON.parse(line) as { id: string }).id, command };
}

/** A datagram from one address to another. */
const SAY_SOMETHING =
  'import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 0)); s.sendto(b"", (sys.argv[2], 9))';

const eventsOf = (middle: Middle, event: string): Record<string, unknown>[] =>
  middle.command.json.filter((entry) => entry['event'] === event);
const idOf = async (node: EarshotNode): Promise<string> => String((await node.ask('whoami'))[0]?.['id']);
const numberAt = async (node: EarshotNode, peer: string): Promise<string> =>
  String((await node.ask('verify', peer))[0]?.['safetyNumber']);

describeThree(`somebody in between at the first contact${reason}`, () => {
  let neighbourhood: Neighbourhood;
  let lab: Lab;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let middle: Middle;
  const said = ['merhaba bob', 'merhaba alice'] as const;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    lab = neighbourhood.lab as Lab;
    alice = await neighbourhood.node('alice');
    bob = await neighbourhood.node('bob');
    const mallory = lab.host('mallory');
    // On such a network each of them reaches mallory alone.
    for (const { host } of [alice, bob]) lab.isolate(host);
    await Promise.all([alice.start(), bob.start()]);
    middle = await startRelay(neighbourhood, mallory, [alice, bob], `${mallory.ip}:7001`);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('is not noticed by what they see of each other: names, and messages that arrive', async () => {
    await sendAndWait(alice, 'bob', said[0]);
    await until('it has been passed on', async () => (await texts(bob, 'alice')).length === 1);
    await sendAndWait(bob, 'alice', said[1]);
    await until('the answer has been passed on', async () => (await texts(alice, 'bob')).length === 2);
    expect(await texts(alice, 'bob')).toEqual(said);
    expect(await texts(bob, 'alice')).toEqual(said);
  });

  it('reads all of it: this is what it is about', () => {
    expect(eventsOf(middle, 'message').map((event) => event['text'])).toEqual(said);
  });

  it('shows each of them an identity that is not the other’s', async () => {
    expect((await alice.ask('whois', 'bob'))[0]).toMatchObject({ id: middle.id, username: 'bob' });
    expect((await bob.ask('whois', 'alice'))[0]).toMatchObject({ id: middle.id, username: 'alice' });
    expect([await idOf(alice), await idOf(bob)]).not.toContain(middle.id);
  });

  it('shows each of them another safety number, which is the one that mallory has with each', async () => {
    const [atAlice, atBob] = [await numberAt(alice, 'bob'), await numberAt(bob, 'alice')];
    expect(atAlice).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(atBob).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(atAlice).not.toBe(atBob);
    const safety = new Map(eventsOf(middle, 'session').map((event) => [event['peer'], event['safety']]));
    expect([safety.get(await idOf(alice)), safety.get(await idOf(bob))]).toEqual([atAlice, atBob]);
  });

  it('is found out when they compare: what the other reads out is refused, and nothing is marked', async () => {
    const { code, stderr } = await alice.command(['verify', 'bob', '--confirm', await numberAt(bob, 'alice')]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('somebody is in between')]);
    expect((await alice.ask('whois', 'bob'))[0]).toMatchObject({ trust: 'accepted' });
  });

  it('gone, leaves them one number that both see, by which they can verify each other', async () => {
    await middle.command.stop('SIGTERM');
    for (const { host } of [alice, bob]) lab.isolate(host, false);
    const [aliceId, bobId] = [await idOf(alice), await idOf(bob)];
    const isHeard = async (node: EarshotNode, id: string) =>
      (await node.ask('peers')).some((peer) => peer['id'] === id);
    await until('they hear each other', async () => (await isHeard(alice, bobId)) && (await isHeard(bob, aliceId)));
    const number = await numberAt(alice, bobId);
    expect(await numberAt(bob, aliceId)).toBe(number);
    expect((await alice.command(['verify', bobId, '--confirm', number])).code).toBe(0);
    expect((await alice.ask('whois', bobId))[0]).toMatchObject({ trust: 'verified' });
  });
});

describeThree(`somebody who takes the address of a person that is known${reason}`, () => {
  let neighbourhood: Neighbourhood;
  let lab: Lab;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let bobId: string;
  let mallory: Host;
  let middle: Middle;
  let console_: BackgroundCommand;
  const words = 'for bob and nobody else';

  const inMallory = async (...words: string[]): Promise<string> => {
    const [file = '', ...args] = words;
    const { code, stdout, stderr } = await mallory.exec(file, args);
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout;
  };

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    lab = neighbourhood.lab as Lab;
    [alice, bob] = await neighbourhood.aliceAndBob();
    mallory = lab.host('mallory');
    await sendAndWait(alice, 'bob', 'before');
    bobId = await idOf(bob);
    console_ = alice.follow(['--plain']);
    await console_.line('the console is there', (line) => line.includes('You are alice'));

    lab.cut(bob.host);
    await inMallory('ip', 'addr', 'add', `${bob.host.ip}/24`, 'dev', 'eth0');
    const [, hardware = ''] = /link\/ether (\S+)/.exec(await inMallory('ip', 'link', 'show', 'eth0')) ?? [];
    await until('alice’s machine takes mallory’s for bob’s', async () => {
      // Whoever asks for an address by ARP says whose theirs is.
      await inMallory('ip', 'neigh', 'flush', 'dev', 'eth0');
      await inMallory('python3', '-c', SAY_SOMETHING, bob.host.ip, alice.host.ip);
      return (await alice.host.exec('ip', ['neigh', 'show', bob.host.ip])).stdout.includes(hardware);
    });
    middle = await startRelay(neighbourhood, mallory, [alice, bob], `${bob.host.ip}:${bob.port}`);
  });
  afterAll(async () => {
    await console_.stop();
    await neighbourhood.close();
  });

  it('is refused at the first dial, and both the console and the process log say so', async () => {
    await alice.ask('send', bobId, words);
    const at = `${bob.host.ip}:${bob.port}`;
    await console_.line('the user is told', (line) =>
      line.includes(`! At ${at}, where bob was, somebody else answers now. Nothing was sent there.`),
    );
    const log = readFileSync(join(alice.home, 'logs/messenger.log'), 'utf8').trim().split('\n');
    const refused = log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(refused).toContainEqual(
      expect.objectContaining({ msg: 'connection refused', code: 'unexpected-identity', address: at }),
    );
    await until('why it waits is said', async () => {
      const { stdout } = await alice.command(['outbox']);
      return stdout.includes('somebody else answers there');
    });
  });

  it('gets nothing that waits, though both of them go on trying', async () => {
    const refusedByAlice = () =>
      eventsOf(middle, 'failed').filter((event) => String(event['address']).startsWith(`${alice.host.ip}:`));
    await until('alice has tried again', () => refusedByAlice().length >= 2);
    expect(eventsOf(middle, 'message')).toEqual([]);
    expect((await alice.ask('outbox')).map((row) => row['text'])).toEqual([words]);
    // Whoever is there calls themselves bob too, and is somebody else.
    const [claimed] = (await alice.ask('peers')).filter((peer) => peer['id'] === middle.id);
    expect(claimed).toMatchObject({ username: 'bob', trust: 'new' });
  });

  it('loses nobody a message: when bob is back, he gets it', async () => {
    await middle.command.stop('SIGTERM');
    await inMallory('ip', 'addr', 'del', `${bob.host.ip}/24`, 'dev', 'eth0');
    lab.join(bob.host);
    await until('it is delivered', async () => (await alice.ask('outbox')).length === 0, 120_000);
    expect(await texts(bob, 'alice')).toEqual(['before', words]);
    expect(eventsOf(middle, 'message')).toEqual([]);
  });
});
