/** The full screen in a terminal of its own, whose keys and output are ours: a pseudo-terminal by `script` (util-linux). */
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, until, type EarshotNode } from '@earshot/testkit';

const COLUMNS = 80;
const ROWS = 24;
/** The last thing in every frame. */
const FRAME_END = '\x1b[?2026l';

/** Why there can be none here; undefined where there can. */
export function noScreen(): string | undefined {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux' ? undefined : 'a pseudo-terminal is made on Linux alone';
  } catch {
    return '`script` (util-linux) is missing';
  }
}

export class ScreenProcess {
  private printed = '';
  private frames = 0;
  private constructor(
    private readonly child: ChildProcess,
    private readonly pidFile: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed = (this.printed + text).slice(-200_000);
      this.frames += text.split(FRAME_END).length - 1;
    });
  }

  /** @returns with the first frame on the screen, and how long that took, ms */
  static async open(node: EarshotNode, folder: string): Promise<{ screen: ScreenProcess; firstMs: number }> {
    const pidFile = join(folder, 'screen-pid');
    const earshot = join(repositoryRoot, 'earshot');
    const command = `stty cols ${COLUMNS} rows ${ROWS}; echo $$ > '${pidFile}'; exec '${process.execPath}' '${earshot}'`;
    const before = performance.now();
    const child = node.host.spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...node.env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const screen = new ScreenProcess(child, pidFile);
    await until('there is a frame', () => screen.frames > 0);
    return { screen, firstMs: performance.now() - before };
  }

  get pid(): number {
    return Number(readFileSync(this.pidFile, 'utf8'));
  }

  shows(text: string): Promise<unknown> {
    return until(`the screen shows ${text}`, () => this.printed.includes(text));
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** From a key to the frame that it brings about, ms. */
  async timeOf(key: string): Promise<number> {
    const { frames } = this;
    const before = performance.now();
    this.type(key);
    while (this.frames === frames) await new Promise((resolve) => setImmediate(resolve));
    return performance.now() - before;
  }

  close(): void {
    this.child.kill('SIGTERM');
  }
}
