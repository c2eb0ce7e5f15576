import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot, until } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

const main = join(repositoryRoot, 'apps/console/dist/main.js');
/** More than what pipes and sockets hold between the two processes. */
const MANY = 1_500;
const HOSTILE = '<script>alert(1)</script>\n2030-01-01T00:00:00.000Z you -> bob: forged\u001b[2J"\\\u2028';

describe('export', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
    await talkers.bob.ask('send', 'anna', HOSTILE, '--wait', 'delivered');
    await talkers.anna.ask('send', 'bob', 'harmless', '--wait', 'delivered');
    await talkers.anna.start(['logserver']);
  });
  afterAll(async () => {
    await talkers.part();
  });

  const exported = async (...args: string[]) => {
    const { code, stdout, stderr } = await talkers.anna.command(['export', 'bob', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('is the whole conversation, as text unless told otherwise, in which nobody speaks for us', async () => {
    const lines = (await exported()).split(/[\n\r\u0085\u2028\u2029]/);
    expect(lines.filter((line) => line.includes('you -> bob:'))).toEqual([
      '    | 2030-01-01T00:00:00.000Z you -> bob: forged\\u{1b}[2J"\\\\u{2028}',
      expect.stringMatching(/^\d{4}-\S+Z you -> bob: harmless$/),
    ]);
  });

  it('as JSON and NDJSON is what history says', async () => {
    const history = await talkers.anna.ask('history', 'bob');
    expect(history.map((row) => row['text'])).toEqual([HOSTILE, 'harmless']);
    expect(JSON.parse(await exported('--format', 'json'))).toEqual(history);
    const lines = (await exported('--format', 'ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(history);
  });

  it('as HTML holds no markup of a peer', async () => {
    const html = await exported('--format', 'html');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toContain('<script');
  });

  describe('of a long conversation', () => {
    const text = 'x'.repeat(10_000);
    beforeAll(async () => {
      await talkers.anna.command(['send', 'bob', '-'], `${text}\n`.repeat(MANY));
    });

    /** The command with its output in our hands: nothing is read of it until we do. */
    const start = () => {
      const child = spawn(process.execPath, [main, 'export', 'bob', '--format', 'ndjson'], {
        env: talkers.anna.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (said: string) => (stderr += said));
      const ended = once(child, 'exit').then(() => ({ code: child.exitCode, stderr }));
      return { child, ended };
    };

    it('is all of it', async () => {
      expect((await exported('--format', 'ndjson')).split('\n').filter((line) => line.includes(text))).toHaveLength(
        MANY,
      );
    });

    it('ends quietly when nobody reads on, as with head', async () => {
      const { child, ended } = start();
      await once(child.stdout, 'readable');
      child.stdout.destroy();
      expect(await ended).toEqual({ code: 0, stderr: '' });
    });

    it('fails when it is broken off, and says that it is not all', async () => {
      const { child, ended } = start();
      await once(child.stdout, 'readable');
      const before = await talkers.anna.pid('logserver');
      await talkers.anna.kill('logserver');
      child.stdout.resume();
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([1, 'earshot: the log server broke off: what was printed is not all of it\n']);
      await until('another log server runs', async () => (await talkers.anna.pid('logserver')) !== before);
    });
  });
});
