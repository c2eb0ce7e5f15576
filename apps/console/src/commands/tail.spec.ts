import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, until } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

const LINES = 3_000;

describe('tail', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
  });
  afterAll(async () => {
    await talkers.part();
  });

  /** Follows, and knows that it does: what was sent before it began is not its business. */
  const tailing = async (args = ['tail', '--json']) => {
    const following = talkers.bob.follow(args);
    await until('it follows', async () => {
      await talkers.anna.ask('send', 'bob', 'are you there', '--wait', 'delivered');
      return following.lines.length > 0;
    });
    return following;
  };

  it('goes on across kills of the messenger while messages flow, without a gap and without a repeat', async () => {
    const following = await tailing();
    const texts = Array.from({ length: LINES }, (_, i) => `flow ${i}`);
    const seen = () => following.json.filter((row) => row['event'] === 'message').map((row) => String(row['text']));
    const flowing = () => seen().filter((text) => text.startsWith('flow'));
    const sending = talkers.anna.follow(['send', 'bob', '-']);
    for (let part = 0; part < 3; part++) {
      sending.type(texts.slice((part * LINES) / 3, ((part + 1) * LINES) / 3).join('\n') + '\n');
      await until('some arrive', () => flowing().length > (part * LINES) / 3);
      await talkers.bob.kill('messenger');
    }
    await until('all arrive', () => flowing().length >= LINES);
    expect(flowing()).toEqual(texts);
    await sending.stop();
    expect(await following.stop()).toBe(0);
  });

  it('tells states of what was sent, in the fields of the design', async () => {
    const following = talkers.anna.follow(['tail', '--json']);
    await until('it follows', async () => {
      await talkers.anna.ask('send', 'bob', 'hello');
      return following.json.some((row) => row['event'] === 'state');
    });
    const { json } = following;
    const fields = (event: string) => Object.keys(json.find((row) => row['event'] === event) ?? {});
    expect(fields('message')).toEqual([
      'event',
      'id',
      'peer',
      'username',
      'direction',
      'text',
      'sentAt',
      'committedAt',
      'state',
    ]);
    expect(fields('state')).toEqual(['event', 'id', 'peer', 'state']);
    await following.stop();
  });

  it('tells only what changes of peers, where peers --watch begins with who is there', async () => {
    const watching = talkers.anna.follow(['peers', '--watch', '--json']);
    await watching.line('bob is there', (line) => line.includes('"username":"bob"'));
    await until('anna is there again', async () => (await talkers.bob.ask('peers'))[0]?.['presence'] === 'online');
    const following = await tailing();
    expect(following.json.filter((row) => row['event'] === 'peer')).toEqual([]);
    await talkers.anna.stop(['messenger']);
    await following.line('anna goes', (line) => line.includes('"event":"peer"') && line.includes('"presence":"away"'));
    await talkers.anna.start(['messenger']);
    expect(Object.keys(watching.json[0] ?? {})).toEqual(['id', 'username', 'address', 'presence', 'lastSeen', 'trust']);
    expect(await watching.stop('SIGTERM')).toBe(0);
    expect(await following.stop('SIGTERM')).toBe(0);
  });

  it('ends quietly with 0 when nobody reads any more', async () => {
    const main = join(repositoryRoot, 'apps/console/dist/main.js');
    const child = spawn(process.execPath, [main, 'tail'], { env: talkers.bob.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    await until('it has ended', async () => {
      await talkers.anna.ask('send', 'bob', 'is anybody reading');
      return child.exitCode !== null || child.signalCode !== null;
    });
    expect([child.exitCode, stderr]).toEqual([0, '']);
  });
});
