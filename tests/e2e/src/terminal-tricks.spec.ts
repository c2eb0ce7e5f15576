import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, thisMachine, until, type BackgroundCommand, type EarshotNode } from '@earshot/testkit';
import { Neighbourhood, sees } from './neighbourhood.js';
import { original, PythonPeer, pythonMayBeMissing } from './python.js';
import { noTerminal, Terminal, type Show } from './terminal.js';

const why = noTerminal ?? pythonMayBeMissing;
const describeTerminal = why === undefined ? describe : describe.skip;

const range = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join('');

const FORGED = '12:00 alice: send me money';
const TITLE = '\u001b]0;owned\u0007\u001b]2;owned\u001b\\';
const CLIPBOARD = '\u001b]52;c;b3duZWQ=\u0007';

/** Everything that somebody could try. NUL alone is no text at all (wire-v1 §5). */
const TRICKS: readonly string[] = [
  `C0 ${range(0x01, 0x08)}${range(0x0b, 0x0c)}${range(0x0e, 0x1f)}\u007f`,
  `C1 ${range(0x80, 0x9f)}`,
  'CSI \u001b[2J\u001b[H\u001b[31mred\u001b[5A \u009b31mred\u009b5A',
  `OSC ${TITLE}${CLIPBOARD}\u001b]8;;http://x.example\u0007bank\u001b]8;;\u0007 \u009d0;owned\u009c`,
  'DCS \u001bPq#0;2;0;0;0#0~~\u001b\\ APC \u001b_owned\u001b\\ PM \u001b^owned\u001b\\ SOS \u001bXowned\u001b\\',
  `bidi ${range(0x202a, 0x202e)}${range(0x2066, 0x2069)}\u200e\u200f\u061c`,
  'unseen \u200b\u200c\u200d\u2060\ufeff\u00ad\u2028\u2029\u{e0001}\u{e0041}',
  'none \uffff\ufdd0\u{1fffe}\u{10ffff}',
  `marks Z${'\u0300\u0489'.repeat(25)}`,
  `lines\n${FORGED}\n* alice is here\n! The messenger is down.\r\nYou are alice.\r12:01 you -> bob: deal`,
  `edge ${'x'.repeat(Terminal.COLUMNS - '12:00 mallory: edge '.length)}${FORGED}`,
  `blank ${' '.repeat(Terminal.COLUMNS - '12:00 mallory: blank '.length)}${FORGED}`,
  'over\t\twritten\b\b\b\revil',
  `long ${'y'.repeat(300)}`,
];
const EVIL = `evil${TITLE}${CLIPBOARD}\u001b[31m\u009b31m\u202e\u200b\u0008\u007f\r${FORGED}`;
const STATUS = '\u001b[31mbusy\u202e\u0007';

/** What no program of ours may print: whatever a terminal obeys (a tab in an exported file is harmless), hides or reorders, and stacks of marks. */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\uffff\u{1fffe}\u{10ffff}\u{e0000}-\u{e007f}]|\p{M}{4}/u;
/** How readline puts the cursor into the line that is being typed. It ends the line itself, and so does the terminal. */
const LINE_EDITING = /\u001b\[\d*[GJ]/g;

describeTerminal(
  `a terminal in which somebody tries every trick${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let neighbourhood: Neighbourhood;
    let alice: EarshotNode;
    let terminal: Terminal;
    let untouched: Awaited<ReturnType<Show['state']>>;
    let console_: Show;
    let tail: Show;
    let mallory: PythonPeer;
    const others: PythonPeer[] = [];
    let legacy: BackgroundCommand;

    const earshot = [process.execPath, join(repositoryRoot, 'apps/console/dist/main.js')] as const;
    const run = (...args: string[]) => terminal.run(...earshot, ...args);

    beforeAll(async () => {
      neighbourhood = await Neighbourhood.onThisMachine();
      alice = await neighbourhood.node('alice');
      await alice.start();
      // Without the bell that our own console rings: it could not be told from one that somebody sends.
      terminal = new Terminal(neighbourhood.path, { ...alice.env, EARSHOT_NOTIFY: 'off' });
      console_ = await terminal.show(...earshot, '--plain');
      tail = await terminal.show(...earshot, 'tail');
      await until('the console is there', () => console_.printed.includes('You are alice'));
      untouched = await (await terminal.run('true')).state();

      const here = `127.0.0.1:${neighbourhood.discoveryPort}`;
      const peer = (name: string, ...args: string[]) =>
        PythonPeer.start(thisMachine, name, neighbourhood.path, [
          ...['--listen', '127.0.0.1:0', '--announce-to', here, '--discovery-port', '0', '--timeout', '150'],
          ...['--dial', `127.0.0.1:${alice.port}`, '--expect-messages', '1', ...args],
        ]);
      mallory = await peer('mallory', '--status', STATUS, '--client', '\u001b[2J', '--send', ...TRICKS);
      await until('all of it is here', async () => (await textsOf('mallory')).length === TRICKS.length);
      // What a name can be: letters of any script and marks. One that looks like alice's, one from right to left, a tower.
      for (const name of ['\u0430lice', '\u05d0\u05dc\u05d9\u05e1', `q${'\u0300\u0489'.repeat(12)}`])
        others.push(await peer(name, '--send', `I am ${name}`));
      legacy = original(thisMachine, [
        ...['announce', '--username', `bob is here ${TITLE}\u202e`, '--ip', '127.0.0.1', '--port', '7001'],
        ...['--to', '127.0.0.1', '--udp-port', String(neighbourhood.discoveryPort), '--interval', '2'],
      ]);
      await until('everybody is here', async () => (await alice.ask('peers')).length === 5);
      await sees(alice, 'mallory');
    });
    afterAll(async () => {
      await terminal.close();
      await legacy.stop();
      for (const peer of [mallory, ...others]) await peer.stop();
      await neighbourhood.close();
    });

    async function textsOf(name: string): Promise<unknown[]> {
      return (await alice.command(['history', name, '--json'])).json.map((row) => row['text']);
    }

    /** Nothing but text has come out: of the program, on the screen, and in what a terminal keeps beside it. */
    async function expectOnlyText(show: Show, ownSequences = /(?!)/): Promise<void> {
      expect(show.printed.length).toBeGreaterThan('<over>'.length);
      expect(show.printed.replace(/\r+\n/g, '\n').replace(ownSequences, '').match(UNSAFE)).toBeNull();
      expect((await show.rows()).filter((row) => row.includes('\u001b'))).toEqual([]);
      expect(await show.state()).toEqual(untouched);
      expect(await terminal.clipboard()).toBe('');
    }

    it('does obey what reaches it as it was written, so that this would be seen', async () => {
      const show = await terminal.run('printf', '%s\n', ...TRICKS);
      expect(show.printed).toMatch(UNSAFE);
      expect(await show.state()).not.toEqual(untouched);
      expect((await show.rows()).join('\n')).toContain('\u001b[31m');
      expect(await terminal.clipboard()).toContain('"owned"');
      await terminal.forgetClipboard();
    });

    it('shows the line console, in which every row is ours or behind the gutter', async () => {
      await expectOnlyText(console_, LINE_EDITING);
      const rows = (await console_.rows()).map((row) => row.replace(/^\d\d:\d\d/, '12:34'));
      expect(rows).toEqual(CONSOLE);
      for (const words of ['/peers', '/history mallory', '/whois mallory', '/outbox']) {
        await console_.type('-l', words);
        await console_.type('Enter');
      }
      await until('all is answered', () => console_.printed.includes('Nothing waits'));
      await expectOnlyText(console_, LINE_EDITING);
    });

    it('shows what the supervised console prints, whoever looks at it', () => {
      const printed = alice.output('console');
      expect(printed.match(UNSAFE)).toBeNull();
      expect(printed).toContain(`\n  | ${FORGED}`);
      expect(printed).not.toContain(`x${FORGED}`);
    });

    it('shows tail, history and the export, in which a text stays behind the name of its author', async () => {
      const shows = [tail, await run('history', 'mallory'), await run('export', 'mallory')];
      for (const show of shows) {
        await expectOnlyText(show);
        const rows = await show.rows();
        expect(rows.filter((row) => row.includes(FORGED)).length).toBeGreaterThanOrEqual(2);
        // A message and its author; a peer, in tail; or the gutter.
        for (const row of rows) expect(row).toMatch(/^(\d{4}-\d\d-\d\dT[\d:.]+Z +\S+: |online  \S+(  |$)| {2,4}\| )/);
      }
    });

    it.each(['txt', 'html', 'json', 'ndjson'])(
      'shows an export as %s, also where it comes from a file',
      async (format) => {
        await expectOnlyText(await run('export', 'mallory', '--format', format));
        if (format === 'html') return;
        const file = join(neighbourhood.path, 'exported');
        const toFile = ['sh', '-c', `"$@" > ${file} && cat ${file}`, 'sh', ...earshot] as const;
        await expectOnlyText(await terminal.run(...toFile, 'export', 'mallory', '--format', format));
      },
    );

    it('shows who is around', async () => {
      const show = await run('peers');
      await expectOnlyText(show);
      const rows = (await show.rows())
        .join('')
        .replace(/#[a-z2-7]{10}/g, '#tag')
        .replace(/:\d{5}/g, ':port');
      expect(rows.split(/(?=online {2})/).map((row) => row.replace(/last seen .*/, 'last seen'))).toEqual([
        'online  mallory#tag  127.0.0.1:port  new  last seen',
        'online  q\u0300\u0489\u0300#tag  127.0.0.1:port  new  last seen',
        'online  \u0430lice#tag  127.0.0.1:port  new  last seen',
        'online  \u05d0\u05dc\u05d9\u05e1#tag  127.0.0.1:port  new  last seen',
        'online  bob\\u{20}is\\u{20}here\\u{20}\ufffd]0;owned\ufffd\ufffd]2;owned\ufffd\\\ufffd  127.0.0.1:7001  legacy  last seen',
      ]);
    });

    it('shows what is known of somebody, with their status', async () => {
      const show = await run('whois', 'mallory');
      await expectOnlyText(show);
      expect(await show.rows()).toContain('  status     \\u{1b}[31mbusy\\u{202e}\\u{7}');
    });

    it('shows what waits, and why', async () => {
      await alice.stop(['discovery']);
      await others[0]?.stop();
      for (const text of TRICKS) await alice.ask('send', '\u0430lice', text);
      const show = await run('outbox');
      await expectOnlyText(show);
      const rows = await show.rows();
      expect(rows[0]).toMatch(/^\u0430lice#\w{10}: trying to reach|^\u0430lice#\w{10} is away/);
      const messages = rows.slice(rows.findIndex((row) => row.startsWith('  ')));
      expect(messages.length).toBeGreaterThan(TRICKS.length);
      for (const row of messages) expect(row).toMatch(/^ {2}(\d{4}-\d\d-\d\dT[\d:.]+Z {2}\[queued\]|\| )/);
      const [waiting] = await alice.ask('outbox');
      await expectOnlyText(await run('why', String(waiting?.['id'])));
      await alice.start(['discovery']);
    });

    it.each<[string, number, string[]]>([
      ['a command', 2, [EVIL]],
      ['an option', 2, [`--${EVIL}`]],
      ['the value of an option', 2, ['history', 'mallory', '--limit', EVIL]],
      ['a name', 3, ['whois', EVIL]],
      ['a name to be taken', 2, ['register', EVIL]],
      ['an address', 2, ['connect', EVIL.replaceAll(':', '')]],
      ['a setting', 78, ['config', 'get', EVIL]],
      ['the value of a setting', 78, ['config', 'set', 'port', EVIL]],
      ['a message id', 2, ['why', EVIL]],
    ])('shows the error for %s that was typed', async (_, code, args) => {
      await expectOnlyText(await run(...args));
      expect((await alice.command(args)).code).toBe(code);
    });

    it('shows what the console says to lines that it is given', async () => {
      const given = [`/${EVIL}`, `/whois ${EVIL}`, `/connect ${EVIL}`, `/nick ${EVIL}`, `nobody is chosen ${EVIL}`];
      const script = 'given=$1; shift; printf "%s\\n" "$given" | "$@"';
      const show = await terminal.run('sh', '-c', script, 'sh', given.join('\n'), ...earshot, '--plain');
      await expectOnlyText(show);
      expect(show.printed).toContain('There is no /');
      expect(show.printed).toContain('nobody is chosen: nobody is chosen');
    });

    it('shows the errors of a folder with such a name', async () => {
      const folder = join(neighbourhood.path, EVIL);
      writeFileSync(folder, '');
      for (const args of [
        [...earshot, 'peers'],
        [process.execPath, join(repositoryRoot, 'apps/messenger/dist/main.js')],
      ]) {
        const show = await terminal.run('env', `EARSHOT_HOME=${folder}`, ...args);
        await expectOnlyText(show);
        expect(show.printed).toContain('is not a folder');
      }
    });

    it('shows the process logs', async () => {
      const show = await terminal.run('sh', '-c', 'cat "$1"/logs/*.log', 'sh', alice.home);
      expect(show.printed).toContain('"msg":"session open"');
      await expectOnlyText(show);
    });
  },
);

/** The line console as it stood on the screen, with another time of day. */
const CONSOLE = [
  'You are alice. Nobody else is around yet; they appear by themselves. /help lists',
  ' the commands.',
  '* mallory is here',
  '12:34 mallory: C0 \\u{1}\\u{2}\\u{3}\\u{4}\\u{5}\\u{6}\\u{7}\\u{8}\\u{b}\\u{c}\\u{e}\\u{f}\\u',
  '  | {10}\\u{11}\\u{12}\\u{13}\\u{14}\\u{15}\\u{16}\\u{17}\\u{18}\\u{19}\\u{1a}\\u{1b}\\u{1c}',
  '  | \\u{1d}\\u{1e}\\u{1f}\\u{7f}',
  '  mallory is new to you: /accept mallory or /block mallory. Writing back accepts',
  '.',
  '12:34 mallory: C1 \\u{80}\\u{81}\\u{82}\\u{83}\\u{84}\\u{85}\\u{86}\\u{87}\\u{88}\\u{89}\\u',
  '  | {8a}\\u{8b}\\u{8c}\\u{8d}\\u{8e}\\u{8f}\\u{90}\\u{91}\\u{92}\\u{93}\\u{94}\\u{95}\\u{96}',
  '  | \\u{97}\\u{98}\\u{99}\\u{9a}\\u{9b}\\u{9c}\\u{9d}\\u{9e}\\u{9f}',
  '12:34 mallory: CSI \\u{1b}[2J\\u{1b}[H\\u{1b}[31mred\\u{1b}[5A \\u{9b}31mred\\u{9b}5A',
  '12:34 mallory: OSC \\u{1b}]0;owned\\u{7}\\u{1b}]2;owned\\u{1b}\\\\u{1b}]52;c;b3duZWQ=\\',
  '  | u{7}\\u{1b}]8;;http://x.example\\u{7}bank\\u{1b}]8;;\\u{7} \\u{9d}0;owned\\u{9c}',
  '12:34 mallory: DCS \\u{1b}Pq#0;2;0;0;0#0~~\\u{1b}\\ APC \\u{1b}_owned\\u{1b}\\ PM',
  '  | \\u{1b}^owned\\u{1b}\\ SOS \\u{1b}Xowned\\u{1b}\\',
  '12:34 mallory: bidi \\u{202a}\\u{202b}\\u{202c}\\u{202d}\\u{202e}\\u{2066}\\u{2067}\\u{2',
  '  | 068}\\u{2069}\\u{200e}\\u{200f}\\u{61c}',
  '12:34 mallory: unseen \\u{200b}\\u{200c}\\u{200d}\\u{2060}\\u{feff}\\u{ad}\\u{2028}\\u{2',
  '  | 029}\\u{e0001}\\u{e0041}',
  '12:34 mallory: none \\u{ffff}\\u{fdd0}\\u{1fffe}\\u{10ffff}',
  '12:34 mallory: marks Z\u0300\u0489\u0300',
  '12:34 mallory: lines',
  '  | 12:00 alice: send me money',
  '  | * alice is here',
  '  | ! The messenger is down.',
  '  | You are alice.',
  '  | 12:01 you -> bob: deal',
  '12:34 mallory: edge xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  '  | 12:00 alice: send me money',
  '12:34 mallory: blank',
  '  | 12:00 alice: send me money',
  '12:34 mallory: over  written\\u{8}\\u{8}\\u{8}',
  '  | evil',
  '12:34 mallory: long yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
  '  | yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
  '  | yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
  '  | yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
  '  | yyyyyyyyyyyy',
  '* \u0430lice is here',
  '12:34 \u0430lice: I am \u0430lice',
  '  \u0430lice is new to you: /accept \u0430lice or /block \u0430lice. Writing back accepts.',
  '* \u05d0\u05dc\u05d9\u05e1 is here',
  '12:34 \u05d0\u05dc\u05d9\u05e1: I am \u05d0\u05dc\u05d9\u05e1',
  '  \u05d0\u05dc\u05d9\u05e1 is new to you: /accept \u05d0\u05dc\u05d9\u05e1 or /block \u05d0\u05dc\u05d9\u05e1. Writing back accepts.',
  '* q\u0300\u0489\u0300 is here',
  '12:34 q\u0300\u0489\u0300: I am q\u0300\u0489\u0300',
  '  q\u0300\u0489\u0300 is new to you: /accept q\u0300\u0489\u0300 or /block q\u0300\u0489\u0300. Writing back accepts.',
  '* bob\\u{20}is\\u{20}here\\u{20}\ufffd]0;owned\ufffd\ufffd]2;owned\ufffd\\\ufffd is here (the original progra',
  'm: cannot chat securely)',
];
