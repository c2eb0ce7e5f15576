import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Dealer } from 'zeromq';
import { temporaryDirectory } from '../test/roster.js';
import { SendQueue } from './send-queue.js';

let directory: string;
let sender: Dealer;
let receiver: Dealer;
beforeEach(() => {
  directory = temporaryDirectory();
  sender = new Dealer({ linger: 0, sendHighWaterMark: 10 });
  receiver = new Dealer({ linger: 0, receiveHighWaterMark: 10 });
  receiver.bindSync(`ipc://${join(directory, 's')}`);
  sender.connect(`ipc://${join(directory, 's')}`);
});
afterEach(() => {
  sender.close();
  receiver.close();
  rmSync(directory, { recursive: true });
});

const received = async (count: number) => {
  const messages: string[] = [];
  while (messages.length < count) messages.push(String((await receiver.receive())[0]));
  return messages;
};

describe('a send queue', () => {
  it('sends thousands at one go, in order, to one who has not begun to read', async () => {
    const queue = new SendQueue(sender);
    const messages = Array.from({ length: 5_000 }, (_, n) => `message ${n}`);
    for (const message of messages) queue.push([message]);
    await expect(received(5_000)).resolves.toEqual(messages);
    queue.push(['one more']);
    await expect(received(1)).resolves.toEqual(['one more']);
  });

  it('takes back what has not been sent', async () => {
    const queue = new SendQueue(sender);
    const messages = Array.from({ length: 1_000 }, (_, n) => [`message ${n}`]);
    for (const message of messages) queue.push(message);
    const last = messages.at(-1) ?? [];
    queue.withdraw(last);
    queue.push(['end']);
    const all = await received(1_000);
    expect(all.slice(-2)).toEqual(['message 998', 'end']);
  });

  it('forgets what waits when its socket is closed', () => {
    const queue = new SendQueue(sender);
    for (let n = 0; n < 1_000; n += 1) queue.push([`message ${n}`]);
    sender.close();
    queue.push(['too late']);
    expect(sender.closed).toBe(true);
  });
});
