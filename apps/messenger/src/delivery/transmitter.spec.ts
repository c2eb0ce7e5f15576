import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { openHistory, type HistoryWriter } from '@earshot/history';
import type { DeliverySession } from './delivery-session.js';
import { Transmitter } from './transmitter.js';
import { Turn } from './turn.js';

const bob = encodePeerId(generateIdentity().publicKey);

let folder: string;
let history: HistoryWriter;
let transmitter: Transmitter;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-transmitter-'));
  history = openHistory({ file: join(folder, 'history.db'), now: Date.now, randomBytes });
  transmitter = new Transmitter({ history, now: () => 0, poke: () => undefined });
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** A session with bob that keeps what is sent on it. */
function sessionWith(sent: number[]): DeliverySession {
  return {
    peerId: bob,
    isOpen: true,
    isCongested: false,
    sendMessage: ({ n }) => sent.push(n),
    sendAck: () => undefined,
    sendReject: () => undefined,
    sendWindow: () => undefined,
    cork: () => undefined,
    uncork: () => undefined,
    fail: () => undefined,
  };
}

function compose(...texts: string[]): string {
  for (const text of texts)
    history.transaction((tx) => {
      tx.compose({ id: randomUUID(), peer: bob, text, ctype: 1, sentAt: 1, wired: false });
    });
  return history.outStream(bob)?.stream ?? '';
}

function putOnWire(): void {
  history
    .transaction((tx) => {
      const turn = new Turn(tx);
      transmitter.putOnWire(turn, [bob]);
      return turn;
    })
    .leave();
}

describe('what leaves for a peer', () => {
  it('never exceeds what it takes in bytes, but for a single message with nothing else on its way', () => {
    const sent: number[] = [];
    const session = sessionWith(sent);
    transmitter.attach(session, compose('x'.repeat(600), 'x'.repeat(600), 'x'.repeat(2_000)), 0);
    transmitter.setWindow(session, { messages: 100, bytes: 1_000 });
    for (const acked of [1, 2]) {
      putOnWire();
      putOnWire();
      expect(sent).toHaveLength(acked);
      transmitter.acknowledged({ session, stream: '', n: acked });
    }
    putOnWire();
    expect(sent).toEqual([1, 2, 3]);
  });

  it('goes on as soon as the session that carried it is answered, whatever another one was answered', () => {
    const sent: number[] = [];
    const [older, session] = [sessionWith([]), sessionWith(sent)];
    transmitter.attach(session, compose('a', 'b', 'c'), 0);
    transmitter.setWindow(session, { messages: 2, bytes: 100_000 });
    putOnWire();
    expect(sent).toEqual([1, 2]);
    transmitter.acknowledged({ session: older, stream: '', n: 2 });
    putOnWire();
    expect(sent).toEqual([1, 2]);
    transmitter.acknowledged({ session, stream: '', n: 1 });
    putOnWire();
    expect(sent).toEqual([1, 2, 3]);
  });
});
