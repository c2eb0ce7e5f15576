/** Messages on their way out: send. */
import { IpcError, MESSAGE_TEXT_MAX_BYTES, newMessageId, PAGE_MAX_ROWS } from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import { EXIT, type DataFolder } from '@earshot/runtime';
import { linesOfInput } from '../input.js';
import { CommandError, goOnWithoutOutput, note, print, printJson } from '../output.js';
import { Progress } from '../progress.js';
import { asCommandError, withMessenger, type Connection, type Messenger } from '../services/connection.js';
import { insist, isAway, mayBeDone } from '../services/insist.js';
import { OrderedSender, type OutgoingMessage } from '../services/ordered-sender.js';
import { resolvePeer, type IdentifiedPeer } from '../services/peers.js';
import { countOf } from '../text/lines.js';

export interface SendOptions {
  readonly wait: 'queued' | 'sent' | 'delivered';
  /** Seconds. */
  readonly timeout: number;
  readonly id?: string;
  readonly json?: boolean;
}

/** Messages under way at once when standard input is sent: one request's worth on its way, and the next one's collected. */
const PIPELINE = 2 * PAGE_MAX_ROWS;
/** The longest single wait that the messenger is asked for. */
const WAIT_SLICE_MS = 10_000;
const REACHED: Readonly<Record<MessageState, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  rejected: 2,
  cancelled: 2,
  received: 2,
};

export function send(who: string, text: string, options: SendOptions): Promise<void> {
  goOnWithoutOutput();
  return withMessenger(async (connection) => {
    if (text === '-' && options.id !== undefined)
      throw new CommandError(EXIT.usage, '--id names one message: it cannot go with standard input');
    const { messenger } = connection;
    const { id: peer } = await resolveOnce(messenger, who, deadlineOf(options));
    const sender = new OrderedSender(messenger, peer);
    const begin = (line: string, id: string): Outgoing => ({
      id,
      state: deliver(messenger, sender, { id, text: line }, options),
    });
    if (text === '-') await sendLines(connection, begin, options);
    else await sendText(begin(text, options.id ?? newMessageId(Date.now())), options);
  });
}

interface Outgoing {
  readonly id: string;
  /** How far it got in time; rejects where it is not known to be stored. */
  readonly state: Promise<MessageState>;
}

const deadlineOf = ({ timeout }: SendOptions) => performance.now() + timeout * 1_000;

/** Where nobody is there at all, that is said at once; where the messenger goes away in the middle, it is asked again. */
async function resolveOnce(messenger: Messenger, who: string, deadline: number): Promise<IdentifiedPeer> {
  try {
    return await resolvePeer(messenger, who);
  } catch (error) {
    if (!isAway(error) || !mayBeDone(error)) throw error;
    return insist(() => resolvePeer(messenger, who), deadline);
  }
}

async function deliver(
  messenger: Messenger,
  sender: OrderedSender,
  message: OutgoingMessage,
  options: SendOptions,
): Promise<MessageState> {
  const bytes = Buffer.byteLength(message.text);
  // Here already: a text that is far too long does not even fit into a request.
  if (bytes > MESSAGE_TEXT_MAX_BYTES) throw new IpcError('message-too-large', `it has ${bytes} bytes`);
  const deadline = deadlineOf(options);
  let state = await sender.send(message, deadline);
  while (REACHED[state] < REACHED[options.wait]) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    const timeoutMs = Math.round(Math.min(left, WAIT_SLICE_MS));
    const wait = { id: message.id, state: options.wait, timeoutMs };
    const ask = () => messenger.call('waitFor', wait, { deadlineMs: timeoutMs + 5_000 });
    try {
      ({ state } = await insist(ask, deadline));
    } catch (error) {
      // It is stored, and that is the last that is known of it.
      if (!isAway(error)) throw error;
    }
  }
  return state;
}

function report({ id }: Outgoing, state: MessageState, { json, wait }: SendOptions): number {
  if (json === true) printJson({ id, state });
  else print(`${state}  ${id}`);
  if (state === 'rejected' || state === 'cancelled') return EXIT.failed;
  return REACHED[state] >= REACHED[wait] ? EXIT.ok : EXIT.timedOut;
}

async function sendText(message: Outgoing, options: SendOptions): Promise<void> {
  let state: MessageState;
  try {
    state = await message.state;
  } catch (error) {
    if (!(error instanceof IpcError) || error.code !== 'timed-out') throw error;
    throw new CommandError(
      EXIT.timedOut,
      `no answer in time: repeat it with --id ${message.id}, which sends it once whatever became of it`,
    );
  }
  const code = report(message, state, options);
  if (state === 'cancelled') throw new CommandError(code, 'it was taken back before it was sent');
  if (code === EXIT.failed) throw new CommandError(code, 'the other side refused it');
  if (code === EXIT.timedOut)
    throw new CommandError(code, 'not there yet: it stays queued and goes out as soon as it can');
}

/** One message per line. Answers are printed in order, each as soon as it is there, while standard input stays open. */
async function sendLines(
  { paths }: Connection,
  begin: (line: string, id: string) => Outgoing,
  options: SendOptions,
): Promise<void> {
  let worst: number = EXIT.ok;
  let printed = Promise.resolve();
  const underWay: Promise<void>[] = [];
  let number = 0;
  const progress = new Progress((count) => `${countOf(count, 'message')} so far`);
  const failed = (error: unknown) => {
    worst = Math.max(worst, noteFailure(error, number, paths));
  };
  try {
    for await (const line of linesOfInput(process.stdin)) {
      number += 1;
      if (line.trim() === '') continue;
      const [at, message] = [number, begin(line, newMessageId(Date.now()))];
      const settled = message.state.then(
        (state) => () => report(message, state, options),
        (error: unknown) => () => {
          progress.clear();
          return noteFailure(error, at, paths, message.id);
        },
      );
      printed = printed.then(async () => {
        worst = Math.max(worst, (await settled)());
        // Not into what somebody is typing.
        if (!process.stdin.isTTY) progress.add(1);
      });
      underWay.push(printed);
      if (underWay.length >= PIPELINE) await underWay.shift();
    }
  } catch (error) {
    number += 1;
    await printed;
    progress.clear();
    failed(error);
  }
  await printed;
  progress.clear();
  if (worst !== EXIT.ok) throw new CommandError(worst, 'not all of it got that far');
}

/** Says what became of one line, and where that is not clear how it can be repeated; answers with the exit code for it. */
function noteFailure(error: unknown, line: number, paths: DataFolder, id?: string): number {
  const known = asCommandError(error, 'messenger', paths);
  if (!(known instanceof CommandError)) throw known;
  const isUnclear = known.exitCode === EXIT.timedOut && id !== undefined;
  note(`line ${line}: ${known.message}${isUnclear ? `; repeat it with --id ${id}, which sends it once` : ''}`);
  return known.exitCode;
}
