import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { EarshotNode, freeUdpPort, repositoryRoot, temporaryFolder, thisMachine, until } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

describe('the line console in a pipe', () => {
  let talkers: Talkers;
  beforeAll(async () => {
    talkers = await Talkers.meet();
  });
  afterAll(async () => {
    await talkers.part();
  });

  const textsAtBob = async () => (await talkers.bob.ask('history', 'anna')).map((row) => String(row['text']));

  it.each([[[]], [['--plain']]])(
    'carries everything out before it ends, and prints every answer (%j)',
    async (args) => {
      const input = '/peers\n@bob hello from the pipe\r\nand //this\n//that\n/history\n/whois\n/frob\n/hlep';
      const { code, stdout, stderr } = await talkers.anna.command(args, input);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(
        /^You are anna\. 1 around: .*\n {2}online {2}bob {2}(accepted|new to you)\nTalking to bob \(online; (accepted|new to you)\)\.\n/,
      );
      for (const text of ['hello from the pipe', 'and //this', '/that']) {
        expect(stdout).toMatch(new RegExp(`\\d\\d:\\d\\d you -> bob: ${text}\n`));
        expect(stdout).toMatch(new RegExp(`T.*you -> bob#\\w{10}: ${text} {2}\\[`));
      }
      expect(stdout).toMatch(/ {2}proved at {2}127\.0\.0\.1:\d+\n/);
      expect(stdout).toContain('There is no /frob: ');
      expect(stdout).toContain('did you mean /help?');
      // No cursor motion and no colour.
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      await until(
        'all of it is there',
        async () => (await textsAtBob()).slice(-3).join() === 'hello from the pipe,and //this,/that',
      );
    },
  );

  it('looks for words, lists who waits, and says what it cannot do in a pipe', async () => {
    await talkers.anna.start(['logserver']);
    await talkers.anna.ask('send', 'bob', 'a green bicycle', '--wait', 'delivered');
    const { code, stdout } = await talkers.anna.command(
      ['--plain'],
      '@bob /me waves\n/search bicycle green\n/search nowhere-said\n/requests\n/clear\n/read all\n/notify bob off\n',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/\d\d:\d\d you -> bob: \* anna waves\n/);
    // That it was delivered may be told between any two of these.
    expect(stdout).toMatch(/T.*you -> bob#\w{10}: a green bicycle {2}\[delivered\]\n/);
    for (const line of ['Nothing found.', 'Nobody waits for an answer of yours.', 'There is no screen to empty here.'])
      expect(stdout).toContain(`${line}\n`);
    expect(stdout).toContain('When bob writes, nothing rings');
    await until('it arrives as it was typed', async () => (await textsAtBob()).includes('/me waves'));
  });

  it('shows what comes in, and what became of what went out', async () => {
    const console = talkers.anna.follow(['--plain']);
    await console.line('it greets', (line) => line.startsWith('You are anna.'));
    await talkers.bob.ask('send', 'anna', 'hi\nanna: forged\u001b[2J');
    await console.line('the message is shown', (line) => /^\d\d:\d\d bob: hi$/.test(line));
    expect(console.lines).toContain('  | anna: forged\\u{1b}[2J');
    console.type('\n');
    await console.line('it counts', (line) => line.includes('unread: 1 from bob'));
    console.type('@bob answer\n');
    await console.line('it was delivered', (line) => line === '  (delivered to bob)');
    console.type('/block bob\n/accept bob\n');
    await console.line('the note is a plain line', (line) => /^bob#\w{10} is accepted\.$/.test(line));
    console.type('/quit\n');
    expect(await console.ended()).toBe(0);
  });

  it('knows what was read on no screen, shows it when it is chosen, and then it is read', async () => {
    // Until then anna has read everything.
    await talkers.anna.command(['--plain'], '/read all\n');
    for (const text of ['first', 'second', 'third']) await talkers.bob.ask('send', 'anna', text, '--wait', 'delivered');
    await talkers.anna.stop(['messenger']);
    await talkers.anna.start(['messenger']);
    const console = talkers.anna.follow(['--plain']);
    await console.line('it greets', (line) => line === 'Unread: 3 from bob. /msg <name> shows it.');
    await talkers.bob.ask('send', 'anna', 'fourth', '--wait', 'delivered');
    await console.line('that is shown', (line) => /^\d\d:\d\d bob: fourth$/.test(line));
    console.type('/msg bob\n');
    await console.line('the oldest stands there', (line) => line.includes('first'));
    console.type('/quit\n');
    expect(await console.ended()).toBe(0);
    const texts = ['first', 'second', 'third', 'fourth'];
    expect(console.lines.flatMap((line) => texts.find((text) => line.includes(text)) ?? [])).toEqual([
      'fourth',
      ...texts.slice(0, 3),
    ]);
    const after = await talkers.anna.command(['--plain'], '/peers\n');
    expect(after.stdout).toContain('You are anna.');
    expect(after.stdout).not.toMatch(/unread/i);
  });

  it('loses nothing that is typed while the messenger is down, nor when it is killed', async () => {
    await talkers.anna.stop(['messenger']);
    const console = talkers.anna.follow(['--plain']);
    console.type('@bob typed first\n');
    await console.line('it says what is down', (line) =>
      /^! the messenger is not running: .*pm2 restart anna-messenger/.test(line),
    );
    console.type('typed second\n/status\n');
    await console.line('what needs no messenger is answered', (line) => line.startsWith('messenger  down'));
    console.end();
    await talkers.anna.start(['messenger']);
    expect(await console.ended()).toBe(0);
    expect((await talkers.anna.ask('history', 'bob')).slice(-2).map((row) => row['text'])).toEqual([
      'typed first',
      'typed second',
    ]);

    const texts = Array.from({ length: 400 }, (_, i) => `many ${i}`);
    const busy = talkers.anna.follow(['--plain']);
    busy.type(`/msg bob\n${texts.join('\n')}\n`);
    busy.end();
    await busy.line('it is under way', (line) => line.endsWith('many 20'));
    await talkers.anna.kill('messenger');
    expect(await busy.ended()).toBe(0);
    const sent = (await talkers.anna.ask('history', 'bob', '--limit', '1000')).map((row) => String(row['text']));
    expect(sent.filter((text) => text.startsWith('many'))).toEqual(texts);
    expect(busy.lines.filter((line) => / many \d+$/.test(line))).toHaveLength(texts.length);
  });

  it('names what it did not carry out when it is ended, and fails', async () => {
    await talkers.anna.stop(['messenger']);
    const console = talkers.anna.follow(['--plain']);
    console.type('@bob never sent\n');
    await console.line('it is kept', (line) => line.includes('kept until it is back'));
    expect(await console.stop()).toBe(1);
    expect(console.lines.at(-1)).toBe('! Not carried out: @bob never sent');
    await talkers.anna.start(['messenger']);
  });
});

describe('the first run', () => {
  it('asks for a name, explains a refused one, takes a good one, and the next line is no name', async () => {
    const folder = temporaryFolder();
    const node = await EarshotNode.create({ name: 'new', folder: folder.path, discoveryPort: await freeUdpPort() });
    try {
      await node.start(['messenger']);
      const { code, stdout } = await node.command(['--plain'], 'an na\ndora\n@nobody hi\n');
      // A message was not sent, and a script has to know.
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /^Welcome to Earshot.*\nWhat name should others see\?.*\n! this name cannot be used: .*\nWhat name .*\nYou are dora\. /,
      );
      expect(stdout).toContain('! nobody: nobody known goes by that name');
      expect((await node.ask('whoami'))[0]).toMatchObject({ username: 'dora' });
    } finally {
      await node.close();
      folder.remove();
    }
  });
});

describe('the supervised console', () => {
  it('asks for a name until one was taken elsewhere', async () => {
    const folder = temporaryFolder();
    const node = await EarshotNode.create({ name: 'super', folder: folder.path, discoveryPort: await freeUdpPort() });
    try {
      await node.start(['messenger', 'console']);
      await until('it asks', () => node.output('console').includes('What name should others see?'));
      expect((await node.command(['status', '--json'])).json[0]?.['services']).toMatchObject({ console: { up: true } });
      await node.command(['register', 'eva']);
      await until('it greets', () => node.output('console').includes('You are eva.'));
    } finally {
      await node.close();
      folder.remove();
    }
  });

  it('takes its lines from a pipe that others open and close', async () => {
    const folder = temporaryFolder();
    const node = await EarshotNode.create({
      name: 'fifo',
      folder: folder.path,
      discoveryPort: await freeUdpPort(),
      env: { EARSHOT_USERNAME: 'eva' },
    });
    try {
      await node.start(['messenger']);
      const fifo = join(folder.path, 'lines');
      await thisMachine.exec('mkfifo', [fifo]);
      const main = join(repositoryRoot, 'apps/console/dist/main.js');
      const command = `exec "${process.execPath}" "${main}" --plain --supervised < "${fifo}"`;
      const supervised = thisMachine.background('sh', ['-c', command], { env: node.env });
      const writer = await open(fifo, 'w');
      const says = (what: string) => supervised.line(what, (line) => line.includes(what));
      await says('You are eva.');
      await writer.write('\n');
      await says('You are eva; nobody chosen');
      await writer.write('/quit\n');
      await says('under the supervisor and stays');
      await writer.close();
      await until('it still answers', async () => {
        const { json } = await node.command(['status', '--json']);
        return (json[0]?.['services'] as Record<string, { up: boolean }>)['console']?.up;
      });
      expect(supervised.running).toBe(true);
      expect(await supervised.stop()).toBe(0);
    } finally {
      await node.close();
      folder.remove();
    }
  });
});
