import { randomBytes, randomUUID } from 'node:crypto';
import { openHistory, type HistoryWriter } from '@earshot/history';

/** Ids of people, told apart by their first letters. */
export const BOB = `${'b'.repeat(51)}a`;
export const EVE = `${'e'.repeat(51)}q`;

/** A history that grows as the messenger would let it grow, through its real writer. */
export class WrittenHistory {
  readonly writer: HistoryWriter;
  private readonly stream = randomBytes(8).toString('hex');
  private readonly positions = new Map<string, number>();
  private clock = Date.UTC(2030, 0, 1);

  constructor(file: string, username: string | null = 'anna') {
    // A millisecond for every commit, so that no two messages have one time.
    this.writer = openHistory({ file, now: () => (this.clock += 1), randomBytes });
    this.writer.transaction((tx) => {
      if (username !== null) tx.setUsername(username);
      tx.upsertPeer(BOB, { username: 'bob' });
      tx.upsertPeer(EVE, { username: 'eve' });
    });
  }

  /** Messages from somebody, all in one commit. @returns their ids */
  receive(peer: string, ...texts: string[]): string[] {
    return this.writer.transaction((tx) =>
      texts.map((text) => {
        const n = (this.positions.get(peer) ?? 0) + 1;
        const id = randomUUID();
        tx.commitReceived({ peer, stream: this.stream, n, id, sentAt: this.clock, ctype: 1, text });
        this.positions.set(peer, n);
        return id;
      }),
    );
  }

  /** A message to somebody that waits for its way out. */
  queue(peer: string, text: string): string {
    const id = randomUUID();
    this.writer.transaction((tx) => tx.compose({ id, peer, text, ctype: 1, sentAt: this.clock, wired: false }));
    return id;
  }

  /** Everything queued for somebody has arrived there. */
  deliver(peer: string): void {
    const made = this.writer.outStream(peer)?.made ?? 0;
    this.writer.transaction((tx) => {
      tx.markWired(peer, made);
      tx.markAcked(peer, made);
    });
  }

  close(): void {
    this.writer.close();
  }
}
