/** Older copies of a history that come back to life: what they lack, and what was written on them before they were found out. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, pair, removeEverybody, type Person } from './people.js';

let alice: Person;
let bob: Person;
const folders: string[] = [];

beforeEach(async () => {
  [alice, bob] = await pair();
});
afterEach(async () => {
  await removeEverybody();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A copy of a person's data, made while nothing runs, as the README says. */
async function backUp(person: Person): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'earshot-copy-'));
  folders.push(copy);
  await person.stop();
  cpSync(person.folder, copy, { recursive: true, filter: (name) => !name.endsWith('ipc') });
  await person.start();
  await meet();
  return copy;
}

/** The person comes back as the copy; `offline` is done before anybody can be reached. */
async function restore(person: Person, copy: string, offline: () => Promise<void> = () => Promise.resolve()) {
  const other = person === alice ? bob : alice;
  await person.stop();
  await other.stop();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(person.folder, `history.db${suffix}`), { force: true });
  cpSync(copy, person.folder, { recursive: true });
  await person.start();
  await offline();
  await other.start();
  await meet();
}

async function meet(): Promise<void> {
  await alice.connect(bob);
}

const say = async (from: Person, to: Person, ...texts: string[]) => {
  for (const text of texts) expect(await from.state(await from.send(to, text))).toBe('delivered');
};
const queue = async (from: Person, to: Person, ...texts: string[]) => {
  for (const text of texts) await from.send(to, text);
};
const setbacks = async (of: Person, about: Person) =>
  (await of.client.call('whois', { peer: about.id })).setbacks.map(({ whose }) => whose);
const sentTexts = async (from: Person, to: Person) =>
  (await from.messagesWith(to)).filter((m) => m.direction === 'sent').map((m) => m.text);
const settled = async (from: Person, to: Person, count: number) => {
  await eventually(async () => (await to.textsFrom(from)).length >= count);
  await eventually(async () => (await from.messagesWith(to)).every((m) => m.state !== 'queued' && m.state !== 'sent'));
};

describe('a history that was restored from an older copy', () => {
  it.each([
    ['fewer than it lacks', ['offline 1']],
    ['as many as it lacks', ['offline 1', 'offline 2']],
    ['more than it lacks', ['offline 1', 'offline 2', 'offline 3', 'offline 4']],
  ])('and has composed %s loses and doubles nothing new, and both are told', async (_amount, offline) => {
    await say(bob, alice, 'first');
    const copy = await backUp(bob);
    await say(bob, alice, 'lost 1', 'lost 2');
    await say(alice, bob, 'to bob');
    await restore(bob, copy, () => queue(bob, alice, ...offline));
    await settled(bob, alice, 3 + offline.length);
    await say(bob, alice, 'after');
    await say(alice, bob, 'after, too');
    expect(await alice.textsFrom(bob)).toEqual(['first', 'lost 1', 'lost 2', ...offline, 'after']);
    expect(await sentTexts(bob, alice)).toEqual(['first', ...offline, 'after']);
    expect(await bob.textsFrom(alice)).toEqual(['to bob', 'after, too']);
    expect(await setbacks(bob, alice)).toContain('us');
    expect(await setbacks(alice, bob)).toContain('peer');
  });

  it('gets again what others sent it since, once and in order', async () => {
    await say(alice, bob, 'one');
    const copy = await backUp(bob);
    await say(alice, bob, 'two', 'three');
    await restore(bob, copy, () => queue(bob, alice, 'meanwhile'));
    await settled(alice, bob, 3);
    await settled(bob, alice, 1);
    expect(await bob.textsFrom(alice)).toEqual(['one', 'two', 'three']);
    expect(await alice.textsFrom(bob)).toEqual(['meanwhile']);
    expect(await setbacks(alice, bob)).toEqual(['peer']);
    expect(await setbacks(bob, alice)).toEqual([]);
  });

  it('gets again also what stood on a stream that the sender has given up since', async () => {
    const bobsFirst = await backUp(bob);
    const alicesFirst = await backUp(alice);
    await say(alice, bob, 'one', 'two');
    // alice is set back, and goes on under another stream.
    await restore(alice, alicesFirst, () => queue(alice, bob, 'three'));
    await settled(alice, bob, 3);
    await say(alice, bob, 'four');
    expect(await bob.textsFrom(alice)).toEqual(['one', 'two', 'three', 'four']);
    // bob is set back to before all of that: what alice still has is there again, and what she lost is gone for both.
    await restore(bob, bobsFirst);
    await settled(alice, bob, 2);
    await say(alice, bob, 'five');
    expect(await bob.textsFrom(alice)).toEqual(['three', 'four', 'five']);
    expect(await sentTexts(alice, bob)).toEqual(['three', 'four', 'five']);
  });

  it('is found out once, not at every meeting', async () => {
    await say(bob, alice, 'first');
    const copy = await backUp(bob);
    await say(bob, alice, 'lost');
    await restore(bob, copy);
    await say(bob, alice, 'after');
    const told = await bob.client.call('whois', { peer: alice.id });
    for (const person of [bob, alice]) {
      await person.stop();
      await person.start();
      await meet();
      await say(bob, alice, 'again');
    }
    expect((await bob.client.call('whois', { peer: alice.id })).setbacks).toEqual(told.setbacks);
    expect(await alice.textsFrom(bob)).toEqual(['first', 'lost', 'after', 'again', 'again']);
  });

  it('made anew because it was lost is told that others hold messages from it', async () => {
    await say(bob, alice, 'one', 'two');
    const empty = mkdtempSync(join(tmpdir(), 'earshot-copy-'));
    folders.push(empty);
    await restore(bob, empty, async () => {
      await bob.client.call('register', { username: 'bob' });
    });
    await say(bob, alice, 'three');
    await bob.stop();
    await bob.start();
    await meet();
    await say(bob, alice, 'four');
    expect(await alice.textsFrom(bob)).toEqual(['one', 'two', 'three', 'four']);
    expect(await setbacks(bob, alice)).toEqual(['us']);
    expect(await setbacks(alice, bob)).toEqual(['peer']);
  });
});
