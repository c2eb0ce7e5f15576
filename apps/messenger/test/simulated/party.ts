/** One person: a real delivery over a real history on a real file, which can crash, fill up, and be set back to a copy. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryError, openHistory, type HistoryWriter } from '@earshot/history';
import type { Ack, MessageBody } from '@earshot/protocol';
import type { Message } from '@earshot/protocol/ipc';
import { Delivery } from '../../src/delivery/delivery.js';
import { streamBytes } from '../../src/delivery/identifiers.js';
import type { End, Owner } from './link.js';

/** More pages than any database here will ever have. */
const NO_LIMIT = 1_000_000;
const FILES = ['', '-wal'];

export class Party implements Owner {
  readonly id: string;
  history!: HistoryWriter;
  delivery!: Delivery;
  /** Live sessions, newest last. */
  ends: End[] = [];
  /** What the user was told about restored copies. */
  readonly reports = new Set<'us' | 'peer'>();
  /** How often this disk was set back. */
  restores = 0;
  /** Why sessions failed: for the reader of a counterexample. */
  readonly failures: string[] = [];
  wallClockMs = 1_760_000_000_000;
  private readonly folder = mkdtempSync(join(tmpdir(), 'earshot-party-'));
  private copies = 0;

  /** @param now monotonic milliseconds. */
  constructor(
    name: string,
    private readonly now: () => number,
  ) {
    this.id = name.padEnd(52, '2');
    this.start();
  }

  get copyCount(): number {
    return this.copies;
  }

  /** What the other one's messages of ours look like here, oldest first. */
  conversation(peer: Party): Message[] {
    return [...this.history.iterateConversation(peer.id)];
  }

  /** The process is gone at a point between two statements: nothing uncommitted is left, no session, nothing in memory. */
  crash(between: () => void = () => undefined): void {
    for (const end of [...this.ends]) end.end();
    this.history.close();
    // The first call finds the store closed under it, as a dead process would; the second has nothing left to do.
    try {
      this.delivery.stop();
    } catch {
      this.delivery.stop();
    }
    between();
    this.start();
  }

  /** Keeps a copy of the data folder as it is now. */
  copy(): void {
    for (const suffix of FILES)
      if (existsSync(this.file + suffix)) copyFileSync(this.file + suffix, `${this.file}.${this.copies}${suffix}`);
    this.copies += 1;
  }

  /** The process ends, an older copy takes the place of the data folder, the process starts. */
  restore(copy: number): void {
    this.restores += 1;
    this.crash(() => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(this.file + suffix, { force: true });
      for (const suffix of FILES) {
        const kept = `${this.file}.${copy}${suffix}`;
        if (existsSync(kept)) copyFileSync(kept, this.file + suffix);
      }
    });
  }

  /** From now on the database cannot grow: SQLite answers with the same SQLITE_FULL as on a full disk. */
  fill(): void {
    const pages = this.history['db'].prepare('PRAGMA page_count').pluck().get() as number;
    this.limitPages(pages);
  }

  makeSpace(): void {
    this.limitPages(NO_LIMIT);
  }

  /** A change of the history that a console would ask for; on a full disk it is refused, which is all right. */
  change(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof HistoryError) || error.code !== 'store-failed') throw error;
    }
  }

  /** The newer of two sessions stays, once its peer has spoken (wire-v1 §4.9). */
  confirmed(end: End): void {
    for (const older of this.ends.slice(0, this.ends.indexOf(end))) older.end();
  }

  ended(end: End): void {
    this.ends = this.ends.filter((other) => other !== end);
    if (this.history['db'].open) this.delivery.detach(end);
  }

  /** Never acknowledged but not stored, and never from within an open transaction. */
  expectStored(peer: string, { stream, upto }: Ack): void {
    expect(this.history['db'].inTransaction).toBe(false);
    expect(this.history.receivedMark(peer, stream.toString('hex')).n).toBeGreaterThanOrEqual(upto);
  }

  /** Never on the wire unless the disk knows. */
  expectWired(peer: string, { stream, n }: MessageBody): void {
    expect(this.history['db'].inTransaction).toBe(false);
    const out = this.history.outStream(peer);
    expect(out && streamBytes(out.stream).equals(stream)).toBe(true);
    expect(out?.wired).toBeGreaterThanOrEqual(n);
  }

  remove(): void {
    this.delivery.stop();
    this.history.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get file(): string {
    return join(this.folder, 'history.db');
  }

  private limitPages(pages: number): void {
    this.history['db'].prepare(`PRAGMA max_page_count = ${pages}`).pluck().get();
  }

  private start(): void {
    this.history = openHistory({ file: this.file, now: () => this.wallClockMs, randomBytes });
    this.delivery = new Delivery({
      history: this.history,
      wallClock: () => this.wallClockMs,
      now: this.now,
      acceptStrangers: true,
      sessionWith: () => this.ends.findLast((end) => end.isOpen),
      wantSession: () => undefined,
      committed: () => undefined,
      unreadChanged: () => undefined,
      trustChanged: () => undefined,
      storeFailed: () => undefined,
      storeRecovered: () => undefined,
      restored: (_peer, who) => this.reports.add(who),
    });
  }
}
