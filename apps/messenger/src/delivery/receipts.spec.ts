import type { DeliverySession } from './delivery-session.js';
import { Receipts } from './receipts.js';

const session = { peerId: 'bob' } as DeliverySession;
const ack = (n: number, stream = 'a') => ({ session, stream, n });
const reject = (n: number, reason = 1) => ({ session, stream: 'a', n, reason });

describe('receipts that wait', () => {
  it('are one acknowledgement a stream, the furthest, however often a peer repeats it', () => {
    const receipts = new Receipts();
    for (let i = 0; i < 1_000; i += 1) for (const n of [3, 7, 5]) receipts.add(ack(n));
    receipts.add(ack(1, 'b'));
    expect([...receipts.all()]).toEqual([ack(7), ack(1, 'b')]);
    expect(receipts.size).toBe(2);
  });

  it('are one rejection a position, before the acknowledgement that covers it', () => {
    const receipts = new Receipts();
    receipts.add(ack(9));
    for (const n of [2, 4, 2]) receipts.add(reject(n));
    expect([...receipts.all()]).toEqual([reject(2), reject(4), ack(9)]);
  });
});
