/** A peer's SYNC against our own history (wire-v1 §6.5): where sending goes on, and whether one of the two is an older copy. */
import type { HistoryWriter, OutStream } from '@earshot/history';
import { ProtocolError, type SyncEntry } from '@earshot/protocol';
import { messageIdBytes, streamBytes } from './identifiers.js';
import type { Renumberings } from './renumberings.js';

export interface Resynchronised {
  /** Our stream, hex, and up to where the peer holds it. Empty and 0 while nothing was ever sent. */
  readonly stream: string;
  readonly acked: number;
  /** Whose history is an older copy; undefined where nothing is missing. */
  readonly restored: 'us' | 'peer' | undefined;
}

/**
 * Brings our counters to what the peer says it holds. Its first mark is what it stored of us last: were we on the same
 * stream earlier than on another one, only a copy of us can have been.
 *
 * @throws ProtocolError `too-busy` where the peer has made us renumber the whole conversation too often
 */
export function resynchronise(
  history: HistoryWriter,
  renumberings: Renumberings,
  peerId: string,
  [latest]: readonly SyncEntry[],
): Resynchronised {
  const out = history.outStream(peerId);
  if (latest !== undefined && (out === null || !isOurs(history, peerId, out, latest))) {
    // Without a stream of ours the peer goes on naming it: once is enough.
    const isKnown = out === null && history.setbacks(peerId).some(({ whose }) => whose === 'us');
    if (isKnown) return { stream: '', acked: 0, restored: undefined };
    if (out !== null) takeOne(renumberings, peerId, out.made);
    const stream = history.transaction((tx) => {
      tx.noteSetback(peerId, 'us');
      if (out === null) return '';
      // The peer holds what we never made, or made differently: the numbers would lie from here on. Everything that we
      // hold goes out under a new stream, what was acknowledged too: the peer may have lost it since, and nothing here
      // would tell. The message ids keep it single.
      return tx.restartStream(peerId).stream;
    });
    return { stream, acked: 0, restored: 'us' };
  }
  const { stream, acked: before } = out ?? { stream: '', acked: 0 };
  const acked = latest?.lastN ?? 0;
  if (acked < before) {
    takeOne(renumberings, peerId, before - acked);
    history.transaction((tx) => {
      tx.rewindAcked(peerId, acked);
      tx.noteSetback(peerId, 'peer');
    });
  } else if (acked > before) {
    history.transaction((tx) => tx.markAcked(peerId, acked));
  }
  return { stream, acked, restored: acked < before ? 'peer' : undefined };
}

function takeOne(renumberings: Renumberings, peerId: string, messages: number): void {
  if (!renumberings.take(peerId, messages)) throw new ProtocolError('too-busy', 'histories differ again and again');
}

/** Whether the peer's mark lies on what we put on the wire: the number alone would not tell. */
function isOurs(history: HistoryWriter, peerId: string, out: OutStream, { stream, lastN, lastId }: SyncEntry): boolean {
  if (!stream.equals(streamBytes(out.stream)) || lastN > out.wired) return false;
  const entry = history.outEntry(peerId, lastN);
  return entry !== null && messageIdBytes(entry.id).equals(lastId);
}
