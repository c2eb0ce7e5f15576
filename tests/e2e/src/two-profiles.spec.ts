import type { EarshotNode } from '@earshot/testkit';
import { until } from '@earshot/testkit';
import { Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';

/** The field names of design §4, in their order: scripts rely on both. */
const PEER_FIELDS = ['id', 'username', 'address', 'presence', 'lastSeen', 'trust'];
const MESSAGE_FIELDS = ['id', 'peer', 'username', 'direction', 'text', 'sentAt', 'committedAt', 'state'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('two profiles on one machine', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;

  beforeAll(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    [alice, bob] = await neighbourhood.aliceAndBob();
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('know who they are', async () => {
    const [me] = await alice.ask('whoami');
    expect(Object.keys(me ?? {})).toEqual(['id', 'username', 'port', 'address']);
    expect(me).toMatchObject({ username: 'alice', port: alice.port });
    expect(me?.['id']).toMatch(/^[a-z2-7]{51}[aq]$/);
    expect(Array.isArray(me?.['address'])).toBe(true);
  });

  it('see each other', async () => {
    const [bobsId] = (await bob.ask('whoami')).map((me) => me['id']);
    const seen = await sees(alice, 'bob');
    expect(Object.keys(seen)).toEqual(PEER_FIELDS);
    expect(seen).toMatchObject({ id: bobsId, address: `127.0.0.1:${bob.port}`, presence: 'online' });
    expect(new Date(String(seen['lastSeen'])).toISOString()).toBe(seen['lastSeen']);
  });

  it('report four services and their ports', async () => {
    const [status] = await alice.ask('status');
    const services = status?.['services'] as Record<string, { up: boolean; pid: number; uptimeMs: number }>;
    expect(Object.keys(services).sort()).toEqual(['console', 'discovery', 'logserver', 'messenger']);
    for (const [name, service] of Object.entries(services)) {
      expect(service).toMatchObject({ up: true, pid: await alice.pid(name as 'console') });
      expect(service.uptimeMs).toBeGreaterThan(0);
    }
    expect(status?.['ports']).toEqual({
      tcp: alice.port,
      http: alice.port + 1,
      discovery: neighbourhood.discoveryPort,
    });
  });

  it('deliver in both directions, and both histories say the same', async () => {
    const [sent] = await alice.ask('send', 'bob', 'merhaba dünya ✓', '--wait', 'delivered');
    expect(Object.keys(sent ?? {})).toEqual(['id', 'state']);
    expect(sent?.['id']).toMatch(UUID);
    expect(sent?.['state']).toBe('delivered');
    const [answer] = await bob.ask('send', 'alice', 'selam', '--wait', 'delivered');
    expect(answer?.['state']).toBe('delivered');

    const atAlice = await alice.ask('history', 'bob');
    const atBob = await bob.ask('history', 'alice');
    for (const row of [...atAlice, ...atBob]) expect(Object.keys(row)).toEqual(MESSAGE_FIELDS);
    expect(atAlice.map((row) => [row['id'], row['direction'], row['text'], row['state']])).toEqual([
      [sent?.['id'], 'sent', 'merhaba dünya ✓', 'delivered'],
      [answer?.['id'], 'received', 'selam', 'received'],
    ]);
    expect(atBob.map((row) => [row['id'], row['direction'], row['text'], row['state']])).toEqual([
      [sent?.['id'], 'received', 'merhaba dünya ✓', 'received'],
      [answer?.['id'], 'sent', 'selam', 'delivered'],
    ]);
    expect(atAlice[0]?.['peer']).toBe((await bob.ask('whoami'))[0]?.['id']);
  });

  it('send one message per line of standard input, in order', async () => {
    const lines = ['first line', 'second line', 'üçüncü satır'];
    const { code, json } = await alice.command(
      ['send', 'bob', '-', '--wait', 'delivered', '--json'],
      `${lines.join('\n')}\n`,
    );
    expect(code).toBe(0);
    expect(json.map((sent) => sent['state'])).toEqual(['delivered', 'delivered', 'delivered']);
    expect((await texts(bob, 'alice', 'received')).slice(-3)).toEqual(lines);
  });

  it('show the newest messages oldest first, a limit of them, and those before one', async () => {
    const all = await alice.ask('history', 'bob');
    expect(await alice.ask('history', 'bob', '--limit', '2')).toEqual(all.slice(-2));
    const last = String(all.at(-1)?.['id']);
    expect(await alice.ask('history', 'bob', '--limit', '2', '--before', last)).toEqual(all.slice(-3, -1));
  });

  it('keep a message that was sent twice under one id once', async () => {
    const id = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
    for (let time = 0; time < 2; time++) {
      const [sent] = await alice.ask('send', 'bob', 'only once', '--id', id, '--wait', 'delivered');
      expect(sent).toEqual({ id, state: 'delivered' });
    }
    expect((await texts(bob, 'alice')).filter((text) => text === 'only once')).toHaveLength(1);
  });

  it('follow the conversation across a restart and a crash of the messenger, without a gap and without a repeat', async () => {
    const before = new Set((await alice.ask('history', 'bob')).map((row) => row['id']));
    const tail = alice.follow(['tail', '--json']);
    const received = (): Record<string, unknown>[] =>
      tail.json.filter((line) => line['event'] === 'message' && line['direction'] === 'received');
    try {
      // Whatever tail says first, it follows from here on once it has shown a message that came later.
      await until('tail follows', async () => {
        await sendAndWait(bob, 'alice', 'knock');
        return received().length > 0;
      });
      const knocks = received().length;
      await sendAndWait(bob, 'alice', 'tail 1');
      await alice.restart('messenger');
      await bob.ask('send', 'alice', 'tail 2');
      await alice.kill('messenger');
      await bob.ask('send', 'alice', 'tail 3');
      await sendAndWait(bob, 'alice', 'tail 4');
      await until('tail has shown the last one', () => received().some((line) => line['text'] === 'tail 4'));

      expect(
        received()
          .slice(knocks)
          .map((line) => line['text']),
      ).toEqual(['tail 1', 'tail 2', 'tail 3', 'tail 4']);
      const shown = received().map((line) => line['id']);
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown.filter((id) => before.has(id))).toEqual([]);
      expect(Object.keys(received()[0] ?? {})).toEqual(['event', ...MESSAGE_FIELDS]);
    } finally {
      await tail.stop();
    }
  });

  it('tell with tail how a message of their own fares', async () => {
    const tail = alice.follow(['tail', '--json']);
    try {
      const id = await until('tail shows a delivery', async () => {
        const [sent] = await alice.ask('send', 'bob', 'how does it fare', '--wait', 'delivered');
        return tail.json.some(
          (line) => line['event'] === 'state' && line['id'] === sent?.['id'] && line['state'] === 'delivered',
        )
          ? sent?.['id']
          : undefined;
      });
      const states = tail.json.filter((line) => line['event'] === 'state' && line['id'] === id);
      expect(Object.keys(states[0] ?? {})).toEqual(['event', 'id', 'peer', 'state']);
    } finally {
      await tail.stop();
    }
  });

  it('show the other as away as soon as it leaves, and online when it is back', async () => {
    // Both: an open session is a sign of life too.
    await bob.stop(['discovery', 'messenger']);
    await until('bob is away', async () =>
      (await alice.ask('peers')).some((peer) => peer['username'] === 'bob' && peer['presence'] === 'away'),
    );
    await bob.start(['discovery', 'messenger']);
    expect(await sees(alice, 'bob')).toMatchObject({ address: `127.0.0.1:${bob.port}` });
  });

  it('know each other under the new name after a registration, with the same identity', async () => {
    const [before] = await bob.ask('whoami');
    expect((await bob.command(['register', 'robert'])).code).toBe(0);
    const seen = await sees(alice, 'robert');
    expect(seen['id']).toBe(before?.['id']);
    await sendAndWait(alice, 'robert', 'hello robert');
    expect((await bob.command(['register', 'bob'])).code).toBe(0);
    await sees(alice, 'bob');
  });
});
