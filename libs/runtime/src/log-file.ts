import { closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.js';
import { safeJsonLine } from './sanitize.js';

/**
 * A log file that is bounded on disk and that nothing can make fail: when it reaches its share it becomes `<path>.1`,
 * replacing the one before, and a new one begins. A line that cannot be written is dropped and counted, and the count
 * is written in front of the next one that can.
 *
 * Synchronous, so that the last lines before a crash or process.exit are there.
 */
export class LogFile {
  #file: number | undefined;
  #dropped = 0;

  /**
   * @param maxBytes of this file and of `<path>.1`, each
   * @param droppedLine makes the line that reports dropped ones
   */
  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
    private readonly droppedLine: (count: number) => string,
  ) {}

  /** @param line ends in a newline */
  write(line: string): void {
    try {
      const text = this.#dropped === 0 ? line : this.droppedLine(this.#dropped) + line;
      // JSON escapes C0 only; the rest would act on the terminal of whoever reads the log.
      this.#append(Buffer.from(text.replace(/[^\n]+/g, safeJsonLine)));
      this.#dropped = 0;
    } catch {
      this.#dropped++;
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #append(bytes: Buffer): void {
    const { file, size } = this.#withRoomFor(bytes.length);
    try {
      // A disk that fills up takes the beginning of a line: no half lines.
      if (writeSync(file, bytes) < bytes.length) throw new Error('disk full');
    } catch (err) {
      ftruncateSync(file, size);
      throw err;
    }
  }

  #withRoomFor(bytes: number): { file: number; size: number } {
    const file = (this.#file ??= this.#open());
    const { nlink, size } = fstatSync(file);
    const vanished = nlink === 0;
    const full = size > 0 && size + bytes > this.maxBytes;
    if (!vanished && !full) return { file, size };
    this.close();
    if (full && !vanished) renameSync(this.path, `${this.path}.1`);
    return { file: (this.#file = this.#open()), size: 0 };
  }

  #open(): number {
    makeFolder(dirname(this.path));
    const file = openSync(this.path, 'a', 0o600);
    // One that was there before may have been open to others.
    fchmodSync(file, 0o600);
    return file;
  }
}
