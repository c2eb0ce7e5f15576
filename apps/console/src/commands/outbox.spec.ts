import { until } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

/** Field names of messages, in their order: scripts rely on both. */
const FIELDS = ['id', 'peer', 'username', 'direction', 'text', 'sentAt', 'committedAt', 'state'];

describe('messages on their way', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
    await talkers.anna.ask('send', 'bob', 'delivered before', '--wait', 'delivered');
    await talkers.bob.stop(['messenger']);
  });
  afterAll(async () => {
    await talkers.part();
  });

  const queue = async (text: string) => String((await talkers.anna.ask('send', 'bob', text))[0]?.['id']);

  it('are listed with what they wait for, and as JSON with the fields of a history', async () => {
    const id = await queue('first\nanna: forged\u001b[2J');
    const rows = await talkers.anna.ask('outbox');
    expect(rows).toHaveLength(1);
    expect(Object.keys(rows[0] ?? {})).toEqual(FIELDS);
    expect(rows[0]).toMatchObject({ id, direction: 'sent', state: 'queued' });
    const { stdout } = await talkers.anna.command(['outbox']);
    const [why, line, more] = stdout.split('\n');
    expect(why).toMatch(/^bob#\w{10} is away \(last seen \d{4}-.*Z\)/);
    expect(line).toMatch(new RegExp(`^ {2}\\d{4}-.*Z {2}\\[queued\\] {2}${id} {2}first$`));
    expect(more).toBe('  | anna: forged\\u{1b}[2J');
    expect((await talkers.anna.command(['cancel', id])).code).toBe(0);
  });

  it('that were taken back are gone, once and for all, and whoever waited is told', async () => {
    const id = '22222222-2222-4222-8222-222222222222';
    const tail = talkers.anna.follow(['tail', '--json']);
    const waits = talkers.anna.follow(['send', 'bob', 'never mind', '--id', id, '--wait', 'delivered', '--json']);
    await until('it is queued', async () => (await talkers.anna.ask('outbox')).some((row) => row['id'] === id));
    const { code, stdout, stderr } = await talkers.anna.command(['cancel', id.toUpperCase()]);
    expect([code, stdout, stderr]).toEqual([0, '', expect.stringMatching(/^earshot: taken back/)]);
    expect(await waits.ended()).toBe(1);
    expect(waits.json).toEqual([{ id, state: 'cancelled' }]);
    expect(await talkers.anna.ask('outbox')).toEqual([]);
    expect((await talkers.anna.command(['cancel', id])).code).toBe(0);
    const again = await talkers.anna.command(['send', 'bob', 'never mind', '--id', id, '--json']);
    expect([again.code, again.json]).toEqual([1, [{ id, state: 'cancelled' }]]);
    expect((await talkers.anna.ask('why', id)).map(({ event }) => event)).toEqual(['queued', 'cancelled']);
    const gone = await until('tail tells it', () => tail.json.find((line) => line['state'] === 'cancelled'));
    expect(Object.keys(gone)).toEqual(['event', 'id', 'peer', 'state']);
    expect(gone).toMatchObject({ event: 'state', id });
    await tail.stop();
  });

  it('tell their life, one object or line for each event, and why it is not over', async () => {
    const id = await queue('a long way');
    const events = await talkers.anna.ask('why', id);
    expect(events.map(({ event }) => event)).toEqual(['met', 'queued', 'waiting']);
    const fields = {
      met: ['address', 'interface'],
      queued: [],
      waiting: ['cause', 'lastSeen', 'address', 'nextTryMs', 'failure'],
    };
    expect(events.map((event) => Object.keys(event))).toEqual(
      Object.values(fields).map((more) => ['event', 'at', ...more]),
    );
    const plain = (await talkers.anna.command(['why', id])).stdout;
    expect(plain).toMatch(
      /^\d{4}-\S+Z {2}connected to bob#\w{10} at 127\.0\.0\.1:\d+ on lo\n\S+ {2}queued for bob#\w{10}\nnow +bob#\w{10} is away/,
    );

    await talkers.bob.start(['messenger']);
    await until('it is delivered', async () => (await talkers.anna.ask('outbox')).length === 0);
    const done = await talkers.anna.ask('why', id);
    expect(done.map(({ event }) => event)).toEqual(['queued', 'met', 'sent', 'delivered']);
    expect((await talkers.bob.ask('why', id)).map(({ event }) => event)).toEqual(['written', 'stored']);
    for (const [who, sentence] of [
      [talkers.anna, 'it was sent already'],
      [talkers.bob, 'this message was sent to you'],
    ] as const) {
      const { code, stderr } = await who.command(['cancel', id]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    }
  });

  it('are in the line console too', async () => {
    await talkers.bob.stop(['messenger']);
    const id = await queue('typed elsewhere');
    const { code, stdout } = await talkers.anna.command(
      [],
      `/outbox\n/why ${id}\n/cancel ${id}\n/cancel ${id}\n/outbox\n`,
    );
    expect(code).toBe(0);
    for (const line of [
      /^ {2}\S+ {2}\[queued\] {2}\S+ {2}typed elsewhere$/m,
      /^\S+Z {2}queued for bob#/m,
      /^ {2}\(taken back: bob does not get it\)$/m,
      /^Nothing waits: all that you wrote is delivered\.$/m,
    ])
      expect(stdout).toMatch(line);
    await talkers.bob.start(['messenger']);
  });
});
