/** The full screen at work: joins the terminal, the services, the mind (update.ts) and the view. */
import { createClient, subscribe, type Subscription } from '@earshot/ipc';
import { messengerContract, type Change, type EventOf, type MessengerContract } from '@earshot/protocol/ipc';
import type { DataFolder } from '@earshot/runtime';
import type { Messenger } from '../services/connection.js';
import { FeedReader } from '../services/feed-reader.js';
import { servicesDown, statusOf } from '../services/health.js';
import { ReadMarks } from '../services/read-marks.js';
import { noticeLines } from '../plain/screen.js';
import { sanitizeLine } from '../text/sanitize.js';
import { Effects, isOfTerminal, type TerminalEffect } from './effects.js';
import type { Input } from './keys/decoder.js';
import { initialModel, type FullEvent, type Model } from './model.js';
import { keptOf, merged, readState, writeState } from './state-file.js';
import { Painter } from './terminal/painter.js';
import { Terminal } from './terminal/terminal.js';
import { update } from './update.js';
import { Drawing } from './view/drawing.js';
import { screenOf } from './view/screen.js';

const HEALTH_MS = 3_000;
/** After the last change, until what is kept is written. */
const SAVE_MS = 500;
/** A bell is for attention, and one is enough for many messages. */
const BELL_MS = 2_000;

export interface FullConsoleOptions {
  readonly paths: DataFolder;
  readonly statePath: string;
  readonly model: Omit<Parameters<typeof initialModel>[0], 'columns' | 'rows'>;
  readonly onLeave: () => void;
}

export class FullConsole {
  private model: Model;
  private readonly terminal: Terminal;
  private readonly painter: Painter;
  private readonly drawing: Drawing;
  private readonly messenger: Messenger;
  private readonly feed: FeedReader;
  private readonly marks: ReadMarks;
  private readonly effects: Effects;
  private subscription: Subscription | undefined;
  private health: NodeJS.Timeout | undefined;
  private saving: NodeJS.Timeout | undefined;
  private drawingSoon: NodeJS.Immediate | undefined;
  /** What this screen had to keep when it wrote last, or took up. */
  private kept: string;
  private rungMs = -Infinity;

  constructor(private readonly options: FullConsoleOptions) {
    const { paths } = options;
    this.terminal = new Terminal(process.stdin, process.stdout, {
      onInput: (input) => {
        this.typed(input);
      },
      onWheel: (by) => {
        this.happened({ type: 'wheel', by });
      },
      onResize: (columns, rows) => {
        this.painter.forget();
        this.terminal.write('\x1b[2J');
        this.happened({ type: 'resized', columns, rows });
      },
      onReturn: () => {
        this.redraw();
      },
      onEnd: options.onLeave,
    });
    const { columns, rows } = this.terminal;
    this.model = initialModel({ ...options.model, columns, rows });
    this.kept = keptOf(this.model);
    this.painter = new Painter((text) => {
      this.terminal.write(text);
    });
    this.drawing = new Drawing(this.model.theme);
    this.messenger = createClient(messengerContract, { directory: paths.sockets });
    this.feed = new FeedReader(this.messenger, undefined, (change) => {
      this.changed(change);
    });
    this.marks = new ReadMarks(this.messenger);
    this.effects = new Effects(this.messenger, paths, (event) => {
      this.happened(event);
    });
  }

  start(): void {
    this.terminal.open();
    this.draw();
    this.subscription = subscribe(messengerContract, {
      directory: this.options.paths.sockets,
      // What is known stays: only what is different then is told.
      onReset: () => undefined,
      onEvent: (event) => {
        this.told(event);
      },
      onUp: () => {
        this.happened({ type: 'up' });
        void this.marks.flush();
        void this.lookAtServices();
      },
      onDown: () => {
        this.happened({ type: 'down' });
        void this.lookAtServices();
      },
    });
    this.health = setInterval(() => void this.lookAtServices(), HEALTH_MS);
    void this.lookAtServices();
    for (const pending of this.model.pending) this.effects.sendAgain(pending);
  }

  /** The terminal is as it was at once. */
  async stop(): Promise<void> {
    clearInterval(this.health);
    clearTimeout(this.saving);
    clearImmediate(this.drawingSoon);
    this.save();
    this.subscription?.close();
    this.drawing.close();
    this.terminal.close();
    await this.marks.stop();
    this.messenger.close();
  }

  private typed(input: Input): void {
    this.happened({ type: 'input', input });
  }

  private told(event: EventOf<MessengerContract>): void {
    switch (event.event) {
      case 'self':
        this.happened({ type: 'self', username: event.username });
        this.happened({ type: 'presence', presence: { busy: event.busy, status: event.status } });
        return;
      case 'peer':
        this.happened({ type: 'peer', peer: event });
        return;
      case 'unread':
        this.happened({ type: 'unread', peer: event.peer, messages: event.messages, readUpTo: event.readUpTo });
        return;
      case 'notice':
        this.noticed(event);
        return;
      case 'feed':
        this.feed.reaches(event.upto, event.after, event.items);
    }
  }

  private noticed(event: Extract<EventOf<MessengerContract>, { event: 'notice' }>): void {
    const { code, peer, address } = event;
    if (code === 'store-recovered') this.happened({ type: 'warning-over', id: 'store-failed' });
    // Whoever goes by the name of another is told of with what is known of them.
    if (code === 'name-claimed') return;
    const lines = noticeLines(this.model, { type: 'notice', ...event });
    const isWarning = lines.some((line) => line.startsWith('!'));
    const texts = lines.map((line) => line.replace(/^[!*] /, ''));
    if (isWarning) {
      const id = code.startsWith('store-') ? code : `${code} ${peer ?? address}`;
      this.happened({ type: 'warned', id, lines: texts, peer });
    } else for (const text of texts) this.happened({ type: 'said', text, isWarning, peer });
  }

  private changed(change: Change): void {
    if (change.event === 'message') this.happened({ type: 'message', message: change });
    else if (change.event === 'forgotten') this.happened({ type: 'forgotten', peer: change.peer });
    else this.happened({ type: 'state', id: change.id, peer: change.peer, state: change.state });
  }

  private async lookAtServices(): Promise<void> {
    const down = servicesDown(await statusOf(this.options.paths));
    // The supervised console is another screen than this one, and nobody here misses it.
    this.happened({ type: 'services', down: down.filter((name) => name !== 'console') });
  }

  private happened(event: FullEvent): void {
    const before = this.model;
    const { model, effects } = update(before, event);
    const isOther = model !== before;
    this.model = model;
    for (const effect of effects) {
      if (isOfTerminal(effect)) this.atTerminal(effect);
      else void this.effects.carryOut(effect);
    }
    if (!isOther) return;
    this.tellRead(before);
    this.saveSoon();
    // Once for all that a chunk of input or a page of the feed brings.
    this.drawingSoon ??= setImmediate(() => {
      this.drawingSoon = undefined;
      this.draw();
    });
  }

  /** Only what is open can have been read further. */
  private tellRead(before: Model): void {
    const { open, conversations } = this.model;
    const readUpTo = open === null ? undefined : conversations.get(open)?.readUpTo;
    if (open === null || readUpTo == null || readUpTo === before.conversations.get(open)?.readUpTo) return;
    this.marks.readUpTo(open, readUpTo);
  }

  private draw(): void {
    const screen = screenOf(this.model);
    this.painter.paint(this.drawing.frameOf(screen, this.model.columns), screen.cursor);
  }

  private redraw(): void {
    this.painter.forget();
    this.terminal.write('\x1b[2J');
    this.draw();
  }

  private atTerminal(effect: TerminalEffect): void {
    switch (effect.do) {
      case 'bell':
        if (performance.now() - this.rungMs < BELL_MS) return;
        this.rungMs = performance.now();
        this.terminal.write('\x07');
        return;
      case 'notify':
        this.terminal.write(notification(effect.title, effect.text));
        return;
      case 'mouse':
        this.terminal.mouse(effect.on);
        return;
      case 'redraw':
        this.redraw();
        return;
      case 'suspend':
        this.terminal.suspend();
        return;
      case 'quit':
        this.options.onLeave();
    }
  }

  private saveSoon(): void {
    this.saving ??= setTimeout(() => {
      this.saving = undefined;
      this.save();
    }, SAVE_MS);
  }

  private save(): void {
    const text = keptOf(this.model);
    if (text === this.kept) return;
    const { statePath } = this.options;
    // Where it cannot be written, the disk is full or the folder gone: the next change tries again.
    if (writeState(statePath, merged(this.kept, text, readState(statePath)))) this.kept = text;
  }
}

/** OSC 777 and OSC 9: what terminals show as notifications of the desktop. Nothing of it is an argument of any process. */
function notification(title: string, text: string): string {
  const [name, words] = [title, text].map((one) => sanitizeLine(one).replaceAll(';', ',').slice(0, 200));
  return `\x1b]777;notify;${name ?? ''};${words ?? ''}\x07\x1b]9;${name ?? ''}: ${words ?? ''}\x07`;
}
