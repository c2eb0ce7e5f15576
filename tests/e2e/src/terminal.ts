import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine, until } from '@earshot/testkit';

/** Why no terminal can be had here; undefined where one can. */
export const noTerminal = ((): string | undefined => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'tmux is missing';
  }
})();

/** Begins when told, so that everything it prints is recorded; ends when told, so that the screen can be looked at. */
const STAGE = `stty -echo; read go; stty echo; "$@"; printf '<over>'; stty -echo; read go`;

/** A real terminal of 80 columns, in a tmux server of its own, that obeys whatever programs print. */
export class Terminal {
  static readonly COLUMNS = 80;
  private readonly socket: string;
  private shows = 0;

  /** @param folder for the socket and what programs print */
  constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly rows = 50,
  ) {
    this.socket = join(folder, 'tmux');
  }

  /** Starts a program. */
  async show(file: string, ...args: string[]): Promise<Show> {
    const pane = await this.tmux(
      // A program may set the clipboard: where ours let one through, it would be seen.
      ...['set', '-s', 'set-clipboard', 'on', ';', 'set', '-g', 'history-limit', '10000', ';'],
      ...['new-session', '-d', '-P', '-F', '#{pane_id}', '-x', String(Terminal.COLUMNS), '-y', String(this.rows)],
      ...['sh', '-c', STAGE, 'sh', file, ...args],
    );
    const recorded = join(this.folder, `printed-${(this.shows += 1)}`);
    await this.tmux('pipe-pane', '-t', pane.trim(), `cat > ${recorded}`);
    const show = new Show((...words) => this.tmux(...words), pane.trim(), recorded);
    await show.type('Enter');
    return show;
  }

  /** Runs a program to its end. */
  async run(file: string, ...args: string[]): Promise<Show> {
    const show = await this.show(file, ...args);
    await show.over();
    return show;
  }

  /** What programs have put into the clipboard. */
  async clipboard(): Promise<string> {
    return this.tmux('list-buffers');
  }

  async forgetClipboard(): Promise<void> {
    await this.tmux('delete-buffer');
  }

  async close(): Promise<void> {
    await this.tmux('kill-server');
  }

  private async tmux(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await thisMachine.exec(
      'tmux',
      ['-u', '-S', this.socket, '-f', '/dev/null', ...words],
      {
        env: { ...this.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh' },
      },
    );
    if (code !== 0) throw new Error(`tmux ${words[0] ?? ''} failed: ${stderr}`);
    return stdout;
  }
}

/** A program in the terminal. */
export class Show {
  constructor(
    private readonly tmux: (...words: string[]) => Promise<string>,
    private readonly pane: string,
    private readonly recorded: string,
  ) {}

  /** Keys by name (Enter, C-c), or with `-l` before them a text. */
  async type(...keys: string[]): Promise<void> {
    await this.tmux('send-keys', '-t', this.pane, ...keys);
  }

  /** A paste as a terminal sends it. */
  async paste(text: string): Promise<void> {
    const file = `${this.recorded}-paste`;
    writeFileSync(file, text);
    await this.tmux('load-buffer', '-b', 'paste', file);
    await this.tmux('paste-buffer', '-p', '-d', '-b', 'paste', '-t', this.pane);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux('resize-window', '-t', this.pane, '-x', String(columns), '-y', String(rows));
  }

  /** What is seen now, without colours. */
  async screen(): Promise<string> {
    return this.tmux('capture-pane', '-p', '-t', this.pane);
  }

  /** Waits until it is seen; answers with the whole screen. */
  async sees(wanted: string | RegExp): Promise<string> {
    let last = '';
    return until(`the screen shows ${String(wanted)}`, async () => {
      last = await this.screen();
      return (typeof wanted === 'string' ? last.includes(wanted) : wanted.test(last)) && last;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${last}`);
    });
  }

  over(): Promise<true> {
    return until(`the program is over: ${this.printed}`, () => this.printed.endsWith('<over>'));
  }

  /** What the program has printed, to the byte. */
  get printed(): string {
    // Made by a process of tmux's own, in its time.
    return existsSync(this.recorded) ? readFileSync(this.recorded, 'utf8') : '';
  }

  /** The rows on the screen and above it; colours and other attributes stand in them as escape sequences. */
  async rows(): Promise<string[]> {
    const text = await this.tmux('capture-pane', '-p', '-e', '-S', '-', '-t', this.pane);
    return text.replace('<over>', '').trimEnd().split('\n');
  }

  /** The state that programs can change. */
  async state(): Promise<{ title: string; cursor: string; alternate: string }> {
    const text = await this.tmux(
      ...['display-message', '-p', '-t', this.pane, '#{cursor_flag} #{alternate_on} #{pane_title}'],
    );
    const [cursor = '', alternate = '', title = ''] = text.trimEnd().split(' ');
    return { title, cursor, alternate };
  }
}
