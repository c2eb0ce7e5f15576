/** Stores messages in batches of changing size until it is killed, and prints the last number after each commit. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openHistory } from '../src/writer.js';
import { bob, carol, messageId, streamOf } from './fixture.js';

const [file, first] = process.argv.slice(2);
const history = openHistory({ file: file ?? '', now: Date.now, randomBytes });
let number = Number(first);
let n = history.receivedMark(carol, streamOf(1)).n;
for (let batch = 1; ; batch = (batch % 40) + 1) {
  history.transaction((tx) => {
    for (let i = 0; i < batch; i++, number++) {
      const content = { id: messageId(number), sentAt: number, ctype: 1, text: `text ${number} `.repeat(number % 50) };
      if (number % 2) tx.compose({ ...content, peer: bob, wired: number % 3 === 0 });
      else tx.commitReceived({ ...content, peer: carol, stream: streamOf(1), n: ++n });
    }
  });
  // Past the commit, and past this process: what was written here is acknowledged.
  writeSync(1, `${number - 1}\n`);
}
