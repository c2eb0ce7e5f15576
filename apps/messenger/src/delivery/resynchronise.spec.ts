import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { openHistory, type HistoryWriter } from '@earshot/history';
import { ProtocolError, RENUMBERINGS_MAX, RENUMBERINGS_WITHIN_MS } from '@earshot/protocol';
import { temporaryFolder } from '@earshot/testkit';
import { Renumberings } from './renumberings.js';
import { resynchronise } from './resynchronise.js';

const peer = encodePeerId(generateIdentity().publicKey);
const folder = temporaryFolder();
let history: HistoryWriter;
beforeAll(() => {
  history = openHistory({ file: join(folder.path, 'history.db'), now: Date.now, randomBytes });
  history.transaction((tx) => {
    tx.compose({ id: randomUUID(), peer, text: 'hello', ctype: 1, sentAt: 1, wired: true });
  });
});
afterAll(() => {
  history.close();
  folder.remove();
});

it('a peer that says each time that we were set back has us renumber the conversation so many times, and later again', () => {
  let now = 0;
  const renumberings = new Renumberings(() => now);
  const lie = () =>
    resynchronise(history, renumberings, peer, [{ stream: randomBytes(8), lastN: 1, lastId: randomBytes(16) }]);
  const streams = new Set(Array.from({ length: RENUMBERINGS_MAX }, () => lie().stream));
  expect(streams.size).toBe(RENUMBERINGS_MAX);
  expect(lie).toThrow(ProtocolError);
  expect(streams).toContain(history.outStream(peer)?.stream);
  now = RENUMBERINGS_WITHIN_MS;
  expect(streams).not.toContain(lie().stream);
});

it('a peer that says each time that it lost what it held is sent it each time: that costs no renumbering', () => {
  const renumberings = new Renumberings(() => 0);
  for (let time = 0; time < RENUMBERINGS_MAX + 2; time++) {
    const { stream } = history.outStream(peer) ?? { stream: '' };
    history.transaction((tx) => {
      tx.markWired(peer, 1);
      tx.markAcked(peer, 1);
    });
    expect(resynchronise(history, renumberings, peer, [])).toEqual({ stream, acked: 0, restored: 'peer' });
  }
});
