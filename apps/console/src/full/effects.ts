/** Carries out what the full screen's mind has decided, and tells it what came of that. */
import { newMessageId } from '@earshot/protocol';
import { isConfigError, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { asCommandError, type Messenger } from '../services/connection.js';
import { insist } from '../services/insist.js';
import { conversations, search } from '../services/log-server.js';
import { OrderedSender } from '../services/ordered-sender.js';
import { outboxPages } from '../services/outbox.js';
import { pathsFrom } from '../services/paths.js';
import { resolvePeer } from '../services/peers.js';
import { answerTo, isQuestion } from '../slash/carry-out.js';
import type { Effect, FullEvent, Pending } from './model.js';

const PAGE = 100;
const RESULTS = 100;
/** How long a service that is away is waited for, where somebody waits for the answer. */
const ANSWER_MS = 3_000;
/** Shown of the outbox at most. */
const OUTBOX_MAX = 500;

/** What only the terminal can do. */
export type TerminalEffect = Extract<Effect, { do: 'bell' | 'notify' | 'mouse' | 'redraw' | 'suspend' | 'quit' }>;
export type ServiceEffect = Exclude<Effect, TerminalEffect>;

const OF_TERMINAL: readonly string[] = ['bell', 'notify', 'mouse', 'redraw', 'suspend', 'quit'];

export function isOfTerminal(effect: Effect): effect is TerminalEffect {
  return OF_TERMINAL.includes(effect.do);
}

export class Effects {
  /** One for each peer, so that messages are stored in the order in which they were written. */
  private readonly senders = new Map<string, OrderedSender>();

  constructor(
    private readonly messenger: Messenger,
    private readonly paths: DataFolder,
    private readonly happened: (event: FullEvent) => void,
  ) {}

  /** Whatever fails is said, and ends nothing. */
  async carryOut(effect: ServiceEffect): Promise<void> {
    try {
      await this.attempt(effect);
    } catch (error) {
      if (effect.do === 'load') this.happened({ type: 'page-failed', peer: effect.peer });
      if (effect.do === 'choose') this.happened({ type: 'not-chosen', line: effect.line });
      if (effect.do === 'search') this.happened({ type: 'found', words: effect.words, results: [] });
      if (effect.do === 'restart') this.happened({ type: 'restarted', text: '', isWarning: false });
      // Nobody asked for it, what is down stands in the status bar, and when it is back this is asked again.
      if (effect.do === 'known') return;
      this.say(this.explain(error), true);
    }
  }

  /** Sends what an earlier run had not brought to the messenger. */
  sendAgain(pending: Pending): void {
    void this.store(pending);
  }

  private say(text: string, isWarning = false, peer: string | null = null): void {
    this.happened({ type: 'said', text, isWarning, peer });
  }

  private async attempt(effect: ServiceEffect): Promise<void> {
    const { messenger, paths } = this;
    if (isQuestion(effect)) {
      const { title, lines, isWarning, peer } = await answerTo(effect, {
        messenger,
        paths,
        // Nobody wants to read it over what they have gone on to do since.
        deadline: performance.now() + ANSWER_MS,
      });
      const text = lines.join(' ');
      if (effect.do === 'restart') this.happened({ type: 'restarted', text, isWarning });
      else if (title !== null) this.happened({ type: 'lines', title, lines });
      else if (text !== '') this.say(text, isWarning, peer);
      return;
    }
    switch (effect.do) {
      case 'register': {
        const { username } = await insist(() => messenger.call('register', { username: effect.name }));
        this.happened({ type: 'self', username });
        return;
      }
      case 'send': {
        const pending = { id: newMessageId(Date.now()), peer: effect.peer, text: effect.text };
        this.happened({ type: 'sending', pending });
        await this.store(pending);
        return;
      }
      case 'load': {
        const { peer, before, generation } = effect;
        const page = { peer, limit: PAGE, ...(before === null ? {} : { before }) };
        const { items, next } = await insist(() => messenger.call('history', page));
        this.happened({ type: 'page', peer, before, generation, items, isWhole: next === null });
        return;
      }
      case 'known':
        this.happened({ type: 'known', conversations: await conversations(paths) });
        return;
      case 'choose': {
        const deadline = performance.now() + ANSWER_MS;
        const peer = await insist(() => resolvePeer(messenger, effect.query), deadline);
        this.happened({ type: 'chosen', peer, text: effect.text });
        return;
      }
      case 'search': {
        const results = await search(paths, effect.words, { limit: RESULTS });
        this.happened({ type: 'found', words: effect.words, results });
        return;
      }
      case 'outbox': {
        const items = [];
        for await (const page of outboxPages(messenger)) {
          items.push(...page.items);
          if (items.length >= OUTBOX_MAX) break;
        }
        this.happened({ type: 'outbox', items });
        return;
      }
      case 'paths':
        this.happened({ type: 'paths', beginning: effect.beginning, paths: await pathsFrom(effect.beginning) });
        return;
      case 'read':
        await insist(() => messenger.call('markRead', { peer: effect.peer }));
        return;
    }
  }

  /** Under one id until there is an answer, so that a service that is restarted costs nothing that was written. */
  private async store(pending: Pending): Promise<void> {
    const { peer, id, text } = pending;
    let sender = this.senders.get(peer);
    if (sender === undefined) {
      sender = new OrderedSender(this.messenger, peer);
      this.senders.set(peer, sender);
    }
    try {
      await sender.send({ id, text }, Infinity);
      this.happened({ type: 'stored', id });
    } catch (error) {
      this.happened({ type: 'not-stored', pending, why: this.explain(error) });
    }
  }

  private explain(error: unknown): string {
    const known = asCommandError(error, 'messenger', this.paths);
    if (known instanceof CommandError || isConfigError(known)) return known.message;
    throw known;
  }
}
