/**
 * The terminal: raw, on the alternate screen, with bracketed paste while the console has it, and exactly as it was whenever it has
 * not: at the end, after a crash, while it is suspended.
 */
import { KeyDecoder, type Input } from '../keys/decoder.js';

const ESC = '\x1b[';
/** No wrapping at the edge: a text that a terminal takes for wider than we do must not go on in the next row. */
const ENTER = `${ESC}?1049h${ESC}?7l${ESC}?2004h${ESC}2J${ESC}H`;
/** Colours off, cursor seen, wrapping on, mouse and paste marks off, the screen as it was. */
const LEAVE = `${ESC}0m${ESC}?25h${ESC}?7h${ESC}?1000l${ESC}?1006l${ESC}?2004l${ESC}?1049l`;
const MOUSE = { on: `${ESC}?1000h${ESC}?1006h`, off: `${ESC}?1000l${ESC}?1006l` } as const;
/** SGR mouse: button 64 is the wheel up, 65 down. */
const MOUSE_REPORT = /\x1b\[<(\d+);\d+;\d+[Mm]/g;
const WHEEL_ROWS = 3;
/** Of a key, a kill or a supervisor: whoever ends this process by one of them gets the terminal back too. */
const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGUSR2'] as const;
/** A process that was told to stop and goes on all the same is in no shell that could let it go on later. */
const STOPPED_WITHIN_MS = 100;
/** Longer than a terminal, even a remote one, takes from one byte of a key to the next. */
const ESC_TIMEOUT_MS = 50;

export interface TerminalEvents {
  readonly onInput: (input: Input) => void;
  readonly onWheel: (rows: number) => void;
  readonly onResize: (columns: number, rows: number) => void;
  /** It is ours again, and nothing of ours stands on it. */
  readonly onReturn: () => void;
  /** A signal asks to end, or the other end of the terminal is gone. */
  readonly onEnd: () => void;
}

export class Terminal {
  private readonly decoder = new KeyDecoder();
  private timer: NodeJS.Timeout | undefined;
  private isOpen = false;
  private isOurs = false;
  private hasMouse = false;
  private readonly leaveForGood = () => {
    this.release();
  };
  private readonly onData = (bytes: Buffer) => {
    this.read(bytes);
  };
  private readonly onResize = () => {
    this.events.onResize(this.columns, this.rows);
  };
  private readonly onStop = () => {
    this.release();
    // The default, and not SIGSTOP: without a shell that could let us go on, the system then does not stop us, ever after.
    process.off('SIGTSTP', this.onStop);
    process.kill(process.pid, 'SIGTSTP');
    setTimeout(() => {
      if (!this.isOpen) return;
      process.on('SIGTSTP', this.onStop);
      this.onContinue();
    }, STOPPED_WITHIN_MS);
  };
  private readonly onContinue = () => {
    if (this.isOurs) return;
    this.take();
    this.events.onReturn();
  };

  constructor(
    private readonly stdin: NodeJS.ReadStream,
    private readonly stdout: NodeJS.WriteStream,
    private readonly events: TerminalEvents,
  ) {}

  get columns(): number {
    return this.stdout.columns || 80;
  }

  get rows(): number {
    return this.stdout.rows || 24;
  }

  open(): void {
    // Whatever ends the process: the last thing that can still be done.
    process.on('exit', this.leaveForGood);
    process.on('SIGTSTP', this.onStop);
    process.on('SIGCONT', this.onContinue);
    // Before the error is printed, or it would be printed to a screen that vanishes.
    process.on('uncaughtExceptionMonitor', this.leaveForGood);
    // Not once: what ink depends on ends the process by itself when it is the last to listen.
    for (const signal of ENDING) process.on(signal, this.events.onEnd);
    this.stdin.on('data', this.onData).on('end', this.events.onEnd).on('error', this.events.onEnd);
    this.stdout.on('resize', this.onResize);
    this.isOpen = true;
    this.take();
  }

  close(): void {
    this.isOpen = false;
    this.release();
    clearTimeout(this.timer);
    process.off('exit', this.leaveForGood);
    process.off('SIGTSTP', this.onStop);
    process.off('SIGCONT', this.onContinue);
    process.off('uncaughtExceptionMonitor', this.leaveForGood);
    this.stdin.off('data', this.onData);
    this.stdout.off('resize', this.onResize);
    this.stdin.pause();
  }

  write(text: string): void {
    if (this.isOurs) this.stdout.write(text);
  }

  mouse(on: boolean): void {
    this.hasMouse = on;
    this.write(on ? MOUSE.on : MOUSE.off);
  }

  /** As Ctrl+Z in any other program: everybody in front stops, and the shell has the terminal until `fg`. */
  suspend(): void {
    process.kill(0, 'SIGTSTP');
  }

  private take(): void {
    if (this.isOurs) return;
    this.isOurs = true;
    this.stdin.setRawMode(true);
    this.stdin.resume();
    this.stdout.write(ENTER + (this.hasMouse ? MOUSE.on : ''));
  }

  private release(): void {
    if (!this.isOurs) return;
    this.isOurs = false;
    try {
      this.stdout.write(LEAVE);
      this.stdin.setRawMode(false);
    } catch {
      // The other end of the terminal is gone, so there is nothing to give back.
    }
  }

  private read(bytes: Buffer): void {
    clearTimeout(this.timer);
    const rest = this.hasMouse ? this.withoutMouse(bytes) : bytes;
    for (const input of this.decoder.push(rest)) this.events.onInput(input);
    if (this.decoder.pending) {
      this.timer = setTimeout(() => {
        for (const input of this.decoder.flush()) this.events.onInput(input);
      }, ESC_TIMEOUT_MS);
    }
  }

  /** Reports come whole: a terminal writes each at once. */
  private withoutMouse(bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    for (const [, button] of text.matchAll(MOUSE_REPORT)) {
      if (button === '64') this.events.onWheel(-WHEEL_ROWS);
      else if (button === '65') this.events.onWheel(WHEEL_ROWS);
    }
    return Buffer.from(text.replace(MOUSE_REPORT, ''), 'latin1');
  }
}
