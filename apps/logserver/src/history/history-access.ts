import { statSync } from 'node:fs';
import { HistoryError, openHistoryReader, type HistoryErrorCode, type HistoryReader } from '@earshot/history';
import { HttpError, type HttpErrorCode } from '../http/errors.js';

const CODES: Readonly<Record<HistoryErrorCode, HttpErrorCode>> = {
  missing: 'history-not-ready',
  'older-schema': 'history-not-ready',
  'newer-schema': 'history-newer',
  damaged: 'history-damaged',
  'wrong-node-build': 'history-unreadable',
  'store-failed': 'history-unreadable',
  'id-conflict': 'internal',
};

/**
 * The history, opened when somebody asks, and opened again when another file stands in its place (a backup that was
 * restored): whatever is wrong with it, it is right again without a restart.
 */
export class HistoryAccess {
  private current: { readonly reader: HistoryReader; readonly fileId: string } | undefined;

  constructor(private readonly file: string) {}

  /** @throws HttpError 503 with a code where it cannot be read */
  read<T>(work: (reader: HistoryReader) => T): T {
    try {
      return work(this.reader());
    } catch (err) {
      throw translated(err);
    }
  }

  /** The same for what is read bit by bit, each bit when it is asked for. */
  *readEach<T>(work: (reader: HistoryReader) => Iterable<T>): Generator<T, void, undefined> {
    try {
      yield* work(this.reader());
    } catch (err) {
      throw translated(err);
    }
  }

  close(): void {
    this.current?.reader.close();
    this.current = undefined;
  }

  private reader(): HistoryReader {
    const stats = statSync(this.file, { throwIfNoEntry: false });
    const fileId = stats === undefined ? 'none' : `${stats.dev}:${stats.ino}`;
    if (this.current?.fileId !== fileId) this.close();
    this.current ??= { reader: openHistoryReader({ file: this.file }), fileId };
    return this.current.reader;
  }
}

function translated(err: unknown): unknown {
  return err instanceof HistoryError ? new HttpError(CODES[err.code], err.detail) : err;
}
