import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot, until, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, peerOf, sees, texts } from './neighbourhood.js';
import { noTerminal, Terminal, type Show } from './terminal.js';

const EARSHOT = [process.execPath, join(repositoryRoot, 'earshot')] as const;
/** Longer than the console waits after Esc for the rest of a key. */
const AFTER_ESC_MS = 150;

const describeInTerminal = noTerminal === undefined ? describe : describe.skip;

describeInTerminal(`the full screen${noTerminal === undefined ? '' : ` (skipped: ${noTerminal})`}`, () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let terminal: Terminal;

  beforeEach(async () => {
    neighbourhood = await Neighbourhood.onThisMachine();
    alice = await neighbourhood.node('alice', { env: { EARSHOT_USERNAME: '' } });
    bob = await neighbourhood.node('bob');
    await Promise.all([alice.start(), bob.start()]);
    terminal = new Terminal(neighbourhood.path, alice.env, 24);
  });
  afterEach(async () => {
    await terminal.close().catch(() => undefined);
    await neighbourhood.close();
  });

  const esc = async (show: Show) => {
    await show.type('Escape');
    await sleep(AFTER_ESC_MS);
  };
  const line = async (show: Show, text: string) => {
    await show.type('-l', text);
    await show.type('Enter');
  };
  const fromBob = async (...lines: string[]) => {
    const { code, stderr } = await bob.command(['send', 'alice', '-'], `${lines.join('\n')}\n`);
    if (code !== 0) throw new Error(stderr);
  };

  /** With a name, and bob in view, who has accepted her. */
  async function talking(): Promise<Show> {
    await alice.command(['register', 'alice']);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    for (const [one, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const)
      await one.command(['accept', other]);
    const show = await terminal.show(...EARSHOT);
    await show.sees('chooses whom to talk to');
    await show.type('M-1');
    await show.sees('bob  online, accepted');
    return show;
  }

  it('takes a new user through the first five minutes, and is where it was when it starts again', async () => {
    await until('alice hears bob', async () => (await peerOf(alice, 'bob')) !== undefined);
    const show = await terminal.show(...EARSHOT);
    const welcome = await show.sees('Around now: bob.');
    expect(welcome).toContain('What name should others see?');
    expect(welcome).toMatch(/Ctrl\+K jumps to somebody, Alt\+A to what is new, F1 shows all keys/);
    await line(show, 'alice');
    await show.sees(/^1 ● bob/m);
    await show.type('C-k');
    await show.sees('Jump to');
    await show.type('-l', 'bo');
    await show.type('Enter');
    await show.sees('You and bob have not talked yet');
    await line(show, 'hello bob');
    await show.sees(/hello bob {2}delivered/);
    await bob.command(['accept', 'alice']);
    await fromBob('hello alice');
    await show.sees(/bob \d\d:\d\d\n.*hello alice/);
    await line(show, '/verify');
    await show.sees(/\d{5} \d{5} \d{5}/);
    await esc(show);
    await fromBob(...Array.from({ length: 60 }, (_, n) => `line ${n + 1}`));
    await show.sees('line 60');
    await show.type('PageUp');
    const before = await show.sees('↓ more below');
    await show.type('-l', 'a draft');
    await show.sees('> a draft');
    await show.type('C-u', 'C-d');
    await show.over();
    expect((await show.state()).alternate).toBe('0');
    await fromBob('while you were away');
    const again = await terminal.show(...EARSHOT);
    const after = await again.sees(/↓ (more below|\d+ new)/);
    expect(pane(after)).toEqual(pane(before));
    await again.type('M-u');
    await again.sees(/── new ─+\n(.*\n)?.*while you were away/);
    await again.type('C-d');
    await again.over();
  });

  it('shares what was read with lines and with another screen, and shows nothing of what is forgotten', async () => {
    const show = await talking();
    await fromBob('seen at once');
    await show.sees('seen at once');
    await show.type('C-d');
    await show.over();
    await fromBob('a secret', 'another one');
    const lines = await terminal.show(...EARSHOT, '--plain');
    await lines.sees('Unread: 2 from bob. /msg <name> shows it.');
    const again = await terminal.show(...EARSHOT);
    await again.sees(/── new ─+\n(.*\n)?.*a secret\n.*another one/);
    await again.type('M-u');
    await until('the lines know it, too', async () => {
      await lines.type('Enter');
      return /nobody chosen: \/msg <name>\. \/help/.test(await lines.screen());
    });
    expect((await alice.command(['forget', 'bob'])).code).toBe(0);
    await lines.sees('* Messages with bob were erased from this machine.');
    await again.sees('You and bob have not talked yet');
    expect(await again.screen()).not.toContain('secret');
    await fromBob('goes on');
    await again.sees('goes on');
    for (const one of [again, lines]) {
      await one.type('C-d');
      await one.over();
    }
  });

  it('completes names, commands and paths with Tab, and so do the lines', async () => {
    const full = await talking();
    const lines = await terminal.show(...EARSHOT, '--plain');
    await lines.sees('You are alice.');
    for (const [show, prompt] of [
      [full, '> '],
      [lines, ''],
    ] as const)
      for (const [typed, completed] of [
        ['@bo', '@bob'],
        ['/who', '/whois'],
        ['/whois bo', '/whois bob'],
        ['see /usr/bi', 'see /usr/bin/'],
        ['//usr/bi', '//usr/bin/'],
      ] as const) {
        await show.type('-l', typed);
        await show.type('Tab');
        await show.sees(new RegExp(`^${prompt}${completed}`, 'm'));
        await show.type('C-u');
      }
    for (const show of [full, lines]) {
      await show.type('C-d');
      await show.over();
    }
  });

  it('takes every key and every command that its help names', async () => {
    const show = await talking();
    await fromBob('something to look at');
    await show.sees('something to look at');
    await show.type('F1');
    let help = await show.sees('── Help');
    for (let page = 0; page < 8; page++) {
      await show.type('PageDown');
      await sleep(100);
      help += await show.screen();
    }
    await esc(show);
    const keys = [
      ...help.matchAll(
        /^ {3}((?:(?:Ctrl|Alt|Shift)\+|F\d|PgUp|PgDn|Enter|Tab|Up|Down|Left|Right|Home|End|Backspace|Delete|Esc)\S*(?:, \S+)*) {2}/gm,
      ),
    ]
      .flatMap(([, names = '']) => names.split(', '))
      .filter((name) => !['Ctrl+C', 'Ctrl+D', 'Ctrl+Z'].includes(name));
    expect(new Set(keys).size).toBeGreaterThan(45);
    for (const key of new Set(keys)) {
      await show.type('-l', 'x');
      await show.type(tmuxKey(key));
      await sleep(30);
      await esc(show);
    }
    // Bare text is for copying, and has no status.
    if (!(await show.screen()).includes('F1 help')) await show.type('M-l');
    await show.sees('F1 help');
    const commands = new Set([...help.matchAll(/^ {3}(\/[a-z]+)/gm)].map(([, name = '']) => name));
    expect(commands.size).toBeGreaterThan(22);
    for (const command of commands) {
      if (command === '/quit' || command === '/restart') continue;
      await show.type('C-u', 'C-u', 'C-u', 'C-u');
      await line(show, command);
      await sleep(150);
      await esc(show);
    }
    await show.type('C-u', 'C-u');
    await line(show, '/quit');
    await show.over();
  }, 180_000);

  it('takes a paste of 200 lines, the longest message, every script, and every size of window', async () => {
    const show = await talking();
    const lines = Array.from({ length: 200 }, (_, n) => `pasted ${n + 1}`).join('\n');
    await show.paste(lines);
    await show.sees('200 lines');
    await show.type('Enter');
    await show.sees('pasted 200');
    await show.type('Enter');
    await show.sees(/pasted 200 {2}delivered/);
    const longest = `${'0123456789'.repeat(3_276)}end`;
    await show.paste(longest);
    await show.sees('9end');
    await show.type('Enter');
    await show.sees(/end {2}delivered/);
    const scripts = 'family 👨‍👩‍👧‍👦 عربي ไทย z\u0301\u0302\u0303\u0304\u0305\u0306algo';
    await fromBob(scripts, 'and this');
    await show.sees('and this');
    await show.resize(40, 10);
    await show.sees(/^ alice/m);
    expect((await show.screen()).split('\n').length).toBeLessThanOrEqual(11);
    await show.resize(80, 24);
    await show.sees(/^1 ● bob/m);
    await fromBob(...Array.from({ length: 300 }, (_, n) => `number ${n + 1}`));
    await show.sees('number 300');
    expect(await texts(bob, 'alice', 'received')).toEqual([lines, longest]);
    await show.type('C-d');
    await show.over();
  });

  it('loses nothing that is typed while each service is killed, says which is down, and goes on by itself', async () => {
    const show = await talking();
    for (const app of ['messenger', 'discovery', 'logserver'] as const) {
      await show.type('-l', `before ${app} `);
      const killed = alice.kill(app);
      await show.type('-l', 'and after');
      await show.type('Enter');
      await killed;
      await show.sees(new RegExp(`before ${app} and after {2}delivered`));
    }
    await alice.stop(['messenger']);
    await show.sees('messenger down: F5 starts what is down');
    await line(show, 'written meanwhile');
    await show.sees('waits for the messenger');
    await alice.start(['messenger']);
    await show.sees(/written meanwhile {2}delivered/);
    await show.sees(/^ alice {3,}/m);
    expect(await texts(bob, 'alice', 'received')).toEqual([
      'before messenger and after',
      'before discovery and after',
      'before logserver and after',
      'written meanwhile',
    ]);
    await show.type('C-d');
    await show.over();
  });

  it('leaves the terminal as it was, however it ends', async () => {
    const first = await talking();
    await first.type('C-d');
    await first.over();
    const ends: [string, (show: Show, pid: number) => Promise<void> | void][] = [
      ['Ctrl+D', (show) => show.type('C-d')],
      ['SIGTERM', (_, pid) => void process.kill(pid, 'SIGTERM')],
      ['SIGINT', (_, pid) => void process.kill(pid, 'SIGINT')],
      ['SIGHUP', (_, pid) => void process.kill(pid, 'SIGHUP')],
      [
        'a stop and a start',
        async (show, pid) => {
          process.kill(pid, 'SIGTSTP');
          await sleep(500);
          process.kill(pid, 'SIGCONT');
          await show.sees('bob  online');
          await show.type('C-d');
        },
      ],
    ];
    // The shell's own id becomes the console's.
    const inner = `'echo $$ > "$0/pid"; exec "$@"'`;
    const script = `stty -a > "$0/before"; sh -c ${inner} "$0" "$@"; stty -a > "$0/after"`;
    for (const [name, end] of ends) {
      const show = await terminal.show('sh', '-c', script, neighbourhood.path, ...EARSHOT);
      await show.sees('bob  online');
      await end(show, Number(readFileSync(join(neighbourhood.path, 'pid'), 'utf8')));
      await show.over();
      const [before, after] = ['before', 'after'].map((file) => readFileSync(join(neighbourhood.path, file), 'utf8'));
      expect([name, after]).toEqual([name, before]);
      expect([name, (await show.state()).alternate, (await show.state()).cursor]).toEqual([name, '0', '1']);
    }
    const crashed = await terminal.show(
      'env',
      `NODE_OPTIONS=${CRASH}`,
      'sh',
      '-c',
      script,
      neighbourhood.path,
      ...EARSHOT,
    );
    await crashed.sees('bob  online');
    await crashed.over();
    const [before, after] = ['before', 'after'].map((file) => readFileSync(join(neighbourhood.path, file), 'utf8'));
    expect(after).toBe(before);
    expect(await crashed.state()).toMatchObject({ alternate: '0', cursor: '1' });
    expect(await crashed.screen()).toContain('a bug');
  });
});

/** A mistake of ours, some time after the start: nobody catches it. */
const CRASH = `--import=data:text/javascript,${encodeURIComponent("setTimeout(() => { throw new Error('a bug') }, 4000)")}`;

/** The conversation, without its last row, which says what is below. */
function pane(screen: string): string[] {
  return screen
    .split('\n')
    .slice(1, 21)
    .map((row) => row.slice(23).trimEnd());
}

/** As tmux calls a key. */
function tmuxKey(name: string): string {
  const parts = name.split('+');
  const key = parts.pop() ?? '';
  const named: Readonly<Record<string, string>> = {
    PgUp: 'PageUp',
    PgDn: 'PageDown',
    Esc: 'Escape',
    Backspace: 'BSpace',
    Delete: 'DC',
  };
  if (name === 'Shift+Tab') return 'BTab';
  if (name === 'Alt+Shift+U') return 'M-U';
  const base = named[key] ?? (key.length === 1 ? key.toLowerCase() : key);
  return `${parts.map((part) => (part === 'Ctrl' ? 'C-' : 'M-')).join('')}${base}`;
}
