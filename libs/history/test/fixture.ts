import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHistory, type HistoryWriter } from '../src/writer.js';

/** A valid peer id, the same for the same name. */
export function peerId(name: string): string {
  const letters = [...createHash('sha512').update(name).digest()].map(
    (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32],
  );
  return `${letters.slice(0, 51).join('')}a`;
}

/** A message id with a number that can be read back. */
export function messageId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;
}

export const streamOf = (number: number): string => number.toString(16).padStart(16, '0');

export const bob = peerId('bob');
export const carol = peerId('carol');

/** A folder of its own for each test, and what was opened in it closed at the end. */
export class Fixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'earshot-history-'));
  readonly file = join(this.folder, 'history.db');
  /** The clock: every look at it is a millisecond later. */
  time = Date.UTC(2030, 0, 1);
  private readonly opened: { close(): void }[] = [];

  open(): HistoryWriter {
    return this.closing(openHistory({ file: this.file, now: () => this.time++, randomBytes }));
  }

  /** Has it closed at the end. */
  closing<T extends { close(): void }>(closable: T): T {
    this.opened.push(closable);
    return closable;
  }

  remove(): void {
    for (const closable of this.opened.reverse()) closable.close();
    rmSync(this.folder, { recursive: true });
  }
}

export interface Sent {
  peer?: string;
  text?: string;
  wired?: boolean;
}

/** Stores a message to send, in a transaction of its own. */
export function compose(
  history: HistoryWriter,
  number: number,
  { peer = bob, text = `text ${number}`, wired = false }: Sent = {},
) {
  return history.transaction((tx) =>
    tx.compose({ id: messageId(number), peer, text, ctype: 1, sentAt: 1_000 + number, wired }),
  );
}

/** Stores a received message behind the last one of its stream, in a transaction of its own. */
export function receive(
  history: HistoryWriter,
  number: number,
  {
    peer = bob,
    stream = streamOf(1),
    text = `text ${number}`,
  }: { peer?: string; stream?: string; text?: string | null } = {},
) {
  const n = history.receivedMark(peer, stream).n + 1;
  return history.transaction((tx) =>
    tx.commitReceived({ peer, stream, n, id: messageId(number), sentAt: 1_000 + number, ctype: 1, text }),
  );
}

/** The code of the HistoryError that the work throws; anything else it throws fails the test. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (err) {
    if ((err as Error).name === 'HistoryError') return (err as { code: string }).code;
    throw err;
  }
  return 'nothing thrown';
}
