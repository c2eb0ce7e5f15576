import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePeerId, generateIdentity } from '@earshot/crypto';
import { openHistory, type HistoryWriter } from '@earshot/history';
import { OUR_WINDOW, type MessageBody } from '@earshot/protocol';
import type { DeliverySession } from './delivery-session.js';
import { messageIdBytes } from './identifiers.js';
import { Receiver } from './receiver.js';
import { Turn } from './turn.js';

const bob = encodePeerId(generateIdentity().publicKey);
const stream = randomBytes(8);

let folder: string;
let history: HistoryWriter;
let receiver: Receiver;
let answers: string[];
let session: DeliverySession;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-receiver-'));
  history = openHistory({ file: join(folder, 'history.db'), now: Date.now, randomBytes });
  history.transaction((tx) => {
    tx.setTrust(bob, 'accepted');
  });
  receiver = new Receiver({
    history,
    acceptStrangers: false,
    accept: () => undefined,
    sessionWith: () => session,
    windowFor: () => OUR_WINDOW,
    newStream: () => undefined,
  });
  answers = [];
  session = {
    peerId: bob,
    isOpen: true,
    isCongested: false,
    sendMessage: () => undefined,
    sendAck: ({ upto }) => answers.push(`ACK ${upto}`),
    sendReject: ({ n, reason }) => answers.push(`REJECT ${n} ${reason}`),
    sendWindow: () => undefined,
    cork: () => undefined,
    uncork: () => undefined,
    fail: () => undefined,
  };
  receiver.attach(session, []);
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

const message = (n: number, ctype = 1): MessageBody => ({
  stream,
  n,
  id: messageIdBytes(randomUUID()),
  sentMs: 1,
  ctype,
  content: Buffer.from('x'),
});

/** One turn with these messages, whose commit fails at the end where the disk is full. */
function turn(messages: readonly MessageBody[], { isFull = false } = {}): void {
  const arrivals = messages.map((one) => ({ session, message: one }));
  const work = () =>
    history.transaction((tx) => {
      const begun = new Turn(tx);
      receiver.apply(begun, arrivals);
      if (isFull) throw new Error('the disk is full');
      return begun;
    });
  if (isFull) expect(work).toThrow('the disk is full');
  else work().carryOut();
}

describe('what a peer is answered', () => {
  it('is one cumulative ACK, and a REJECT before it for each refused message that it covers', () => {
    turn([message(1), message(2, 0x90), message(3), message(4, 0x91)]);
    expect(answers).toEqual(['REJECT 2 3', 'REJECT 4 3', 'ACK 4']);
  });

  it('is nothing where the commit fails, and everything when the same comes again', () => {
    const [first, refused] = [message(1), message(2, 0x90)];
    turn([first]);
    turn([refused], { isFull: true });
    expect(answers).toEqual(['ACK 1']);
    turn([refused]);
    expect(answers).toEqual(['ACK 1', 'REJECT 2 3', 'ACK 2']);
  });

  it('is an ACK to void, of which nothing is shown', () => {
    turn([message(1), { ...message(2, 0), content: Buffer.alloc(0) }, message(3)]);
    expect(answers).toEqual(['ACK 3']);
    expect(history.page(bob, { limit: 10 }).items.map(({ text }) => text)).toEqual(['x', 'x']);
  });

  it('is where we are, to what came before and to what leaves a gap; of a stream that was only named nothing is kept', () => {
    turn([message(1), message(1), message(7)]);
    for (let i = 0; i < 100; i += 1) turn([{ ...message(2), stream: randomBytes(8) }]);
    expect(answers).toEqual(['ACK 1', ...Array.from({ length: 100 }, () => 'ACK 0')]);
    expect(history.receivedMarks(bob)).toHaveLength(1);
  });
});
