/** What the user decides about a peer, and what such a decision can rest on (wire-v1 §7). */
import { decodePeerId, equalBytes, safetyNumber } from '@earshot/crypto';
import type { HistoryWriter } from '@earshot/history';
import { IpcError } from '@earshot/protocol';
import { stored } from '../service/stored.js';

export function decideTrust(history: HistoryWriter, peerId: string, wanted: 'new' | 'accepted' | 'blocked'): void {
  const trust = history.trustOf(peerId);
  // A pinned peer that became a stranger again would give its name away to whoever takes it.
  if (wanted === 'new' && trust !== 'blocked') throw new IpcError('not-blocked');
  // To accept somebody takes nothing back that was compared.
  if (wanted === 'accepted' && trust === 'verified') return;
  stored(history, (tx) => {
    tx.setTrust(peerId, wanted);
  });
}

/** The number that both users see for each other, unless somebody in between showed each of them another key. */
export function safetyNumberWith(ownId: string, peerId: string): string {
  return safetyNumber(decodePeerId(ownId), decodePeerId(peerId));
}

/** @param read what the other user read out; another number than ours is refused with `wrong-safety-number`. */
export function verifyPeer(history: HistoryWriter, ownId: string, peerId: string, read: string): void {
  if (history.trustOf(peerId) === 'blocked') throw new IpcError('blocked-peer');
  if (!equalBytes(Buffer.from(read), Buffer.from(safetyNumberWith(ownId, peerId))))
    throw new IpcError('wrong-safety-number');
  stored(history, (tx) => {
    tx.setTrust(peerId, 'verified');
  });
}
