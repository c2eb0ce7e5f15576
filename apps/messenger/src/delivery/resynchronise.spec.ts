import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openHistory, type HistoryWriter } from '@earshot/history';
import { RENUMBERED_AT_WILL_MESSAGES, RENUMBERINGS_MAX, type SyncEntry } from '@earshot/protocol';
import { temporaryFolder, type TemporaryFolder } from '@earshot/testkit';
import { Renumberings } from './renumberings.js';
import { resynchronise } from './resynchronise.js';

const BOB = 'bob'.padEnd(52, '2');
const LONG = RENUMBERED_AT_WILL_MESSAGES + 1;
/** What an older copy of bob says, and a hostile bob always. */
const NOTHING: SyncEntry[] = [];
/** As if we had been restored: a stream that we do not know. */
const anotherStream = (): SyncEntry[] => [{ stream: randomBytes(8), lastN: 1, lastId: randomBytes(16) }];

let folder: TemporaryFolder;
let history: HistoryWriter;
beforeEach(() => {
  folder = temporaryFolder();
  history = openHistory({ file: join(folder.path, 'history.db'), now: Date.now, randomBytes });
});
afterEach(() => {
  history.close();
  folder.remove();
});

/** As a conversation that bob has acknowledged all of. */
function acknowledged(count: number): void {
  history.transaction((tx) => {
    for (let n = 0; n < count; n++)
      tx.compose({ id: randomUUID(), peer: BOB, text: 'x', ctype: 1, sentAt: 1, wired: true });
  });
  acknowledgeAll();
}
function acknowledgeAll(): void {
  const made = history.outStream(BOB)?.made ?? 0;
  history.transaction((tx) => {
    tx.markWired(BOB, made);
    tx.markAcked(BOB, made);
  });
}

/** How often bob is believed who says that, session after session. */
function believed(says: () => SyncEntry[]): number {
  const renumberings = new Renumberings(() => 0);
  for (let time = 0; time < 20; time++) {
    try {
      resynchronise(history, renumberings, BOB, says());
    } catch (error) {
      expect(error).toMatchObject({ code: 'too-busy' });
      // Nothing has changed by what was not believed.
      expect(history.outStream(BOB)?.acked).toBe(history.outStream(BOB)?.made);
      return time;
    }
    acknowledgeAll();
  }
  return Infinity;
}

describe('a peer that says each time that it holds something else', () => {
  it.each([
    ['nothing', () => NOTHING],
    ['what we never sent', anotherStream],
  ])('is believed so many times where the conversation is long: %s', (_what, says) => {
    acknowledged(LONG);
    expect(believed(says)).toBe(RENUMBERINGS_MAX);
  });

  it('is always believed where it is short, as disks and copies can be bad more than once', () => {
    acknowledged(100);
    expect(believed(() => NOTHING)).toBe(Infinity);
    expect(believed(anotherStream)).toBe(Infinity);
  });
});
