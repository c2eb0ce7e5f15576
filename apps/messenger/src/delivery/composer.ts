/** Takes messages of our user into the outbox (wire-v1 §6.2), or says why not. */
import { HistoryError, type HistoryWriter, type OutEntry } from '@earshot/history';
import {
  CONTENT_TYPE,
  IpcError,
  MESSAGE_TEXT_MAX_BYTES,
  OUTBOX_MAX_BYTES,
  OUTBOX_MAX_MESSAGES,
  type IpcErrorCode,
} from '@earshot/protocol';
import type { MessageState } from '@earshot/protocol/ipc';
import type { Turn } from './turn.js';

export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
}
/** What became of one message of a request. */
export type SendOutcome =
  { readonly id: string; readonly state: MessageState } | { readonly id: string; readonly error: IpcError };

export interface ComposerOptions {
  readonly history: HistoryWriter;
  /** Wall-clock milliseconds: recorded and shown, never compared. */
  readonly wallClock: () => number;
  /** Writing to somebody pins them (wire-v1 §7). */
  readonly accept: (turn: Turn, peerId: string) => void;
  /** An entry joined a peer's stream in this turn. */
  readonly composed: (peerId: string, entry: OutEntry) => void;
}

export class Composer {
  constructor(private readonly options: ComposerOptions) {}

  compose(turn: Turn, peer: string, { id, text }: OutgoingMessage): SendOutcome {
    const { history } = this.options;
    const bytes = Buffer.byteLength(text);
    const problem = problemWith(text, bytes);
    if (problem !== undefined) return refused(id, ...problem);

    const trust = history.trustOf(peer);
    const size = history.outboxSize(peer);
    const isFull = size.messages >= OUTBOX_MAX_MESSAGES || size.bytes + bytes > OUTBOX_MAX_BYTES;
    if (!isFull && trust !== 'blocked' && this.store(turn, peer, id, text)) {
      if (trust === null || trust === 'new') this.options.accept(turn, peer);
      return { id, state: 'queued' };
    }
    // The same request again is answered by what became of the first one, also where it would be refused by now.
    const known = history.findSent(id);
    if (known?.peer === peer && known.text === text) return { id, state: known.state };
    // A command that repeats its request must not send after all what was taken back or forgotten.
    if ((known === null || known.peer === peer) && history.messageState(id) === 'cancelled')
      return { id, state: 'cancelled' };
    if (trust === 'blocked') return refused(id, 'blocked-peer');
    if (isFull) return refused(id, 'outbox-full', `${size.messages} messages, ${size.bytes} bytes wait for this peer`);
    return refused(id, 'id-conflict');
  }

  /** False where the id is taken. */
  private store({ tx, changed }: Turn, peer: string, id: string, text: string): boolean {
    const ctype = CONTENT_TYPE.text;
    const sentAt = this.options.wallClock();
    try {
      const { n } = tx.compose({ id, peer, text, ctype, sentAt, wired: false });
      changed.add(peer);
      this.options.composed(peer, { n, id, text, ctype, sentAt });
      return true;
    } catch (error) {
      if (!(error instanceof HistoryError) || error.code !== 'id-conflict') throw error;
      return false;
    }
  }
}

/** What the other side would have to refuse is refused here: NUL, or a lone surrogate that UTF-8 cannot carry, too. */
function problemWith(text: string, bytes: number): [code: IpcErrorCode, detail?: string] | undefined {
  if (bytes === 0) return ['message-empty'];
  if (bytes > MESSAGE_TEXT_MAX_BYTES) return ['message-too-large', `${bytes} bytes, at most ${MESSAGE_TEXT_MAX_BYTES}`];
  if (text.includes('\0') || !text.isWellFormed()) return ['message-malformed'];
  return undefined;
}

function refused(id: string, code: IpcErrorCode, detail?: string): SendOutcome {
  return { id, error: new IpcError(code, detail) };
}
