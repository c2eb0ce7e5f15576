/** The line console at work: reads lines, prints lines, does what the model says. */
import { createInterface, type Interface } from 'node:readline';
import { createClient, subscribe, type Subscription } from '@earshot/ipc';
import { newMessageId } from '@earshot/protocol';
import { messengerContract, type Change, type EventOf, type MessengerContract } from '@earshot/protocol/ipc';
import { isConfigError, type DataFolder } from '@earshot/runtime';
import { decodeLine } from '../input.js';
import { CommandError } from '../output.js';
import { asCommandError, notRunning, type Messenger } from '../services/connection.js';
import { FeedReader } from '../services/feed-reader.js';
import { insist } from '../services/insist.js';
import { search } from '../services/log-server.js';
import { outboxLines } from '../services/outbox.js';
import { pathsFrom } from '../services/paths.js';
import { resolvePeer } from '../services/peers.js';
import { ReadMarks } from '../services/read-marks.js';
import { answerTo, isQuestion } from '../slash/carry-out.js';
import type { NotifyLevel } from '../slash/commands.js';
import { candidatesFor, isPath, wordAt } from '../slash/completion.js';
import type { Columns } from '../text/fold.js';
import { messageLine } from '../text/lines.js';
import { sanitizeLine, sanitizeText } from '../text/sanitize.js';
import { initialModel, unanswered, type Effect, type Model, type PlainEvent } from './model.js';
import { namesFrom } from './screen.js';
import { askAgain } from './typed.js';
import { isFollowed, update } from './update.js';

const HISTORY_LINES = 20;
/** Of what came while nobody looked; the rest is in the history. */
const UNREAD_LINES = 100;
const BELL = '\u0007';
/** To the top, and nothing below. What was scrolled away stays. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';
/** Of the terminal in which somebody looks at the supervised console, whose width nobody can know from here. */
const SUPERVISED_COLUMNS = 80;
/** Lines kept before no more are read: a pipe waits then. */
const WAITING_MAX = 256;

export interface PlainConsoleOptions {
  readonly paths: DataFolder;
  readonly supervised: boolean;
  readonly suggestedName: string | null;
  /** Of conversations without a level of their own. */
  readonly notify: NotifyLevel;
  /** The user leaves, or nothing more can come. With the lines that were not carried out, and whether a script has to know of messages that were not sent. */
  readonly onLeave: (unanswered: readonly string[], hasFailed: boolean) => void;
}

export class PlainConsole {
  private model: Model;
  private readonly messenger: Messenger;
  private readonly feed: FeedReader;
  private readonly marks: ReadMarks;
  /** The first message of each conversation that stands on the screen; all that came later do, too. */
  private readonly shownFrom = new Map<string, string>();
  private readonly interactive: boolean;
  private subscription: Subscription | undefined;
  private input: Interface | undefined;
  private resumeInput: (() => void) | undefined;
  private inputClosed = false;

  constructor(private readonly options: PlainConsoleOptions) {
    const { paths, supervised, suggestedName, notify } = options;
    this.interactive = process.stdin.isTTY && process.stdout.isTTY && !supervised;
    this.model = initialModel({ suggestedName, supervised, notify, echo: !this.interactive });
    this.messenger = createClient(messengerContract, { directory: paths.sockets });
    this.marks = new ReadMarks(this.messenger);
    this.feed = new FeedReader(this.messenger, undefined, (change) => {
      this.changed(change);
    });
  }

  start(): void {
    this.subscription = subscribe(messengerContract, {
      directory: this.options.paths.sockets,
      onReset: () => {
        this.happened({ type: 'reset' });
      },
      onEvent: (event) => {
        this.told(event);
      },
      onUp: () => {
        this.happened({ type: 'up' });
        void this.marks.flush();
        this.messenger.call('requests', {}).then(
          ({ items }) => {
            this.happened({ type: 'requests', items });
          },
          // It is down again, and says so; when it is back, it is asked again.
          () => undefined,
        );
      },
      onDown: () => {
        this.happened({ type: 'down', how: notRunning('messenger', this.options.paths) });
      },
    });
    this.read();
  }

  stop(): void {
    this.input?.close();
    this.subscription?.close();
    this.messenger.close();
  }

  leave(): void {
    void this.marks.stop().then(() => {
      this.options.onLeave(unanswered(this.model), this.model.hasFailed && !this.interactive);
    });
  }

  /** Asked each time: a window changes its size. */
  private get columns(): Columns {
    return this.options.supervised ? SUPERVISED_COLUMNS : process.stdout.columns;
  }

  private read(): void {
    const { stdin, stdout } = process;
    const input = this.interactive
      ? createInterface({
          input: stdin,
          output: stdout,
          terminal: true,
          prompt: '',
          completer: (line, answer) =>
            void this.complete(line).then((found) => {
              answer(null, found);
            }),
        })
      : createInterface({ input: stdin.setEncoding('latin1'), crlfDelay: Infinity });
    this.input = input;
    input.on('line', (typed) => {
      const line = this.interactive ? typed : decodeLine(typed);
      if (line === null) this.show(['! That line is not UTF-8, and was not sent.']);
      else this.happened({ type: 'typed', line });
      if (this.model.waiting.length >= WAITING_MAX) this.pause(input);
    });
    input.on('close', () => {
      // From Node 24 on, resuming what is closed throws.
      this.resumeInput = undefined;
      this.inputClosed = true;
      this.happened({ type: 'input-ended' });
    });
    input.on('SIGINT', () => {
      // What stands on the line is not thrown away by a slip.
      if (input.line === '') this.leave();
      else this.show(['(Ctrl+C on an empty line leaves; Ctrl+U empties it.)']);
    });
  }

  /** What readline asks when Tab is pressed: the candidates, and what they are to stand instead of. */
  private async complete(line: string): Promise<[string[], string]> {
    const word = wordAt(line, line.length);
    const found = isPath(word)
      ? await pathsFrom(word.word)
      : candidatesFor('plain', word, (beginning) => namesFrom(this.model, beginning));
    return [found, word.word];
  }

  private pause(input: Interface): void {
    if (this.inputClosed) return;
    input.pause();
    this.resumeInput = () => {
      this.resumeInput = undefined;
      input.resume();
    };
  }

  private told(event: EventOf<MessengerContract>): void {
    switch (event.event) {
      case 'self':
        this.happened({ type: 'self', username: event.username });
        return;
      case 'peer':
        this.happened({ type: 'peer', peer: event });
        return;
      case 'unread':
        this.happened({ type: 'unread', peer: event.peer, messages: event.messages });
        return;
      case 'notice':
        this.happened({ type: 'notice', ...event });
        return;
      case 'feed':
        this.feed.reaches(event.upto, event.after, event.items);
    }
  }

  private changed(change: Change): void {
    if (change.event === 'message') {
      const { peer, id } = change;
      if (!this.shownFrom.has(peer)) this.shownFrom.set(peer, id);
      this.happened({ type: 'message', message: change, at: new Date(change.committedAt), columns: this.columns });
      if (isFollowed(this.model, peer)) this.marks.readUpTo(peer, id);
    } else if (change.event === 'forgotten') this.forgotten(change.peer);
    else this.happened({ type: 'state', id: change.id, peer: change.peer, state: change.state });
  }

  private forgotten(peer: string): void {
    this.shownFrom.delete(peer);
    this.happened({ type: 'forgotten', peer });
  }

  private happened(event: PlainEvent): void {
    const { model, lines, effects } = update(this.model, event);
    this.model = model;
    this.show(lines);
    if (model.waiting.length < WAITING_MAX) this.resumeInput?.();
    if (effects.length > 0) void this.carryOutAll(effects);
  }

  private show(lines: readonly string[]): void {
    if (lines.length === 0) return;
    // What is shown is fit to be shown already; errors name what was typed, and whatever else there will be goes through here.
    const text = lines.map((line) => sanitizeText(line, '')).join('\n');
    // Without moving the cursor: what is being typed is left where it stands, and stands again below.
    const typing = this.interactive ? (this.input?.line ?? '') : '';
    process.stdout.write(`${typing === '' ? '' : '\n'}${text}\n${typing}`);
  }

  private async carryOutAll(effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) {
      try {
        await this.carryOut(effect);
      } catch (error) {
        const isMessage = effect.do === 'send' || (effect.do === 'choose' && effect.thenSend !== undefined);
        if (isMessage) this.model = { ...this.model, hasFailed: true };
        this.show([`! ${this.explain(error)}`, ...(effect.do === 'register' ? askAgain(this.model) : [])]);
      }
    }
    this.happened({ type: 'done' });
  }

  private async carryOut(effect: Effect): Promise<void> {
    const { messenger } = this;
    const { paths } = this.options;
    if (isQuestion(effect)) {
      const { lines, isWarning } = await answerTo(effect, { messenger, paths });
      this.show(isWarning ? lines.map((line) => `! ${line}`) : lines);
      return;
    }
    switch (effect.do) {
      case 'register': {
        const { username } = await insist(() => messenger.call('register', { username: effect.name }));
        // The event comes too, but perhaps after the next line.
        this.happened({ type: 'self', username });
        return;
      }
      case 'choose': {
        const peer = await this.resolve(effect.query);
        const unread = this.options.supervised ? 0 : (this.model.unread.get(peer.id) ?? 0);
        this.happened({ type: 'chosen', peer });
        if (unread > 0) await this.showUnread(peer.id, unread);
        if (effect.thenSend !== undefined) await this.send(peer.id, effect.thenSend);
        return;
      }
      case 'send':
        await this.send(effect.peer, effect.text);
        return;
      case 'history': {
        const { id } = await this.resolve(effect.query);
        const { items } = await insist(() => messenger.call('history', { peer: id, limit: HISTORY_LINES }));
        this.show(items.length === 0 ? ['Nothing yet.'] : items.map((message) => messageLine(message, this.columns)));
        return;
      }
      case 'notify': {
        const { id } = await this.resolve(effect.query);
        this.happened({ type: 'notify', peer: id, ...(effect.level === undefined ? {} : { level: effect.level }) });
        return;
      }
      case 'read': {
        const { id } = await this.resolve(effect.query);
        await insist(() => messenger.call('markRead', { peer: id }));
        this.happened({ type: 'read', peer: id });
        return;
      }
      case 'read-all':
        for (const peer of effect.peers) await insist(() => messenger.call('markRead', { peer }));
        this.show(['All of it is read.']);
        return;
      case 'bell':
        process.stdout.write(BELL);
        return;
      case 'clear':
        if (this.interactive) process.stdout.write(CLEAR_SCREEN);
        else this.show(['There is no screen to empty here.']);
        return;
      case 'search': {
        const items = await search(paths, effect.words, { limit: HISTORY_LINES });
        this.show(
          items.length === 0
            ? ['Nothing found.']
            : items.reverse().map((message) => messageLine(message, this.columns)),
        );
        return;
      }
      case 'outbox': {
        let empty = true;
        for await (const line of outboxLines(messenger, this.columns)) {
          this.show([line]);
          empty = false;
        }
        if (empty) this.show(['Nothing waits: all that you wrote is delivered.']);
        return;
      }
      case 'quit':
        // What was just sent stands in the feed.
        if (this.model.messenger === 'up') await this.feed.catchUp();
        this.leave();
    }
  }

  /** What came before this console began, and what of it is too much. With that on the screen, all of it is read. */
  private async showUnread(peer: string, unread: number): Promise<void> {
    const { items } = await insist(() => this.messenger.call('history', { peer, limit: UNREAD_LINES }));
    const newest = items.at(-1);
    if (newest === undefined) return;
    const received = items.filter(({ direction }) => direction === 'received');
    const first = received.slice(-unread)[0];
    const shownFrom = this.shownFrom.get(peer);
    const shownAt = shownFrom === undefined ? items.length : items.findIndex(({ id }) => id === shownFrom);
    const unseen = first === undefined ? [] : items.slice(items.indexOf(first), Math.max(0, shownAt));
    // Of those some may stand on the screen: what came since this console began.
    const more = unread - received.length;
    this.show([
      ...(more > 0 ? [`(More is unread before these: \`earshot history\` shows it.)`] : []),
      ...unseen.map((message) => messageLine(message, this.columns)),
    ]);
    this.marks.readUpTo(peer, newest.id);
  }

  private resolve(query: string, prefer?: 'not-blocked' | 'blocked') {
    return insist(() => resolvePeer(this.messenger, query, prefer));
  }

  /** Under one id until there is an answer, so that a service that is restarted costs nothing that was typed. */
  private async send(peer: string, text: string): Promise<void> {
    const id = newMessageId(Date.now());
    this.happened({ type: 'sending', id });
    try {
      await insist(() => this.messenger.call('send', { id, peer, text }));
    } catch (error) {
      this.show([`Not sent: ${sanitizeLine(text)}`]);
      throw error;
    }
  }

  private explain(error: unknown): string {
    const known = asCommandError(error, 'messenger', this.options.paths);
    if (known instanceof CommandError || isConfigError(known)) return known.message;
    throw known;
  }
}
