import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, until, type Capture, type EarshotNode, type Lab } from '@earshot/testkit';
import { describeInLab, Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';
import { contentOf, found } from './secrets.js';

describeInLab('two hosts on a switch, without a default route', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let capture: Capture;
  const words = { 'what alice wrote': 'kestrel-merhaba-dünya-✓', 'what bob wrote': 'cormorant-selam-alice' };

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    capture = await (neighbourhood.lab as Lab).capture();
    [alice, bob] = await neighbourhood.aliceAndBob();
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('are in each other’s list as online, at the address where they really are', async () => {
    expect(await sees(alice, 'bob')).toMatchObject({ address: `${bob.host.ip}:${bob.port}` });
    expect(await sees(bob, 'alice')).toMatchObject({ address: `${alice.host.ip}:${alice.port}` });
  });

  it('deliver in both directions, and nothing readable crosses the switch', async () => {
    await sendAndWait(alice, 'bob', words['what alice wrote']);
    await sendAndWait(bob, 'alice', words['what bob wrote']);
    expect((await texts(bob, 'alice')).slice(-2)).toEqual(Object.values(words));
    // The announcements are readable, so the capture does see what crosses.
    await until('announcements are in the capture', () => capture.bytes().includes('"username":"alice"'));
    expect(found(words, capture.bytes())).toEqual([]);
  });

  it('leave no message text in any process log or output', async () => {
    await sendAndWait(alice, 'bob', words['what alice wrote']);
    await sendAndWait(bob, 'alice', words['what bob wrote']);
    for (const node of [alice, bob]) {
      const logs = contentOf(join(node.home, 'logs'));
      expect(logs.files.length).toBeGreaterThanOrEqual(3);
      expect(found(words, Buffer.concat([logs.bytes, Buffer.from(printedBy(node))]))).toEqual([]);
      // The search finds the words where they belong.
      const history = contentOf(node.home).files.filter((file) => file.includes('history.db'));
      expect(found(words, Buffer.concat(history.map((file) => readFileSync(file))))).toEqual(Object.keys(words));
    }
  });

  it('deliver three messages that were written while the other was away: in order, and once', async () => {
    await bob.stop();
    const written = ['one', 'two', 'three'];
    for (const text of written) expect((await alice.ask('send', 'bob', text))[0]).toMatchObject({ state: 'queued' });
    expect((await alice.ask('history', 'bob', '--limit', '3')).map((row) => [row['text'], row['state']])).toEqual(
      written.map((text) => [text, 'queued']),
    );
    await bob.start();
    await until('all three are delivered', async () =>
      (await alice.ask('history', 'bob', '--limit', '3')).every((row) => row['state'] === 'delivered'),
    );
    const received = (await texts(bob, 'alice', 'received')).filter((text) => written.includes(String(text)));
    expect(received).toEqual(written);
  });

  it('tell of a message that waited what it waited for, and of one that arrived on which interface', async () => {
    await bob.stop();
    const [sent] = await alice.ask('send', 'bob', 'where to?');
    const id = String(sent?.['id']);
    expect((await alice.ask('outbox')).map((row) => row['id'])).toEqual([id]);
    await until('bob is known to be away', async () => (await alice.ask('why', id)).at(-1)?.['cause'] === 'away');
    await bob.start();
    await until('it is delivered', async () => (await alice.ask('outbox')).length === 0);
    const life = await alice.ask('why', id);
    expect(life.map(({ event }) => event)).toEqual(['queued', 'met', 'sent', 'delivered']);
    expect(life[1]).toMatchObject({ address: `${bob.host.ip}:${bob.port}`, interface: 'eth0' });
  });

  it('deliver after every one of the four was restarted and after every one was killed', async () => {
    for (const app of ['discovery', 'messenger', 'logserver', 'console'] as const) {
      await alice.restart(app);
      await alice.kill(app);
    }
    await sendAndWait(alice, 'bob', 'still here');
    await sendAndWait(bob, 'alice', 'so am I');
    expect((await texts(alice, 'bob')).slice(-2)).toEqual(['still here', 'so am I']);
  });

  it('deliver what was written while the cable was out', async () => {
    const lab = neighbourhood.lab as Lab;
    lab.cut(bob.host);
    const [sent] = await alice.ask('send', 'bob', 'through thick and thin');
    expect((await alice.command(['send', 'bob', 'and more', '--wait', 'delivered', '--timeout', '2'])).code).toBe(5);
    lab.join(bob.host);
    await until(
      'it is delivered',
      async () => (await alice.ask('history', 'bob', '--limit', '1'))[0]?.['state'] === 'delivered',
      120_000,
    );
    const received = await bob.ask('history', 'alice', '--limit', '2');
    expect(received.map((row) => row['text'])).toEqual(['through thick and thin', 'and more']);
    expect(received[0]).toMatchObject({ id: sent?.['id'], state: 'received' });
  });
});

/** All but the console, whose work it is to show texts; it is shown nowhere but on a screen. */
function printedBy(node: EarshotNode): string {
  return APPS.filter((app) => app !== 'console')
    .map((app) => node.output(app))
    .join('');
}

describeInLab('a machine whose only interface is loopback', () => {
  it('lets three profiles find each other and talk', async () => {
    const neighbourhood = Neighbourhood.inLab();
    try {
      const host = neighbourhood.lab?.host('solo', { loopbackOnly: true });
      const names = ['alice', 'bob', 'carol'];
      const nodes = [];
      for (const name of names) nodes.push(await neighbourhood.node(name, host === undefined ? {} : { host }));
      await Promise.all(nodes.map((node) => node.start()));
      const pairs = nodes.flatMap((node) =>
        names.filter((name) => name !== node.name).map((name) => [node, name] as const),
      );
      for (const [node, name] of pairs) await sees(node, name);
      for (const [node, name] of pairs) await sendAndWait(node, name, `${node.name} to ${name}`);
      for (const [node, name] of pairs)
        expect(await texts(node, name, 'received')).toEqual([`${name} to ${node.name}`]);
    } finally {
      await neighbourhood.close();
    }
  });
});
