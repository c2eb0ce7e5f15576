/** The benchmark: each figure of design.md §8 that can be had on one machine, beside its reference in the same run (docs/benchmarks.md). */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from '@earshot/testkit';
import { console_ } from './groups/console.js';
import { delivery } from './groups/delivery.js';
import { discovery } from './groups/discovery.js';
import { fernet } from './groups/fernet.js';
import { flood } from './groups/flood.js';
import { latency } from './groups/latency.js';
import { million } from './groups/million.js';
import { session } from './groups/session.js';
import { start } from './groups/start.js';
import { Place } from './place.js';
import { table } from './report.js';
import { measureRow, type Group, type Result, type Row } from './row.js';

const GROUPS: readonly Group[] = [fernet, delivery, latency, session, start, console_, discovery, flood, million];
/** Not a goal: where something hangs, it ends all the same. */
const OVERDUE_MS = 900_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, profile: { type: 'string' } },
});
const unknown = positionals.filter((name) => !GROUPS.some((group) => group.name === name));
if (unknown.length > 0) fail(`no group ${unknown.join(', ')}: there are ${GROUPS.map((g) => g.name).join(', ')}`, 2);

let place: Place | undefined;
let failed = false;
let stopping = false as boolean;
const results: { row: Row; result: Result }[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));
const overdue = setTimeout(() => void giveUp(`not done after ${OVERDUE_MS / 1000} s`), OVERDUE_MS);

for (const group of GROUPS) {
  if (stopping || (positionals.length > 0 && !positionals.includes(group.name))) continue;
  place = new Place(values.profile === undefined ? undefined : resolve(values.profile));
  try {
    for (const row of await group.rows(place)) {
      process.stderr.write(`bench: ${row.name} …\n`);
      const result = await measureRow(row);
      results.push({ row, result });
      if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  } catch (err) {
    failed = true;
    process.stderr.write(`bench: ${group.name}: ${err instanceof Error ? (err.stack ?? err.message) : 'failed'}\n`);
  } finally {
    await place.clear();
  }
}
clearTimeout(overdue);
printTable();
// A goal that is not met is a figure, not a failure.
process.exitCode = failed ? 1 : 0;

async function giveUp(why: string): Promise<never> {
  stopping = true;
  await place?.clear();
  thisMachine.killChildren();
  printTable();
  return fail(why, 1);
}

function printTable(): void {
  if (!values.json && results.length > 0) process.stdout.write(`${table(results)}\n`);
}

function fail(why: string, code: number): never {
  process.stderr.write(`bench: ${why}\n`);
  process.exit(code);
}
