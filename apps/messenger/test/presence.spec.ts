import { parseDatagram } from '@earshot/protocol';
import { eventually, Person, removeEverybody } from './people.js';
import { RosterService } from './roster-service.js';

afterEach(removeEverybody);

const FIELDS = { instance: '0'.repeat(16), counter: 1, ip: '192.0.2.7' };

/** What others hear of somebody. */
async function announced(person: Person) {
  const { datagram } = await person.client.call('signAnnouncement', FIELDS);
  const parsed = parseDatagram(Buffer.from(datagram));
  return parsed.kind === 'signed' ? parsed.announcement : undefined;
}

describe('what people say of themselves', () => {
  it('is signed into the announcements, and stays over a restart', async () => {
    const a = await Person.create('alice');
    expect(await announced(a)).toMatchObject({ busy: false });
    expect(await announced(a)).not.toHaveProperty('status');
    await a.client.call('setPresence', { busy: true, status: 'at lunch' });
    await a.stop();
    await a.start();
    expect(await a.client.call('presence', {})).toEqual({ busy: true, status: 'at lunch' });
    expect(await announced(a)).toMatchObject({ busy: true, status: 'at lunch' });
    await a.client.call('setPresence', { status: '' });
    expect(await announced(a)).toMatchObject({ busy: true });
    expect(await announced(a)).not.toHaveProperty('status');
  });

  it.each([
    ['64 bytes', '\u00f6'.repeat(32), { status: '\u00f6'.repeat(32) }],
    ['65 bytes', `${'\u00f6'.repeat(32)}x`, { code: 'bad-status' }],
    ['half of a pair', '\ud800', { code: 'bad-status' }],
  ])('is what an announcement can carry: %s', async (_, status, answer) => {
    const a = await Person.create('alice');
    expect(await a.client.call('setPresence', { status }).catch((error: unknown) => error)).toMatchObject(answer);
    expect(await a.client.call('presence', {})).toEqual({ busy: false, status: '', ...('status' in answer && answer) });
  });

  it('is shown of others as discovery heard it', async () => {
    const [a, b] = [await Person.create('alice'), await Person.create('bob')];
    const roster = await RosterService.startFor(a);
    const shown = async () => (await a.client.call('peers', {})).items.find(({ id }) => id === b.id);
    roster.heard(b, '1'.repeat(16));
    await eventually(async () => (await shown()) !== undefined);
    expect(await shown()).not.toHaveProperty('status');
    expect(await shown()).not.toHaveProperty('busy');
    roster.heard(b, '1'.repeat(16), { busy: true, status: 'at lunch' });
    await eventually(async () => (await shown())?.busy === true);
    expect(await shown()).toMatchObject({ busy: true, status: 'at lunch' });
    await roster.stop();
  });
});

describe('EARSHOT_EXCHANGE', () => {
  it.each([
    ['on', true],
    ['off', false],
  ] as const)('%s says so in the announcements', async (exchange, passOn) => {
    const a = await Person.create('alice', 'requests', exchange);
    expect(await announced(a)).toMatchObject({ passOn });
  });
});
