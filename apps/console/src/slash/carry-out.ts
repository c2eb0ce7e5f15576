/** What both consoles can be asked, and what they answer then; how it is shown is each one's own. */
import type { DataFolder } from '@earshot/runtime';
import { CONNECT_DEADLINE_MS } from '../commands/people.js';
import { findingsOf } from '../doctor/findings.js';
import { gather } from '../doctor/gather.js';
import type { Messenger } from '../services/connection.js';
import { servicesDown, statusOf } from '../services/health.js';
import { insist } from '../services/insist.js';
import { logAddress } from '../services/log-server.js';
import { resolvePeer } from '../services/peers.js';
import { startServices } from '../services/supervisor.js';
import { parseTarget } from '../services/target.js';
import { doctorLines } from '../text/doctor.js';
import { ownPresenceLines, requestLine, statusLines, taggedName, whoisLines } from '../text/lines.js';
import { lifeLines } from '../text/outbox.js';
import { safetyNumberLines, trustInWords } from '../text/trust.js';

/** `query` is a name, or a peer id where somebody is chosen. */
export type Question =
  | { readonly do: 'whois'; readonly query: string }
  | { readonly do: 'trust'; readonly query: string; readonly trust: 'accepted' | 'blocked' | 'new' }
  /** With the number that the other side sees: confirms it. */
  | { readonly do: 'verify'; readonly query: string; readonly number?: string }
  | { readonly do: 'cancel' | 'why'; readonly id: string }
  | { readonly do: 'connect'; readonly target: string }
  | { readonly do: 'presence'; readonly busy: boolean; readonly status: string }
  /** Without a query: nobody in particular. */
  | { readonly do: 'doctor'; readonly query?: string }
  | { readonly do: 'logs' | 'requests' | 'restart' | 'status' };

export interface Answer {
  readonly lines: readonly string[];
  /** Of what fills a page of its own where there is one; null for a line or two. */
  readonly title: string | null;
  readonly isWarning: boolean;
  /** In whose conversation it belongs; null for nobody's. */
  readonly peer: string | null;
}

/** Each kind once: the compiler asks for those that are missing. */
const QUESTIONS: Readonly<Record<Question['do'], true>> = {
  whois: true,
  trust: true,
  verify: true,
  cancel: true,
  why: true,
  connect: true,
  presence: true,
  doctor: true,
  logs: true,
  requests: true,
  restart: true,
  status: true,
};

export function isQuestion(effect: { readonly do: string }): effect is Question {
  return Object.hasOwn(QUESTIONS, effect.do);
}

export interface Services {
  readonly messenger: Messenger;
  readonly paths: DataFolder;
  /** Of `performance.now()`: until then a service that is away is waited for; for ever without one. */
  readonly deadline?: number;
}

/** Rejects with what a command of the same name would fail with. */
export async function answerTo(question: Question, { messenger, paths, deadline }: Services): Promise<Answer> {
  const patiently = <T>(ask: () => Promise<T>) => insist(ask, deadline);
  const resolve = (query: string, prefer?: 'not-blocked' | 'blocked') =>
    patiently(() => resolvePeer(messenger, query, prefer));
  switch (question.do) {
    case 'whois': {
      const { id } = await resolve(question.query);
      return page('Whois', whoisLines(await patiently(() => messenger.call('whois', { peer: id }))));
    }
    case 'trust': {
      const { trust } = question;
      const { id } = await resolve(question.query, trust === 'new' ? 'blocked' : 'not-blocked');
      const peer = await patiently(() => messenger.call('setTrust', { peer: id, trust }));
      return said(`${taggedName(peer)} is ${trustInWords(peer.trust)}.`);
    }
    case 'verify': {
      const { id } = await resolve(question.query);
      const { number } = question;
      if (number !== undefined) await patiently(() => messenger.call('verify', { peer: id, safetyNumber: number }));
      const answer = await patiently(() => messenger.call('safetyNumber', { peer: id }));
      const name = taggedName(answer);
      return number === undefined
        ? page('Verify', safetyNumberLines(answer, `/verify ${name}`))
        : { ...said(`${name} is verified: the numbers are the same.`), peer: id };
    }
    case 'cancel':
      await patiently(() => messenger.call('cancel', { id: question.id }));
      // That it is gone comes with the feed, as to every other screen that showed it.
      return { ...said(), lines: [] };
    case 'why': {
      const { peer, username, events, waiting } = await patiently(() => messenger.call('why', { id: question.id }));
      return page('Why', lifeLines(events, taggedName({ id: peer, username }), waiting));
    }
    case 'connect': {
      const target = parseTarget(question.target);
      const peer = await messenger.call('connect', target, { deadlineMs: CONNECT_DEADLINE_MS });
      return said(`${taggedName(peer)} answers at ${peer.address}.`);
    }
    case 'presence': {
      const { busy, status } = question;
      return said(...ownPresenceLines(await patiently(() => messenger.call('setPresence', { busy, status }))));
    }
    case 'doctor': {
      const facts = await gather(paths, question.query);
      return page('Doctor', doctorLines(facts, findingsOf(facts)));
    }
    case 'logs':
      return said(`${await logAddress(paths)}  (\`earshot logs --open\` opens it with its token)`);
    case 'requests': {
      const { items } = await patiently(() => messenger.call('requests', {}));
      if (items.length === 0) return said('Nobody waits for an answer of yours.');
      return page(
        'Requests',
        items.map(({ peer, messages }) => requestLine(taggedName(peer), messages)),
      );
    }
    case 'restart': {
      const down = servicesDown(await statusOf(paths));
      if (down.length === 0) return said('All of them run.');
      if (await startServices(down)) return said(`Started: ${down.join(', ')}.`);
      return { ...said('pm2 could not start them: `npm start` in a shell says why.'), isWarning: true };
    }
    case 'status':
      return page('Services', statusLines(await statusOf(paths)));
  }
}

function said(...lines: string[]): Answer {
  return { lines, title: null, isWarning: false, peer: null };
}

function page(title: string, lines: readonly string[]): Answer {
  return { lines, title, isWarning: false, peer: null };
}
