import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, Lab, thisMachine, until, type EarshotNode, type Host } from '@earshot/testkit';
import { Neighbourhood, peerOf, sees, sendAndWait, texts } from './neighbourhood.js';
import { checkVectors, original, PythonPeer, pythonMayBeMissing } from './python.js';

const why = pythonMayBeMissing ?? Lab.unavailable();
const describePeers = why === undefined ? describe : describe.skip;
const describeVectors = pythonMayBeMissing === undefined ? describe : describe.skip;
const title = (text: string, reason: string | undefined): string =>
  reason === undefined ? text : `${text} (skipped: ${reason})`;

interface Ending {
  /** What the misbehaving peer has to observe. */
  readonly outcome: Readonly<Record<string, unknown>>;
  /** How `earshot connect` to it may end. */
  readonly connect: readonly number[];
  /** Its texts that may stand in the history afterwards, one list for each way it may go. */
  readonly stored: readonly (readonly (string | null)[])[];
}

/** Refused before anybody was authenticated: not a byte is said about why. */
const refused: Ending = { outcome: { violated: true, closed: true, replied: 0 }, connect: [1], stored: [[]] };
/** The session ends at the violation. */
const ended: Ending = {
  outcome: { violated: true, closed: true, pong: false, rejected: null },
  connect: [0, 1],
  stored: [[]],
};
/** The session goes on. */
const goesOn: Ending = {
  outcome: { violated: true, closed: false, pong: true, rejected: null, acked: null },
  connect: [0],
  stored: [[]],
};
/** A message is refused for good with a reason, and what comes after it is taken. */
const rejected = (reason: number): Ending => ({
  ...goesOn,
  outcome: { ...goesOn.outcome, acked: 1, rejected: reason },
});

const MISBEHAVIOUR: Readonly<Record<string, Ending>> = {
  'flip-auth': refused,
  'wrong-id': refused,
  'half-frame': refused,
  'low-order-share': refused,
  'reflect-share': refused,
  'small-order-identity': refused,
  'old-version': refused,
  garbage: refused,
  // The first of the two records is a good one.
  'replay-record': { ...ended, stored: [[], ['once']] },
  'skip-seq': ended,
  'msg-before-sync': ended,
  'bad-padding': ended,
  'wrong-bucket': ended,
  'ack-future': ended,
  'unknown-critical-type': ended,
  'too-large-text': rejected(1),
  'bad-utf8': rejected(2),
  'critical-ctype': rejected(3),
  'unknown-ctype': { ...goesOn, outcome: { ...goesOn.outcome, acked: 1 }, stored: [[null]] },
  'duplicate-msg': { ...goesOn, outcome: { ...goesOn.outcome, acked: 1 }, stored: [['twice']] },
  'gap-msg': { ...goesOn, outcome: { ...goesOn.outcome, acked: 0 } },
  'unknown-ignorable-type': goesOn,
};

describeVectors(title('the second implementation', pythonMayBeMissing), () => {
  it('reproduces the session vectors byte for byte', async () => {
    const { code, stdout, stderr } = await thisMachine.exec('python3', ['-B', checkVectors]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\d/);
  });
});

describePeers(title('programs that share no code with ours', why), () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let elsewhere: Host;
  let aliceAt: string;
  let sessionBefore: number;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    [alice, bob] = await neighbourhood.aliceAndBob();
    elsewhere = (neighbourhood.lab as Lab).host('elsewhere');
    aliceAt = `${alice.host.ip}:${alice.port}`;
    await sendAndWait(bob, 'alice', 'first words');
    // An answer accepts him: as a stranger he would have to wait after 20 messages.
    await sendAndWait(alice, 'bob', 'answer');
    sessionBefore = await sessionWithBob();
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  const python = (name: string, ...args: string[]): Promise<PythonPeer> =>
    PythonPeer.start(elsewhere, name, neighbourhood.path, args);

  it('are found by their announcement, and talk both ways', async () => {
    const announcing = ['--listen', `${elsewhere.ip}:7001`, '--announce-to', '10.77.0.255:6004', '--timeout', '120'];
    const pia = await python(
      'pia',
      ...announcing,
      '--discovery-port',
      '6004',
      '--expect-messages',
      '2',
      '--send',
      'sözüm söz',
    );
    const seen = await sees(alice, 'pia');
    expect(seen).toMatchObject({ id: pia.id, address: `${elsewhere.ip}:7001` });
    await sendAndWait(alice, 'pia', 'merhaba dünya ✓');
    await sendAndWait(alice, 'pia', 'x'.repeat(32_768));
    expect(await pia.ended()).toBe(0);
    expect(pia.events('message').map((event) => event['text'])).toEqual(['merhaba dünya ✓', 'x'.repeat(32_768)]);
    expect(pia.events('heard').map((event) => event['username'])).toEqual(expect.arrayContaining(['alice', 'bob']));
    expect(await texts(alice, 'pia', 'received')).toEqual(['sözüm söz']);
  });

  it('dial us, and agree with us on the safety of the session', async () => {
    const quinn = await python(
      'quinn',
      '--dial',
      aliceAt,
      '--expect-id',
      await idOf(alice),
      '--send',
      'I called',
      'twice',
    );
    expect(await quinn.ended()).toBe(0);
    expect(await texts(alice, 'quinn', 'received')).toEqual(['I called', 'twice']);
    expect(quinn.events('session')[0]).toMatchObject({ peer: await idOf(alice), username: 'alice', role: 'initiator' });
  });

  it('crash after they stored a message and before they said so, and still have it once', async () => {
    const args = ['--listen', `${elsewhere.ip}:7002`, '--timeout', '60'];
    const crashing = await python('remy', ...args, '--crash-after-commit', '2');
    expect((await alice.command(['connect', `${elsewhere.ip}:7002`])).code).toBe(0);
    for (const text of ['a', 'b', 'c']) await alice.ask('send', 'remy', text);
    await crashing.ended();
    const again = await python('remy', ...args, '--expect-messages', '1');
    await until('all three are delivered', async () => {
      await alice.command(['connect', `${elsewhere.ip}:7002`]);
      return (await alice.ask('history', 'remy')).every((row) => row['state'] === 'delivered');
    });
    const stored = [...crashing.events('message'), ...again.events('message')].map((event) => event['text']);
    expect(stored).toEqual(expect.arrayContaining(['c']));
    expect(new Set(stored).size).toBe(stored.length);
    await again.stop();
  });

  describe.each(['dial', 'listen'] as const)('and misbehave as the one to %s', (role) => {
    // Only a responder has seen the share that it reflects.
    const modes = Object.entries(MISBEHAVIOUR).filter(([mode]) => role === 'listen' || mode !== 'reflect-share');

    it.each(modes)('%s: ends as specified, while another conversation goes on', async (mode, expected) => {
      const name = `m-${role}-${mode}`.slice(0, 32);
      const port = 7100 + modes.findIndex(([each]) => each === mode);
      const where = role === 'dial' ? ['--dial', aliceAt, '--once'] : ['--listen', `${elsewhere.ip}:${port}`];
      const mallory = await python(name, ...where, '--misbehave', mode, '--timeout', '15');
      const connecting =
        role === 'listen'
          ? mallory.event('listening').then(() => alice.command(['connect', `${elsewhere.ip}:${port}`]))
          : undefined;
      // It acknowledges what was never sent, so something must be sent first.
      if (mode === 'ack-future') {
        await until('alice knows it', () => peerOf(alice, name).then((peer) => peer !== undefined));
        await alice.ask('send', name, 'acknowledge this');
      }
      await sendAndWait(bob, 'alice', `during ${role} ${mode}`);
      const outcome = await mallory.event('outcome');
      expect(await mallory.ended()).toBe(0);
      expect(outcome).toMatchObject(expected.outcome);
      expect([undefined, ...expected.connect]).toContain((await connecting)?.code);
      expect(expected.stored).toContainEqual(await textsIfKnown(name));
    });
  });

  it('have not disturbed the conversation that went on meanwhile: it is still in its first session', async () => {
    await sendAndWait(alice, 'bob', 'after all that');
    // A clock that was set meanwhile may shift its beginning a little.
    expect(Math.abs((await sessionWithBob()) - sessionBefore)).toBeLessThan(100);
    const atAlice = await texts(alice, 'bob');
    expect(atAlice).toEqual(await texts(bob, 'alice'));
    expect(new Set(atAlice).size).toBe(atAlice.length);
  });

  it('are the original: every datagram of ours suits it, also a goodbye and a restart', async () => {
    const listener = original(elsewhere, ['listen', '--timeout', '12']);
    await alice.restart('discovery');
    await bob.restart('discovery');
    expect(await listener.ended()).toBe(0);
    const heard = listener.json.filter((event) => event['event'] === 'peer');
    expect(new Set(heard.map((event) => event['username']))).toEqual(new Set(['alice', 'bob']));
    for (const event of heard) expect(event['ip']).toBe(event['source']);
  });

  it('are the original: it is listed as legacy, its message is refused, reported, and shown nowhere', async () => {
    const announcer = original(elsewhere, [
      'announce',
      '--username',
      'oldie',
      '--ip',
      elsewhere.ip,
      '--port',
      '7001',
      '--to',
      '10.77.0.255',
      '--interval',
      '2',
    ]);
    const oldie = await sees(alice, 'oldie');
    expect(oldie).toMatchObject({ id: null, trust: 'legacy', address: `${elsewhere.ip}:7001` });
    const { code, stderr } = await alice.command(['send', 'oldie', 'can you read this?']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('original program')]);

    const words = 'plainly readable words';
    const sender = original(elsewhere, ['send-tcp', '--host', alice.host.ip, '--port', String(alice.port), words]);
    expect(await sender.ended()).toBe(0);
    expect(sender.json.at(-1)).toEqual({ event: 'closed', answered: 0 });
    const log = join(alice.home, 'logs/messenger.log');
    await until(
      'it is in the process log',
      () => existsSync(log) && readFileSync(log, 'utf8').includes('legacy-message'),
    );
    await until('the console says so', () => alice.output('console').includes(elsewhere.ip));
    expect(readFileSync(log, 'utf8') + APPS.map((app) => alice.output(app)).join('')).not.toContain(words);
    await announcer.stop();
  });

  async function idOf(node: EarshotNode): Promise<string> {
    return String((await node.ask('whoami'))[0]?.['id']);
  }

  /** Since when the session with bob stands, ms: the same answer again means that nothing has touched it. */
  async function sessionWithBob(): Promise<number> {
    const [bobNow] = await alice.ask('whois', 'bob');
    const session = bobNow?.['session'] as { since: string } | null | undefined;
    if (session === null || session === undefined) throw new Error('there is no session with bob');
    return Date.parse(session.since);
  }

  /** What somebody has sent us, nothing where we do not even know them. */
  async function textsIfKnown(name: string): Promise<unknown[]> {
    const { code, json } = await alice.command(['history', name, '--json']);
    if (code !== 0 && code !== 3) throw new Error(`history ended with ${String(code)}`);
    return json.filter((row) => row['direction'] === 'received').map((row) => row['text']);
  }
});
