/** Follows the feed of a history that another process writes, until it has had the last message; prints what it saw as one line of JSON. */
import { setTimeout } from 'node:timers/promises';
import { openHistoryReader } from '../src/reader.js';

const [file, last] = process.argv.slice(2);
const reader = openHistoryReader({ file: file ?? '' });
const ids: string[] = [];
const states: string[] = [];
let refused = '';
try {
  reader['db'].exec("INSERT INTO meta VALUES ('a', 'b')");
} catch (err) {
  refused = (err as { code: string }).code;
}
process.stdout.write('ready\n');
for (let after = 0, done = false; !done;) {
  const { items, upto } = reader.changes(after, 17);
  for (const change of items) {
    if (change.event === 'message') ids.push(change.id);
    else if (change.event === 'state') states.push(`${change.id} ${change.state}`);
    done ||= change.event === 'state' && change.id === last;
  }
  if (items.length === 0) await setTimeout(1);
  after = upto;
}
reader.close();
process.stdout.write(JSON.stringify({ ids, states, refused }));
