/** Carries out what the full screen's mind has decided, and tells it what came of that. */
import { newMessageId } from '@earshot/protocol';
import { isConfigError, type DataFolder } from '@earshot/runtime';
import { CONNECT_DEADLINE_MS } from '../commands/people.js';
import { findingsOf } from '../doctor/findings.js';
import { gather } from '../doctor/gather.js';
import { CommandError } from '../output.js';
import { asCommandError, type Messenger } from '../services/connection.js';
import { servicesDown, statusOf } from '../services/health.js';
import { insist } from '../services/insist.js';
import { conversations, logAddress, search } from '../services/log-server.js';
import { OrderedSender } from '../services/ordered-sender.js';
import { outboxPages } from '../services/outbox.js';
import { pathsFrom } from '../services/paths.js';
import { resolvePeer } from '../services/peers.js';
import { startServices } from '../services/supervisor.js';
import { parseTarget } from '../services/target.js';
import { doctorLines } from '../text/doctor.js';
import { ownPresenceLines, statusLines, taggedName, whoisLines } from '../text/lines.js';
import { lifeLines } from '../text/outbox.js';
import { safetyNumberLines } from '../text/trust.js';
import type { Effect, FullEvent, Pending } from './model.js';

const PAGE = 100;
const RESULTS = 100;
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

  private show(title: string, lines: readonly string[]): void {
    this.happened({ type: 'lines', title, lines });
  }

  private async attempt(effect: ServiceEffect): Promise<void> {
    const { messenger, paths } = this;
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
      case 'choose':
        this.happened({ type: 'chosen', peer: await this.resolve(effect.query), text: effect.text });
        return;
      case 'whois': {
        const { id } = await this.resolve(effect.query);
        this.show('Whois', whoisLines(await insist(() => messenger.call('whois', { peer: id }))));
        return;
      }
      case 'trust': {
        const { id } = await this.resolve(effect.query, effect.trust === 'new' ? 'blocked' : 'not-blocked');
        const peer = await insist(() => messenger.call('setTrust', { peer: id, trust: effect.trust }));
        this.say(`${taggedName(peer)} is ${peer.trust === 'new' ? 'new to you' : peer.trust}.`);
        return;
      }
      case 'verify': {
        const { id } = await this.resolve(effect.query);
        const { number } = effect;
        if (number !== undefined) await insist(() => messenger.call('verify', { peer: id, safetyNumber: number }));
        const answer = await insist(() => messenger.call('safetyNumber', { peer: id }));
        const name = taggedName(answer);
        if (number === undefined) this.show('Verify', safetyNumberLines(answer, `/verify ${name}`));
        else this.say(`${name} is verified: the numbers are the same.`, false, id);
        return;
      }
      case 'connect': {
        const peer = await messenger.call('connect', parseTarget(effect.target), { deadlineMs: CONNECT_DEADLINE_MS });
        this.say(`${taggedName(peer)} answers at ${peer.address}.`);
        return;
      }
      case 'presence': {
        const { busy, status } = effect;
        const presence = await insist(() => messenger.call('setPresence', { busy, status }));
        this.happened({ type: 'presence', presence });
        this.say(ownPresenceLines(presence).join(' '));
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
      case 'requests': {
        const { items } = await insist(() => messenger.call('requests', {}));
        const lines = items.map(({ peer, messages }) => `${taggedName(peer)}  ${messages} waiting: /accept or /block`);
        this.show('Requests', lines.length === 0 ? ['Nobody waits for an answer.'] : lines);
        return;
      }
      case 'paths':
        this.happened({ type: 'paths', beginning: effect.beginning, paths: await pathsFrom(effect.beginning) });
        return;
      case 'read':
        await insist(() => messenger.call('markRead', { peer: effect.peer }));
        return;
      case 'cancel':
        await insist(() => messenger.call('cancel', { id: effect.id }));
        return;
      case 'why': {
        const { peer, username, events, waiting } = await insist(() => messenger.call('why', { id: effect.id }));
        this.show('Why', lifeLines(events, taggedName({ id: peer, username }), waiting));
        return;
      }
      case 'doctor': {
        const facts = await gather(paths, effect.query);
        this.show('Doctor', doctorLines(facts, findingsOf(facts)));
        return;
      }
      case 'status':
        this.show('Services', statusLines(await statusOf(paths)));
        return;
      case 'logs':
        this.say(`${await logAddress(paths)}  (\`earshot logs --open\` opens it with its token)`);
        return;
      case 'restart': {
        const down = servicesDown(await statusOf(paths));
        const isWarning = down.length > 0 && !(await startServices(down));
        const text = isWarning
          ? 'pm2 could not start them: `npm start` in a shell says why.'
          : down.length === 0
            ? 'All of them run.'
            : `Started: ${down.join(', ')}.`;
        this.happened({ type: 'restarted', text, isWarning });
      }
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

  private resolve(query: string, prefer?: 'not-blocked' | 'blocked') {
    return insist(() => resolvePeer(this.messenger, query, prefer));
  }

  private explain(error: unknown): string {
    const known = asCommandError(error, 'messenger', this.paths);
    if (known instanceof CommandError || isConfigError(known)) return known.message;
    throw known;
  }
}
