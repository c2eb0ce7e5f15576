import { type Announcement, GOODBYE_COUNTER, parseDatagram } from '@earshot/protocol';
import { FakeClock, until } from '@earshot/testkit';
import { LOOPBACK } from '../test/profile.js';
import { Signer } from '../test/signer.js';
import { Answers, type Target } from './answers.js';
import { Hearing } from './hearing.js';
import { Beacon, type Received } from './network/beacon.js';
import { type RefusalCode, Refusals } from './refusals.js';
import { Roster } from './roster/roster.js';

const own = new Signer('me', 7001);
const nora = new Signer('nora', 7001);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function beacon(port: number, onDatagram: (one: Received) => void = () => undefined): Promise<Beacon> {
  const made = new Beacon({ port, now: () => 0, onDatagram });
  closing.push(() => {
    made.stop();
  });
  await made.start();
  await made.follow([LOOPBACK]);
  return made;
}

/** What this profile does with what it hears, and another profile on the machine to hear what is passed on. */
async function setUp() {
  const here = await beacon(0);
  const passedOn: string[] = [];
  await beacon(here.port, ({ bytes }) => passedOn.push(bytes.toString()));
  const clock = new FakeClock();
  const answered: Target[] = [];
  const refused: RefusalCode[] = [];
  const roster = new Roster({ total: 2, perIp: 16 });
  const hearing = new Hearing({
    roster,
    beacon: here,
    answers: new Answers(
      clock,
      () => 0,
      (target) => answered.push(target),
    ),
    refusals: new Refusals(clock.now, (code) => refused.push(code)),
    ownId: () => own.id,
    moment: () => ({ ms: clock.now(), iso: new Date(clock.now()).toISOString() }),
    publish: () => undefined,
  });
  const hear = (
    signer: Signer,
    fields: Partial<Announcement> = {},
    arrival: Partial<Received> = {},
    pauseMs = 1_000,
  ) => {
    const bytes = signer.datagram(fields);
    const parsed = parseDatagram(bytes);
    if (parsed.kind !== 'signed') throw new Error('not signed');
    hearing.signed(signer.id, parsed.announcement, {
      bytes,
      source: '127.0.0.1',
      port: 40_000,
      addressed: false,
      ...arrival,
    });
    // Past the limits and the delays of what came before.
    clock.advance(pauseMs);
  };
  return { hear, roster, answered, refused, passedOn, port: here.port };
}

describe('Hearing', () => {
  it('does not take note of its own identity', async () => {
    const { hear, roster, answered } = await setUp();
    hear(own);
    expect(roster.size).toBe(0);
    expect(answered).toEqual([]);
  });

  it('answers a newcomer, a restart and a question, and nothing else', async () => {
    const { hear, answered } = await setUp();
    const steps: [Partial<Announcement>, number][] = [
      [{ counter: 1 }, 1],
      [{ counter: 2 }, 0],
      [{ counter: 3, query: true }, 1],
      [{ counter: 3, query: true }, 0],
      [{ counter: 2, query: true }, 0],
      [{ counter: 1, instance: Buffer.alloc(8, 9) }, 1],
      [{ counter: 3, query: true }, 0],
      [{ counter: GOODBYE_COUNTER, instance: Buffer.alloc(8, 9) }, 0],
    ];
    const counts = steps.map(([fields]) => {
      const before = answered.length;
      hear(nora, fields);
      return answered.length - before;
    });
    expect(counts).toEqual(steps.map(([, answers]) => answers));
    expect(answered[0]).toEqual({ ip: '127.0.0.1', port: 40_000 });
  });

  it('answers one whom a local profile heard at its signed address, if that can be a host', async () => {
    const { hear, answered, port } = await setUp();
    hear(nora, { ip: '192.0.2.9' });
    expect(answered).toEqual([{ ip: '192.0.2.9', port }]);
    hear(new Signer('mallory', 7001), { ip: '239.1.2.3' });
    expect(answered).toHaveLength(1);
  });

  it('passes on what was sent to this machine alone from elsewhere, and nothing else', async () => {
    const { hear, passedOn } = await setUp();
    hear(nora, { counter: 1, ip: '192.0.2.9' }, { source: '192.0.2.9' });
    hear(nora, { counter: 2, ip: '192.0.2.9' }, { source: '127.0.0.1', addressed: true });
    hear(nora, { counter: 3, ip: '192.0.2.9' }, { source: '192.0.2.9', addressed: true });
    await until('it is passed on', () => passedOn.length > 0);
    // Datagrams of one socket to another on this machine arrive in order: the others would be there.
    expect(passedOn).toEqual([nora.datagram({ counter: 3, ip: '192.0.2.9' }).toString()]);
  });

  it('passes on no more than leaves room for what the local profiles say', async () => {
    const { hear, passedOn } = await setUp();
    const to = (host: number, counter: number, pauseMs: number) => {
      const ip = `192.0.2.${host}`;
      hear(nora, { counter, ip }, { source: ip, addressed: true }, pauseMs);
    };
    for (let n = 1; n <= 20; n++) to(1, n, 0);
    for (let n = 2; n <= 50; n++) to(n, 20 + n, 0);
    hear(nora, {}, {}, 1_000);
    to(9, 99, 0);
    await until('the last one is passed on', () => passedOn.at(-1)?.includes('192.0.2.9"'));
    expect(passedOn.filter((text) => text.includes('192.0.2.1"'))).toHaveLength(2);
    expect(passedOn).toHaveLength(11);
  });

  it('says so when there is no room for a newcomer, and does not answer', async () => {
    const { hear, answered, refused } = await setUp();
    for (const name of ['a', 'b', 'c']) hear(new Signer(name, 7001));
    expect(answered).toHaveLength(2);
    expect(refused).toEqual(['roster-full']);
  });
});
