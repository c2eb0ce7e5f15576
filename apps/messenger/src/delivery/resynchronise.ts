/** A peer's SYNC against our own history (wire-v1 §6.5): where sending goes on, and whether one of the two is an older copy. */
import type { HistoryWriter } from '@earshot/history';
import type { SyncEntry } from '@earshot/protocol';
import { messageIdText } from './identifiers.js';

export interface Resynchronised {
  /** Our stream, hex, and up to where the peer holds it. Empty and 0 while nothing was ever sent. */
  readonly stream: string;
  readonly acked: number;
  /** Whose history is an older copy; undefined where nothing is missing. */
  readonly setBack: 'ours' | 'theirs' | undefined;
}

/**
 * Brings our counters to what the peer says it holds, in one transaction. Messages leave in the order of the feed, so
 * whatever mark it names, of whichever stream, says that it holds all before it, and what it holds is the furthest of them.
 *
 * - A mark that we cannot know: *we* were set back. What is not acknowledged goes out under a new stream, since the
 *   numbers of this one mean other messages to the peer. The ids keep them single.
 * - Less than it acknowledged: *it* was set back. All after that is sent again, also what stood on an earlier stream.
 */
export function resynchronise(history: HistoryWriter, peerId: string, entries: readonly SyncEntry[]): Resynchronised {
  const marks = entries.map(({ stream, lastN, lastId }) => ({
    stream: stream.toString('hex'),
    n: lastN,
    id: messageIdText(lastId),
  }));
  const held = marks.map((mark) => history.heldBy(peerId, mark));
  const foreign = marks.filter((_, i) => held[i] === 'foreign');
  const ours = history.outStream(peerId);
  const upto = Math.max(0, ...held.filter((seq) => seq !== 'foreign'));
  const current = marks.find((mark) => mark.stream === ours?.stream && !foreign.includes(mark));
  // Who holds what we know nothing of has seen more of us than this copy: it lacks nothing that we know it to hold.
  const isBehind = foreign.length === 0 && upto < history.ackedSeq(peerId);
  const isAhead = current !== undefined && ours !== null && current.n > ours.acked;
  if (foreign.length > 0 || isBehind || isAhead) {
    history.transaction((tx) => {
      for (const { stream } of foreign) {
        if (stream === ours?.stream) tx.restartStream(peerId);
        else tx.noteForeignStream(peerId, stream);
      }
      if (foreign.length > 0) tx.noteSetback(peerId, 'ours');
      if (isBehind) {
        tx.resendAfter(peerId, upto);
        tx.noteSetback(peerId, 'one-of-both');
      } else if (isAhead) {
        // It may have gone out after this copy was made.
        tx.markWired(peerId, current.n);
        tx.markAcked(peerId, current.n);
      }
    });
  }
  const { stream, acked } = history.outStream(peerId) ?? { stream: '', acked: 0 };
  return { stream, acked, setBack: foreign.length > 0 ? 'ours' : isBehind ? 'theirs' : undefined };
}
