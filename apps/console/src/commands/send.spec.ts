import { until } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

const LINES = 3_000;

describe('send -', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
  });
  afterAll(async () => {
    await talkers.part();
  });

  const textsAtBob = async (word: string) =>
    (await talkers.bob.ask('history', 'anna', '--limit', '100000'))
      .map((row) => String(row['text']))
      .filter((text) => text.startsWith(word));
  const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`);

  it('sends one message per line in order, with one answer each', async () => {
    const texts = numbered('line', LINES);
    const input = `${texts.slice(0, 10).join('\r\n')}\r\n\r\n   \n${texts.slice(10).join('\n')}`;
    const { code, json, stderr } = await talkers.anna.command(['send', 'bob', '-', '--json'], input);
    expect([code, stderr, json.length]).toEqual([0, '', LINES]);
    expect(Object.keys(json[0] ?? {})).toEqual(['id', 'state']);
    const sent = await talkers.anna.ask('history', 'bob', '--limit', '100000');
    expect(sent.map((row) => row['id'])).toEqual(json.map((row) => row['id']));
    expect(sent.map((row) => row['text'])).toEqual(texts);
    await until('all of it is there', async () => (await textsAtBob('line')).length === LINES);
    expect(await textsAtBob('line')).toEqual(texts);
  });

  it('loses, doubles and reorders nothing when the messenger is killed in the middle, twice', async () => {
    const texts = numbered('kill', LINES);
    const following = talkers.anna.follow(['send', 'bob', '-', '--json']);
    following.type(texts.slice(0, 1_000).join('\n') + '\n');
    await until('some are on their way', () => following.lines.length > 100);
    await talkers.anna.kill('messenger');
    following.type(texts.slice(1_000, 2_000).join('\n') + '\n');
    await until('more are on their way', () => following.lines.length > 1_000);
    await talkers.anna.kill('messenger');
    following.type(texts.slice(2_000).join('\n') + '\n');
    await until('all are answered', () => following.lines.length === LINES);
    following.end();
    expect(await following.ended()).toBe(0);
    await until('all of it is there', async () => (await textsAtBob('kill')).length >= LINES);
    expect(await textsAtBob('kill')).toEqual(texts);
    const ids = following.json.map((row) => row['id']);
    expect(new Set(ids).size).toBe(LINES);
  });

  it('answers each line while standard input stays open', async () => {
    const following = talkers.anna.follow(['send', 'bob', '-', '--json', '--wait', 'delivered']);
    for (const count of [1, 2, 3]) {
      following.type(`open ${count}\n`);
      await until('the answer is there', () => following.lines.length === count);
    }
    expect(following.json.map((row) => row['state'])).toEqual(['delivered', 'delivered', 'delivered']);
    await following.stop();
  });

  it('answers the others where one line cannot be sent, names that one, and ends with the highest code', async () => {
    const input = `good 1\n${'x'.repeat(40_000)}\nnul\0\ngood 2\n`;
    const { code, json, stderr } = await talkers.anna.command(['send', 'bob', '-', '--json'], input);
    expect([code, json.length]).toEqual([2, 2]);
    expect(stderr).toMatch(/^earshot: line 2: .*too long.*40000 bytes.*\nearshot: line 3: .*NUL/);
    await until('both are there', async () => (await textsAtBob('good')).length === 2);
    expect(await textsAtBob('good')).toEqual(['good 1', 'good 2']);
  });

  it('stops at bytes that are no UTF-8, and answers what came before', async () => {
    const input = Buffer.concat([
      Buffer.from('before 1\nbefore 2\n'),
      Buffer.from([0x66, 0xfc, 0x72, 0x0a]),
      Buffer.from('before 3\n'),
    ]);
    const { code, json, stderr } = await talkers.anna.command(['send', 'bob', '-', '--json'], input);
    expect([code, json.length, stderr]).toEqual([2, 2, expect.stringMatching(/^earshot: line 3: not UTF-8/)]);
    await until('both are there', async () => (await textsAtBob('before')).length === 2);
  });

  it('says for a peer who is away how far each line got', async () => {
    await talkers.bob.stop(['messenger']);
    const args = ['send', 'bob', '-', '--json', '--wait', 'delivered', '--timeout', '0.3'];
    const { code, json } = await talkers.anna.command(args, 'away 1\naway 2\n');
    expect([code, json.map((row) => row['state'])]).toEqual([5, ['queued', 'queued']]);
    await talkers.bob.start(['messenger']);
    await until('both are there', async () => (await textsAtBob('away')).length === 2);
  });
});
