import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { childCommand, startChild } from '../test/child.js';
import { bob, carol, compose, Fixture, messageId, streamOf } from '../test/fixture.js';
import { pragma } from './connection.js';

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});
afterEach(() => {
  fixture.remove();
});

/** Everything stored, by the number in its id, in the order of the store. */
function storedNumbers(): number[] {
  const history = fixture.open();
  const numbers = [...history.iterateAll()].map(({ id }) => Number(id.slice(-12)));
  expect(pragma(history['db'], 'integrity_check')).toBe('ok');
  expect(() =>
    history['db'].exec("INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1)"),
  ).not.toThrow();
  expect(history.receivedMark(carol, streamOf(1)).n).toBe(numbers.filter((number) => number % 2 === 0).length);
  expect(history.outStream(bob)?.made).toBe(numbers.filter((number) => number % 2 === 1).length);
  history.close();
  return numbers;
}

describe('a writer killed in the middle of writing', () => {
  it('has every message that it acknowledged, each once, in order, and whole transactions only', async () => {
    let stored: number[] = [];
    for (const killAfterBytes of [20, 300, 1_500]) {
      const child = startChild('writing-child.ts', fixture.file, String(stored.length + 1));
      let printed = '';
      for await (const chunk of child.stdout ?? []) {
        printed += String(chunk);
        if (printed.length > killAfterBytes) child.kill('SIGKILL');
      }
      const acknowledged = Number(printed.slice(0, printed.lastIndexOf('\n')).split('\n').at(-1));
      stored = storedNumbers();
      expect(stored).toEqual(stored.map((_, index) => index + 1));
      expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBeGreaterThan(0);
    }
  }, 120_000);
});

describe('a reader in another process', () => {
  it('follows the feed while the writer writes, misses nothing, and cannot write', async () => {
    const history = fixture.open();
    const child = startChild('reading-child.ts', fixture.file, messageId(200));
    const output = text(child.stdout ?? process.stdin);
    await once(child.stdout ?? child, 'data');
    for (let number = 1; number <= 200; number++) {
      compose(history, number, { wired: number % 10 === 0 });
      if (number % 20 === 0) await new Promise(setImmediate);
    }
    const seen = JSON.parse((await output).replace('ready\n', '')) as {
      ids: string[];
      states: string[];
      refused: string;
    };
    const ids = Array.from({ length: 200 }, (_, index) => messageId(index + 1));
    expect(seen).toEqual({ ids, states: ids.map((id) => `${id} sent`), refused: 'SQLITE_READONLY' });
  }, 120_000);
});

// A small file system of its own needs the right to mount: as root, in a mount namespace that ends with the child.
const canMount =
  process.platform === 'linux' && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
(canMount ? describe : describe.skip)('a disk that is full', () => {
  it('refuses, keeps what it acknowledged, and takes more as soon as there is room', () => {
    const [command, line] = childCommand('full-disk-child.ts', fixture.folder);
    const script = 'mount -t tmpfs -o size=2m,mode=700 none "$1" && shift && exec "$@"';
    const { stdout, status } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', script, 'sh', fixture.folder, command, ...line],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { before: number; failures: string[]; kept: number; after: number };
    expect(result.failures).toEqual(['store-failed', 'store-failed']);
    expect(result.before).toBeGreaterThan(0);
    expect(result.kept).toBe(result.before);
    expect(result.after).toBe(result.before + 1);
  }, 120_000);
});
