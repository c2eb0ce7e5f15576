import { CONTENT_TYPE } from '@earshot/protocol';
import type { Message, MessageState } from '@earshot/protocol/ipc';
import { idFromBytes } from './identifiers.js';

export const DIRECTION = { sent: 0, received: 1 } as const;
/** A `silent` row holds its position with nothing to show and nothing to answer: a duplicate, or void. */
export const KIND = { content: 0, silent: 1, rejected: 2 } as const;

/** That `m` is a message for people to see: one that was forgotten keeps its row, with the content type void and nothing in it. */
export const SHOWN = `m.kind = ${KIND.content} AND m.ctype <> ${CONTENT_TYPE.void}`;

/**
 * The state of message `m` by what is stored of its stream `o`, never stored by itself. On a stream that was given up only
 * rejected ones are left (outbox.ts); histories of earlier versions have acknowledged ones there, too. A forgotten one has come to
 * its end for whoever still asks: there is no telling any more how far it came.
 */
export const STATE = `
  CASE WHEN m.direction = 1 THEN 'received'
       WHEN m.ctype = ${CONTENT_TYPE.void} THEN 'cancelled'
       WHEN m.reject_reason IS NOT NULL THEN 'rejected'
       WHEN m.stream IS NOT o.stream OR m.n <= o.acked THEN 'delivered'
       WHEN m.n <= o.wired THEN 'sent'
       ELSE 'queued' END`;

/** Selects messages `m`, given the WHERE. CROSS keeps the source in front: its order is the order of the result. */
export function selectMessages(rest: string, source = 'messages m'): string {
  return `
    SELECT m.seq, m.id, p.id AS peer, p.username, m.direction, m.text, m.sent_at AS sentAt, m.committed_at AS committedAt, ${STATE} AS state
    FROM ${source} CROSS JOIN peers p ON p.key = m.peer LEFT JOIN out_streams o ON o.peer = m.peer ${rest}`;
}

export interface MessageRow {
  seq: number;
  id: Buffer;
  peer: string;
  username: string;
  direction: number;
  text: string | null;
  sentAt: number;
  committedAt: number;
  state: MessageState;
}

export function toMessage(row: MessageRow): Message {
  return {
    id: idFromBytes(row.id),
    peer: row.peer,
    username: row.username,
    direction: row.direction === DIRECTION.sent ? 'sent' : 'received',
    text: row.text,
    sentAt: isoTime(row.sentAt),
    committedAt: isoTime(row.committedAt),
    state: row.state,
  };
}

export function seqOf({ seq }: { seq: number }): number {
  return seq;
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function textBytes(text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(text);
}

/**
 * Takes what fits in a page: at most `maxRows` and `maxBytes` of text, but one row in any case.
 * `more` says that the source has at least one further row.
 */
export function takePage<R extends { text: string | null }>(
  rows: Iterable<R>,
  maxRows: number,
  maxBytes: number,
): { taken: R[]; more: boolean } {
  const taken: R[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += textBytes(row.text);
    if (taken.length === maxRows || (taken.length > 0 && bytes > maxBytes)) return { taken, more: true };
    taken.push(row);
  }
  return { taken, more: false };
}
