/** A conversation as entries with rows: what stands above all of it, its messages with what was remarked behind them, and what is not stored yet. */
import type { Message } from '@earshot/protocol/ipc';
import { sanitizeText } from '../../text/sanitize.js';
import type { Conversation, Pending } from '../model.js';
import { wrap } from '../text/width.js';
import { remarkRows, rowsOf, type RowContext, type Row } from './rows.js';
import type { Entries } from './viewport.js';

const TOP = 'top';
const places = new WeakMap<readonly Message[], ReadonlyMap<string, number>>();

function placesIn(messages: readonly Message[]): ReadonlyMap<string, number> {
  let known = places.get(messages);
  if (known === undefined) {
    known = new Map(messages.map(({ id }, index) => [id, index]));
    places.set(messages, known);
  }
  return known;
}

/** Index of a message among those loaded; -1 where it is not. */
export function indexOfMessage(messages: readonly Message[], id: string | null): number {
  return id === null ? -1 : (placesIn(messages).get(id) ?? -1);
}

export function entriesOf(conversation: Conversation, pending: readonly Pending[], context: RowContext): Entries {
  const { messages, remarks } = conversation;
  const from = indexOfMessage(messages, conversation.clearedUpTo) + 1;
  const shown = messages.length - from;
  const isMissing = (id: string | null) => indexOfMessage(messages, id) < from;
  const remarksAfter = (id: string | null): Row[] =>
    remarks
      .filter(({ after }) => (id === null ? isMissing(after) : after === id))
      .flatMap((remark) => remarkRows(remark, context.columns));
  const hasRemarks = remarks.length > 0;
  const waiting = pending.filter(({ peer }) => peer === conversation.peer);
  return {
    count: 1 + shown + waiting.length,
    keyOf: (index) => (index === 0 ? TOP : (messages[from + index - 1]?.id ?? waiting[index - 1 - shown]?.id ?? TOP)),
    indexOf: (key) => {
      if (key === TOP) return 0;
      const index = placesIn(messages).get(key) ?? -1;
      return index < from ? -1 : index - from + 1;
    },
    rowsOf: (index) => {
      if (index === 0) return [...topRows(conversation, from, context), ...(hasRemarks ? remarksAfter(null) : [])];
      const message = messages[from + index - 1];
      if (message === undefined) return pendingRows(waiting[index - 1 - shown], context);
      const rows = rowsOf(message, index === 1 ? undefined : messages[from + index - 2], context);
      return hasRemarks ? [...rows, ...remarksAfter(message.id)] : rows;
    },
  };
}

function topRows(
  { isWhole, isLoading, messages, clearedUpTo }: Conversation,
  from: number,
  { columns, name }: RowContext,
): Row[] {
  if (clearedUpTo !== null && from > 0) return [];
  const text = isLoading
    ? 'Loading what came before …'
    : !isWhole
      ? 'There is more before this.'
      : messages.length === 0
        ? `You and ${name} have not talked yet. Write something: it is encrypted from here to there.`
        : `This is where you and ${name} began.`;
  return wrap(text, columns).map((line) => ({ spans: [{ text: line, style: 'dim' }] }));
}

function pendingRows(pending: Pending | undefined, { columns }: RowContext): Row[] {
  if (pending === undefined) return [];
  const rows = wrap(sanitizeText(pending.text, ''), columns - 2).map((line) => ({
    spans: [{ text: `  ${line}`, style: 'dim' as const }],
  }));
  return [...rows, { spans: [{ text: '  waits for the messenger', style: 'warning' }] }];
}
