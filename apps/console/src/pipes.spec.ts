import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  repositoryRoot,
  temporaryFolder,
  thisMachine,
  until,
  type BackgroundCommand,
  type TemporaryFolder,
} from '@earshot/testkit';
import { Talkers } from '../test/talkers.js';

const main = join(repositoryRoot, 'apps/console/dist/main.js');

describe('in a pipe', () => {
  let talkers: Talkers;
  let folder: TemporaryFolder;
  let env: Record<string, string>;

  beforeAll(async () => {
    talkers = await Talkers.meet();
    await talkers.anna.start(['logserver']);
    folder = temporaryFolder();
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'earshot'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    chmodSync(join(bin, 'earshot'), 0o755);
    env = { ...talkers.anna.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} ${'x'.repeat(100)}`);
    await talkers.anna.command(['send', 'bob', '-'], lines.join('\n'));
  });
  afterAll(async () => {
    folder.remove();
    await talkers.part();
  });

  /** With what each part of the pipe ended with. */
  const pipe = (script: string) =>
    thisMachine.exec('bash', ['-c', `${script}\necho "\${PIPESTATUS[*]}"`], { env, cwd: folder.path });

  it.each([
    ['history bob --limit 2000'],
    ['history bob --limit 2000 --json'],
    ['export bob --format ndjson'],
    ['man'],
    ['completion zsh'],
    ['--help'],
    ['outbox --json'],
  ])('%s ends quietly and with 0 when nobody reads on', async (command) => {
    const { stdout, stderr } = await pipe(`earshot ${command} | head -n 1 >/dev/null`);
    expect([stdout, stderr]).toEqual(['0 0\n', '']);
  });

  it('send - sends all of it although nobody reads its answers', async () => {
    const { stdout, stderr } = await pipe(
      'seq -f "unread %g" 50 | earshot send bob - --wait delivered | head -n 1 >/dev/null',
    );
    expect([stdout, stderr]).toEqual(['0 0 0\n', '']);
    const texts = (await talkers.bob.ask('history', 'anna', '--limit', '50')).map((row) => String(row['text']));
    expect(texts).toEqual(Array.from({ length: 50 }, (_, i) => `unread ${i + 1}`));
  });

  /** The beginning of a pipe, whose end is the end of all of it. */
  const first = (command: string) => `(echo "pid $BASHPID" >&2; exec ${command})`;
  const endOf = async (pipe: BackgroundCommand) => {
    process.kill(Number(/^pid (\d+)/.exec(pipe.errors)?.[1]), 'SIGTERM');
    return pipe.ended();
  };

  it('a growing file goes out line by line, and arrives in a reader as it happens', async () => {
    const log = join(folder.path, 'log');
    writeFileSync(log, '');
    const read = `${first('earshot tail --json')} | while IFS= read -r line; do echo "got $line"; done`;
    const bobs = { ...talkers.bob.env, PATH: env['PATH'] ?? '' };
    const reader = thisMachine.background('bash', ['-c', read], { env: bobs });
    await until('it follows', async () => {
      await talkers.anna.ask('send', 'bob', 'are you there', '--wait', 'delivered');
      return reader.lines.length > 0;
    });
    const write = `${first(`tail -n +1 -f ${log}`)} | earshot send bob - --json`;
    const writer = thisMachine.background('bash', ['-c', write], { env });
    for (const text of ['first', 'second', 'third']) {
      writeFileSync(log, `${text} line\n`, { flag: 'a' });
      // Before there is another one: nothing waits to be many.
      await reader.line('it arrives', (line) => line.startsWith('got ') && line.includes(`"text":"${text} line"`));
    }
    expect([await endOf(writer), await endOf(reader)]).toEqual([0, 0]);
  });

  it('what is printed and what is said of it are apart, so that a script can read one and show the other', async () => {
    const { stdout } = await thisMachine.exec(
      'sh',
      [
        '-c',
        'id=$(earshot send bob hi --json | sed \'s/.*"id":"\\([^"]*\\)".*/\\1/\'); earshot why "$id" --json | head -n 1; earshot send nobody hi 2>/dev/null || echo "ended with $?"',
      ],
      { env },
    );
    expect(stdout).toMatch(/^\{"event":"\w+","at":[^\n]+\}\nended with 3\n$/);
  });
});
