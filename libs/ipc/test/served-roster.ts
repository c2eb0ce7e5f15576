/** A roster in a process of its own, moved by messages of its parent: [key, status] sets, [key] removes, a number sets that many at one go. */
import { Roster } from './roster.js';

const [directory = ''] = process.argv.slice(2);
const roster = new Roster(directory, {
  // Never answered: for requests that are still there when this process is gone.
  interfaces: () => new Promise(() => undefined),
});
await roster.service.start();
process.on('message', (message: number | [string] | [string, string]) => {
  if (typeof message === 'number') for (let n = 0; n < message; n += 1) roster.set(`key ${n % 1000}`, `status ${n}`);
  else if (message[1] === undefined) roster.remove(message[0]);
  else roster.set(message[0], message[1]);
  process.send?.(roster.state);
});
process.on('disconnect', () => process.exit());
process.send?.('serving');
