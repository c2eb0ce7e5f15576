import { HistoryError, type HistoryTransaction, type HistoryWriter } from '@earshot/history';
import { IpcError } from '@earshot/protocol';

/** Writes what a request asks for. The disk is full, say: the caller is told so, and may try again. */
export function stored<T>(history: HistoryWriter, write: (tx: HistoryTransaction) => T): T {
  try {
    return history.transaction(write);
  } catch (error) {
    if (error instanceof HistoryError && error.code === 'store-failed')
      throw new IpcError('store-failed', error.detail);
    throw error;
  }
}
