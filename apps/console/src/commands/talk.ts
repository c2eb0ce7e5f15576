/** Messages: send, history, tail. */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Client } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import type { Message, MessageState, MessengerContract } from '@earshot/protocol/ipc';
import { EXIT } from '@earshot/runtime';
import { CommandError, note, print, printJson } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { followFeed } from '../services/feed.js';
import { resolvePeer, taggedName } from '../services/peers.js';
import { sanitizeText } from '../text/sanitize.js';

export interface SendOptions {
  readonly wait: 'queued' | 'sent' | 'delivered';
  /** Seconds. */
  readonly timeout: number;
  readonly id?: string;
  readonly json?: boolean;
}

type Messenger = Client<MessengerContract>;

/** Requests under way at once when standard input is sent: enough to keep the messenger's commits full. */
const PIPELINE = 64;
const RETRY_MS = 200;
/** The longest single wait that the messenger is asked for. */
const WAIT_SLICE_MS = 10_000;
const REACHED: Readonly<Record<MessageState, number>> = { queued: 0, sent: 1, delivered: 2, rejected: 2, received: 2 };

export function send(who: string, text: string, options: SendOptions): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id: peer } = await resolvePeer(messenger, who);
    const begin = (line: string, id: string) => ({
      id,
      state: sendOne(messenger, { id, peer, text: line }, options.wait, performance.now() + options.timeout * 1_000),
    });
    /** Prints what became of one message and answers with the exit code for it. */
    const finish = async ({ id, state: settled }: ReturnType<typeof begin>): Promise<number> => {
      const state = await settled;
      if (options.json === true) printJson({ id, state });
      else print(`${state}  ${id}`);
      if (state === 'rejected') return EXIT.failed;
      return REACHED[state] >= REACHED[options.wait] ? EXIT.ok : EXIT.timedOut;
    };
    if (text !== '-') {
      const code = await finish(begin(text, options.id ?? randomUUID()));
      if (code === EXIT.failed) throw new CommandError(code, 'the other side refused it');
      if (code === EXIT.timedOut)
        throw new CommandError(code, 'not there yet: it stays queued and goes out as soon as it can');
      return;
    }
    if (options.id !== undefined)
      throw new CommandError(EXIT.usage, '--id names one message: it cannot go with standard input');
    let worst: number = EXIT.ok;
    const underWay: ReturnType<typeof begin>[] = [];
    for await (const line of linesOfInput()) {
      if (line === '') continue;
      const message = begin(line, randomUUID());
      // Looked at in its turn; until then a failure must not count as unhandled.
      message.state.catch(() => undefined);
      underWay.push(message);
      const first = underWay.length >= PIPELINE ? underWay.shift() : undefined;
      if (first !== undefined) worst = Math.max(worst, await finish(first));
    }
    for (const message of underWay) worst = Math.max(worst, await finish(message));
    if (worst !== EXIT.ok) throw new CommandError(worst, 'not all of it got that far');
  });
}

/** Asks under the same id until there is an answer: a crash in between neither loses the message nor doubles it. */
async function sendOne(
  messenger: Messenger,
  message: { id: string; peer: string; text: string },
  wait: SendOptions['wait'],
  deadline: number,
): Promise<MessageState> {
  let asked = false;
  let state: MessageState | undefined;
  for (;;) {
    try {
      if (state === undefined) state = (await messenger.call('send', message)).state;
      asked = true;
      const left = deadline - performance.now();
      if (REACHED[state] >= REACHED[wait] || left <= 0) return state;
      const timeoutMs = Math.round(Math.min(left, WAIT_SLICE_MS));
      state = (
        await messenger.call('waitFor', { id: message.id, state: wait, timeoutMs }, { deadlineMs: timeoutMs + 5_000 })
      ).state;
    } catch (error) {
      if (!(error instanceof IpcError) || (error.code !== 'not-running' && error.code !== 'timed-out')) throw error;
      // Nobody was there to take it: certainly not queued.
      if (!asked && error.code === 'not-running' && error.name === 'IpcError') throw error;
      asked = true;
      if (performance.now() >= deadline) throw new IpcError('timed-out');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function* linesOfInput(): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const line of createInterface({ input: process.stdin.setEncoding('latin1'), crlfDelay: Infinity })) {
    try {
      yield decoder.decode(Buffer.from(line, 'latin1'));
    } catch {
      throw new CommandError(EXIT.usage, 'standard input is not UTF-8: convert it first, for example with iconv');
    }
  }
}

export function history(
  who: string,
  options: { readonly limit: number; readonly before?: string; readonly json?: boolean },
): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const peer = await resolvePeer(messenger, who);
    const pages: Message[][] = [];
    let left = options.limit;
    let before = options.before;
    while (left > 0) {
      const page = await messenger.call('history', {
        peer: peer.id,
        limit: Math.min(left, 500),
        ...(before === undefined ? {} : { before }),
      });
      pages.unshift(page.items);
      left -= page.items.length;
      if (page.next === null || page.items.length === 0) break;
      before = page.next;
    }
    const items = pages.flat();
    for (const message of items) {
      if (options.json === true) printJson(message);
      else print(messageLine(message));
    }
    if (items.length === 0) note(`nothing with ${taggedName(peer)} yet`);
  });
}

export function messageLine(message: Message): string {
  const who =
    message.direction === 'sent'
      ? `you -> ${taggedName({ id: message.peer, username: message.username })}`
      : taggedName({ id: message.peer, username: message.username });
  const state = message.direction === 'sent' ? `  [${message.state}]` : '';
  return `${message.committedAt}  ${who}: ${message.text === null ? '(needs a newer version of Earshot)' : sanitizeText(message.text)}${state}`;
}

export function tail({ json }: { readonly json?: boolean }): Promise<void> {
  return withMessenger(({ paths }) =>
    followFeed(paths, {
      onChange: (change) => {
        if (json === true) {
          const { seq: _, ...event } = change;
          printJson(event);
        } else if (change.event === 'message') print(messageLine(change));
        else print(`${change.state}  ${change.id}`);
      },
      onPeer: (peer) => {
        if (json === true) printJson({ event: 'peer', ...peer });
        else print(`${peer.presence}  ${taggedName(peer)}`);
      },
    }),
  );
}
