import { readFileSync } from 'node:fs';
import { NEXT_WORDS, play } from './game.js';
import { HOSTILE_WORDS } from './hostile-peer.js';
import { corpusFolder, loadCorpus } from './load.js';
import { World } from './world.js';

/** What the messenger may have in memory after all this; it begins with about 80. */
const MEMORY_MAX_MIB = 256;

const corpus = loadCorpus(corpusFolder);

// Not in a hook: concurrent tests begin before those.
let opened: Promise<World> | undefined;
const world = (): Promise<World> => (opened ??= World.open());

afterAll(async () => {
  await (await opened)?.close();
});

describe('a hostile peer', () => {
  it.concurrent.each(corpus)('$name: $about', async (file) => {
    const { refused, answer, history, told } = file.expect;
    expect(await play(await world(), file)).toEqual({
      refused,
      answer,
      history: refused === undefined ? [...history, NEXT_WORDS] : history,
      told,
    });
  });
});

describe('after all of them', () => {
  it('the messenger is the process that it was, and of a sane size', async () => {
    const { alice, log } = await world();
    const pid = await alice.node.pid('messenger');
    expect(new Set(log.lines.map((line) => line.pid))).toEqual(new Set([pid]));
    const [, rssKib] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')) ?? [];
    expect(Number(rssKib) / 1024).toBeLessThan(MEMORY_MAX_MIB);
  });

  it('two friends still talk, in the session that they began with', async () => {
    const { alice, bob, log } = await world();
    await (await world()).friendsTalk();
    expect(log.endings([], [bob.id])).toEqual([]);
    const { items } = await alice.client.call('history', { peer: bob.id });
    expect(items.map(({ direction, state }) => [direction, state])).toEqual([
      ['sent', 'delivered'],
      ['received', 'received'],
    ]);
  });

  it('no process log has a word of theirs', async () => {
    const written = (await world()).writtenByProcesses();
    expect(written).toContain('session open');
    expect(written).not.toContain(HOSTILE_WORDS);
  });
});
