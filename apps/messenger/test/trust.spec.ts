import { randomUUID } from 'node:crypto';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { REQUESTS_MAX_PER_IP } from '@earshot/protocol';
import { eventually, pair, Person, removeEverybody } from './people.js';

afterEach(removeEverybody);

const trustOf = async (a: Person, b: Person) => (await a.client.call('whois', { peer: b.id })).trust;
const decide = (a: Person, b: Person, trust: 'new' | 'accepted' | 'blocked') =>
  a.client.call('setTrust', { peer: b.id, trust });
const numberFor = async (a: Person, b: Person) => (await a.client.call('safetyNumber', { peer: b.id })).safetyNumber;

describe('verifying', () => {
  it('shows both sides one number, and makes whoever reads it out verified', async () => {
    const [a, b] = await pair('requests');
    const number = await numberFor(a, b);
    expect(number).toMatch(/^\d{5}( \d{5}){11}$/);
    expect(await numberFor(b, a)).toBe(number);
    expect(await a.client.call('verify', { peer: b.id, safetyNumber: number })).toMatchObject({ trust: 'verified' });
    expect([await trustOf(a, b), await trustOf(b, a)]).toEqual(['verified', 'new']);
  });

  it('changes nothing for the number of another pair', async () => {
    const [a, b] = await pair('requests');
    const c = await Person.create('carol');
    await a.connect(c);
    const other = await numberFor(a, c);
    await expect(a.client.call('verify', { peer: b.id, safetyNumber: other })).rejects.toMatchObject({
      code: 'wrong-safety-number',
    });
    expect(await trustOf(a, b)).toBe('new');
  });

  it('lets in what a stranger left waiting, as accepting does', async () => {
    const [a, b] = await pair('requests');
    const ids = await Promise.all(Array.from({ length: 25 }, (_, i) => a.send(b, `n${i}`)));
    await b.client.call('verify', { peer: a.id, safetyNumber: await numberFor(b, a) });
    for (const id of ids) expect(await a.state(id)).toBe('delivered');
  });

  it('is not undone by accepting or by writing, and only by blocking', async () => {
    const [a, b] = await pair();
    await a.client.call('verify', { peer: b.id, safetyNumber: await numberFor(a, b) });
    await decide(a, b, 'accepted');
    await a.state(await a.send(b, 'hello'));
    expect(await trustOf(a, b)).toBe('verified');
    await expect(decide(a, b, 'new')).rejects.toMatchObject({ code: 'not-blocked' });
    await decide(a, b, 'blocked');
    await expect(a.client.call('verify', { peer: b.id, safetyNumber: await numberFor(a, b) })).rejects.toMatchObject({
      code: 'blocked-peer',
    });
    await decide(a, b, 'new');
    expect(await trustOf(a, b)).toBe('new');
  });
});

describe('EARSHOT_POLICY=open', () => {
  it('accepts a stranger with the first message', async () => {
    const [a, b] = await pair('open');
    expect(await trustOf(b, a)).toBe('new');
    await a.state(await a.send(b, 'hello'));
    await eventually(async () => (await trustOf(b, a)) === 'accepted');
    expect(await trustOf(b, a)).toBe('accepted');
  });
});

describe('strangers', () => {
  it('that are too many at one address wait, unharmed, until the user has decided about another', async () => {
    const [a, b] = await pair('requests');
    const others = Array.from({ length: REQUESTS_MAX_PER_IP }, () => encodePeerId(generateIdentity().publicKey));
    b.writes((tx) => {
      for (const id of others) {
        tx.noteEncounter(id, { address: '127.0.0.1:7001', interface: 'lo' });
        const message = {
          peer: id,
          stream: '0'.repeat(16),
          n: 1,
          id: randomUUID(),
          sentAt: 1,
          ctype: 1,
          text: 'hello',
        };
        tx.commitReceived(message);
      }
    });
    const id = await a.send(b, 'is there room?');
    const [waiting] = await waitingOf(a);
    expect(waiting?.cause).toBe('paused');
    expect(await b.textsFrom(a)).toEqual([]);
    await b.client.call('setTrust', { peer: others[0] ?? '', trust: 'blocked' });
    expect(await a.state(id)).toBe('delivered');
    expect((await b.client.call('requests', {})).items).toHaveLength(REQUESTS_MAX_PER_IP);
  });
});

/** Asks until something waits that was put on the wire or cannot be. */
async function waitingOf(person: Person) {
  await eventually(async () => (await person.client.call('outbox', {})).waiting[0]?.cause === 'paused');
  return (await person.client.call('outbox', {})).waiting;
}
