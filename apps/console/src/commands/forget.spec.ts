import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Talkers } from '../../test/talkers.js';

describe('forget', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
  });
  afterAll(async () => {
    await talkers.part();
  });

  const texts = async (who: 'anna' | 'bob') =>
    (await talkers[who].ask('history', who === 'anna' ? 'bob' : 'anna')).map((row) => row['text']);
  const forget = async (...options: string[]) => {
    const { code, stdout, stderr } = await talkers.anna.command(['forget', 'bob', ...options]);
    expect([code, stdout]).toEqual([0, '']);
    return stderr;
  };
  /** All files of a data folder, as bytes. */
  const filesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
      .join('');

  it('erases a conversation here, to the last byte, and leaves the copy of the other side', async () => {
    await talkers.anna.ask('send', 'bob', 'quetzalcoatlus', '--wait', 'delivered');
    await talkers.bob.ask('send', 'anna', 'archaeopteryx', '--wait', 'delivered');
    expect(filesOf(talkers.anna.home)).toMatch(/quetzalcoatlus[^]*archaeopteryx|archaeopteryx[^]*quetzalcoatlus/);
    expect(await forget()).toMatch(/^earshot: forgotten: 2 messages with bob#\w{10}, on this machine alone\n$/);
    expect(filesOf(talkers.anna.home)).not.toMatch(/quetzalcoatlus|archaeopteryx/);
    expect(await texts('anna')).toEqual([]);
    expect(await texts('bob')).toEqual(['quetzalcoatlus', 'archaeopteryx']);
    expect(await forget()).toMatch(/^earshot: there was nothing to forget with bob#/);
    // Who they are to us stays.
    expect((await talkers.anna.ask('peers')).find((peer) => peer['username'] === 'bob')?.['trust']).toBe('accepted');
  });

  it('says what of it was never delivered, and does not send it', async () => {
    await talkers.bob.stop(['messenger']);
    await talkers.anna.ask('send', 'bob', 'never mind');
    expect(await forget()).toMatch(
      /1 message with bob[^]*earshot: 1 message of yours had not been acknowledged: what is not there yet is never sent\n/,
    );
    await talkers.bob.start(['messenger']);
    await talkers.anna.ask('send', 'bob', 'after it', '--wait', 'delivered');
    expect((await texts('bob')).slice(-1)).toEqual(['after it']);
    expect(await texts('bob')).not.toContain('never mind');
  });

  it('goes as far as the day or time that is named', async () => {
    expect(await forget('--before', '2001-02-28')).toMatch(/nothing to forget with bob#\w+ from before then/);
    expect(await texts('anna')).toEqual(['after it']);
    const [{ committedAt } = {}] = await talkers.anna.ask('history', 'bob');
    await talkers.anna.ask('send', 'bob', 'much later', '--wait', 'delivered');
    const justAfter = new Date(Date.parse(String(committedAt)) + 1).toISOString();
    expect(await forget('--before', justAfter)).toMatch(/forgotten: 1 message with bob/);
    expect(await texts('anna')).toEqual(['much later']);
    expect(await forget('--before', '9999-12-31T23:59+01:00')).toMatch(/forgotten: 1 message with bob/);
  });
});
