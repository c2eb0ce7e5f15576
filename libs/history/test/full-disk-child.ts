/** Fills a small file system with messages until no more fit, then makes room: prints how many it held, as JSON. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { openHistory } from '../src/writer.js';
import { bob, compose } from './fixture.js';

const [folder] = process.argv.slice(2);
const ballast = `${folder ?? ''}/ballast`;
writeFileSync(ballast, Buffer.alloc(600_000));
const history = openHistory({ file: `${folder ?? ''}/history.db`, now: Date.now, randomBytes });

const failures: string[] = [];
let stored = 0;
while (failures.length < 2) {
  try {
    compose(history, stored + 1, { text: 'x'.repeat(20_000) });
    stored++;
  } catch (err) {
    failures.push((err as { code: string }).code);
  }
}
const kept = history.outboxSize(bob).messages;
rmSync(ballast);
compose(history, stored + 1);
history.close();
const reopened = openHistory({ file: history.file, now: Date.now, randomBytes });
process.stdout.write(JSON.stringify({ before: stored, failures, kept, after: [...reopened.iterateAll()].length }));
reopened.close();
