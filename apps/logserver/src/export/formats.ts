/** A conversation as a file. Each format is a generator, so that memory does not grow with the conversation. */
import type { Message } from '@earshot/protocol/ipc';
import { safeJsonLine } from '@earshot/runtime';
import { jsonArray } from './batches.js';
import { htmlDocument } from './html-document.js';
import { visible } from './visible-text.js';

export interface ExportFormat {
  readonly contentType: string;
  readonly write: (messages: Iterable<Message>) => Iterable<string>;
}

export const EXPORT_FORMATS = {
  json: { contentType: 'application/json; charset=utf-8', write: jsonArray },
  ndjson: { contentType: 'application/x-ndjson; charset=utf-8', write: jsonLines },
  txt: { contentType: 'text/plain; charset=utf-8', write: plainText },
  html: { contentType: 'text/html; charset=utf-8', write: htmlDocument },
} as const satisfies Record<string, ExportFormat>;
export type ExportFormatName = keyof typeof EXPORT_FORMATS;

function* jsonLines(messages: Iterable<Message>): Generator<string, void, undefined> {
  for (const message of messages) {
    // Also one line for readers that take more for the end of one than JSON does.
    yield `${safeJsonLine(JSON.stringify(message))}\n`;
  }
}

function* plainText(messages: Iterable<Message>): Generator<string, void, undefined> {
  for (const { committedAt, direction, username, peer, text, state } of messages) {
    const name = visible(username || peer.slice(0, 10));
    // Somebody may call themselves "you": but no name holds a space or an arrow.
    const who = direction === 'sent' ? `you -> ${name}` : name;
    const note = direction === 'sent' && state !== 'delivered' ? ` (${state})` : '';
    // Further lines are set off, so that none of them can look like the next message.
    const body = visible(text ?? '(content that this version cannot show)').replaceAll('\n', '\n    | ');
    yield `${committedAt} ${who}${note}: ${body}\n`;
  }
}
