/** What people read of messages on their way: why they wait, and what became of one. */
import type { LifeEvent, Message, RejectReason, Waiting } from '@earshot/protocol/ipc';
import type { Columns } from './fold.js';
import { taggedName, textLine } from './lines.js';
import { sanitizeLine } from './sanitize.js';

export function outboxLine(message: Message, columns: Columns): string {
  return textLine(`  ${message.committedAt}  [${message.state}]  ${message.id}  `, message, '', columns);
}

/** Why nothing, or nothing more, gets to a peer. */
export function waitingLine(waiting: Waiting): string {
  const name = taggedName({ id: waiting.peer, username: waiting.username });
  switch (waiting.cause) {
    case 'store-failed':
      return `${name}: the history cannot be written (is the disk full?), so nothing goes out until it can`;
    case 'blocked':
      return `${name} is blocked: nothing goes to them until \`earshot unblock\``;
    case 'not-accepted':
      return `${name} is not accepted any more: \`earshot accept\` lets it go out`;
    case 'away':
      return `${name} is away (last seen ${waiting.lastSeen})${triesInWords(waiting)}`;
    case 'dialling':
      return `${name}: trying to reach ${waiting.address || 'them, with no address known'}${triesInWords(waiting)}`;
    case 'paused':
      return `${name} takes nothing at the moment: waiting for its user to accept you, or for its disk`;
    case 'in-flight':
      return `${name}: on its way, not confirmed yet`;
  }
}

function triesInWords({ nextTryMs, failure }: Waiting): string {
  const next = nextTryMs === null ? '' : `, next try in ${Math.ceil(nextTryMs / 1_000)} s`;
  return `${next}${failure === null ? '' : `; last time: ${FAILURES[failure] ?? sanitizeLine(failure)}`}`;
}

const SILENT = 'no answer (switched off, or a firewall?)';
const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Earshot does not run there',
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: SILENT,
  EHOSTDOWN: SILENT,
  ENETUNREACH: 'no way from here to that network',
  'unexpected-identity': 'somebody else answers there',
  busy: 'it has too many sessions',
  'no-address': 'no address of theirs is known',
};

const REASONS: Readonly<Record<RejectReason, string>> = {
  'too-large': 'too large',
  malformed: 'not a text',
  'unknown-content': 'a kind of content that its version does not know',
  policy: 'it does not take such messages',
  other: 'for a reason that this version does not know',
};

/** The life of a message, one line for each event, and at the end what it waits for. */
export function lifeLines(events: readonly LifeEvent[], peer: string, waiting: Waiting | null): string[] {
  return [
    ...events.map((event) => `${event.at}  ${eventInWords(event, peer)}`),
    ...(waiting === null ? [] : [`now                       ${waitingLine(waiting)}`]),
  ];
}

function eventInWords(event: LifeEvent, peer: string): string {
  switch (event.event) {
    case 'written':
      return `written by ${peer}, says their clock`;
    case 'stored':
      return 'stored here';
    case 'queued':
      return `queued for ${peer}`;
    case 'met':
      return `connected to ${peer} at ${event.address}${event.interface === '' ? '' : ` on ${sanitizeLine(event.interface)}`}`;
    case 'restarted':
      return 'to be sent under a new stream: this history was restored from an older copy';
    case 'sent':
      return 'put on the wire';
    case 'delivered':
      return `stored at ${peer}`;
    case 'lost':
      return `missing at ${peer}: their history was restored from an older copy, so it is sent again`;
    case 'rejected':
      return `refused by ${peer}: ${REASONS[event.reason]}`;
    case 'cancelled':
      return 'taken back before it was sent';
  }
}
