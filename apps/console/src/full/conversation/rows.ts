/**
 * A conversation as rows of a screen. Pure. What somebody wrote stands behind a margin in all of its rows, where nothing of ours
 * ever stands, so that no text can pass for another line.
 */
import type { Message, MessageState } from '@earshot/protocol/ipc';
import { sanitizeText } from '../../text/sanitize.js';
import { widthOf, wrap } from '../text/width.js';

export type Style = 'plain' | 'own' | 'author' | 'dim' | 'unread' | 'notice' | 'warning' | 'match';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export interface Row {
  readonly spans: readonly Span[];
}

/** Something that is not a message and stands between them. */
export interface Remark {
  /** Behind which message; null before all. */
  readonly after: string | null;
  readonly text: string;
  readonly isWarning: boolean;
}

export interface RowContext {
  readonly columns: number;
  /** How the other side is called. */
  readonly name: string;
  readonly isImpostor: boolean;
  /** Before this message stands the line that says what is new. */
  readonly unreadFrom: string | null;
  /** Words that are looked for, in lower case. */
  readonly match: string;
}

/** After so long the author and the time are said again. */
const PAUSE_MS = 5 * 60_000;
const MARGIN = '  ';
const ACTION = /^\/me\s+/;

const STATE_IN_WORDS: Readonly<Record<MessageState, string>> = {
  queued: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  rejected: 'refused',
  received: '',
  cancelled: 'taken back',
};

interface Cached {
  readonly key: string;
  readonly rows: readonly Row[];
}
/** Of the messages that were looked at lately: all that were ever scrolled past would be memory for nothing. */
const CACHED_MAX = 1_000;
let cache = new WeakMap<Message, Cached>();
let cachedCount = 0;

/** The rows of one message, with what stands above it because of the one before. */
export function rowsOf(message: Message, before: Message | undefined, context: RowContext): readonly Row[] {
  const day = dayOf(message);
  const newDay = before === undefined || dayOf(before) !== day;
  const isNew = context.unreadFrom === message.id;
  const heading = newDay || isNew || isOtherTurn(message, before);
  const { columns, name, isImpostor, match } = context;
  const key = [columns, name, isImpostor, match, newDay, isNew, heading].join('\u0000');
  const known = cache.get(message);
  if (known?.key === key) return known.rows;
  const rows = [
    ...(newDay ? [rule(dayInWords(message), columns, 'dim')] : []),
    ...(isNew ? [rule('new', columns, 'unread')] : []),
    ...(heading ? [headingOf(message, context)] : []),
    ...textRows(message, context),
  ];
  if (cachedCount++ >= CACHED_MAX) {
    cache = new WeakMap();
    cachedCount = 1;
  }
  cache.set(message, { key, rows });
  return rows;
}

export function remarkRows({ text, isWarning }: Remark, columns: number): Row[] {
  const style = isWarning ? 'warning' : 'notice';
  return wrap(`${isWarning ? '!' : '*'} ${sanitizeText(text, '')}`, columns).map((line) => ({
    spans: [{ text: line, style }],
  }));
}

/** A line across the screen with a word in it. */
export function rule(word: string, columns: number, style: Style): Row {
  const text = `── ${word} `;
  return { spans: [{ text: text + '─'.repeat(Math.max(0, columns - widthOf(text))), style }] };
}

export function timeOf({ committedAt }: Message): string {
  return new Date(committedAt).toTimeString().slice(0, 5);
}

function dayOf({ committedAt }: Message): string {
  return new Date(committedAt).toDateString();
}

function dayInWords({ committedAt }: Pick<Message, 'committedAt'>): string {
  return new Date(committedAt).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
}

function isOtherTurn(message: Message, before: Message | undefined): boolean {
  if (before === undefined || before.direction !== message.direction) return true;
  return Date.parse(message.committedAt) - Date.parse(before.committedAt) > PAUSE_MS;
}

function headingOf(message: Message, { name, isImpostor }: RowContext): Row {
  const who = message.direction === 'sent' ? 'you' : `${name}${isImpostor ? ' (NOT the one you know)' : ''}`;
  return {
    spans: [
      { text: who, style: message.direction === 'sent' ? 'own' : isImpostor ? 'warning' : 'author' },
      { text: ` ${timeOf(message)}`, style: 'dim' },
    ],
  };
}

function textRows(message: Message, { columns, name, match }: RowContext): Row[] {
  const room = columns - MARGIN.length;
  const said = message.text === null ? '(needs a newer version of Earshot)' : sanitizeText(message.text, '');
  const who = message.direction === 'sent' ? 'you' : name;
  const isAction = message.text !== null && ACTION.test(said);
  const text = isAction ? `* ${who} ${said.replace(ACTION, '')}` : said;
  const style: Style = message.text === null ? 'dim' : 'plain';
  const rows: { spans: Span[] }[] = wrap(text, room).map((line) => ({
    spans: [{ text: MARGIN, style: 'plain' }, ...marked(line, match, style)],
  }));
  const state = message.direction === 'sent' ? STATE_IN_WORDS[message.state] : '';
  if (state === '') return rows;
  const last = rows.at(-1);
  const style2: Style = message.state === 'rejected' ? 'warning' : 'dim';
  const used = last === undefined ? columns : last.spans.reduce((sum, span) => sum + widthOf(span.text), 0);
  if (last !== undefined && used + 2 + state.length <= columns) last.spans.push({ text: `  ${state}`, style: style2 });
  else
    rows.push({
      spans: [
        { text: MARGIN, style: 'plain' },
        { text: state, style: style2 },
      ],
    });
  return rows;
}

/** What is looked for stands out, wherever it is in the row. */
function marked(line: string, match: string, style: Style): Span[] {
  const lower = match === '' ? '' : line.toLowerCase();
  // Where lower case is of another length, places in it are none in the line.
  if (match === '' || lower.length !== line.length) return [{ text: line, style }];
  const spans: Span[] = [];
  let from = 0;
  for (let at = lower.indexOf(match); at !== -1; at = lower.indexOf(match, from)) {
    if (at > from) spans.push({ text: line.slice(from, at), style });
    spans.push({ text: line.slice(at, at + match.length), style: 'match' });
    from = at + match.length;
  }
  return [...spans, ...(from < line.length || line === '' ? [{ text: line.slice(from), style }] : [])];
}
