/**
 * The fuzzer: `npm run fuzz -- [target…] [--seconds n | --executions n] [--seed n] [--keep] [--json]`.
 *
 * Each target begins with its own seeds and what is kept of earlier searches, and gets the time or the number of
 * executions given. Ends with 1 where an input did what none may; such inputs are kept, and executed by every later run.
 */
import { register } from 'node:module';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { keep, keepReached, keptInputs } from './kept-inputs.js';
import { search } from './search.js';
import { TARGETS } from './targets/index.js';
import { Watchdog } from './watchdog.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    executions: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = names.filter((name) => !(name in TARGETS));
if (unknown.length > 0 || !Number.isInteger(seed)) {
  process.stderr.write(`fuzz: there are ${Object.keys(TARGETS).join(', ')}; a seed is a whole number\n`);
  process.exit(2);
}

register('./instrument.js', import.meta.url);
const coverage = new Coverage();
process.exitCode = 0;
if (!values.json) process.stdout.write(`seed ${seed}\n`);
for (const name of names) await fuzz(name);
process.exit();

async function fuzz(name: string): Promise<void> {
  const target = await TARGETS[name]?.();
  if (target === undefined) return;
  coverage.attach();
  const watchdog = new Watchdog(name, target.maxBytes);
  const began = performance.now();
  const limit = values.executions === undefined ? undefined : Number(values.executions);
  const ends = began + Number(values.seconds) * 1_000;
  const kept = keptInputs(name);
  const outcome = await search(target, {
    seed,
    kept,
    coverage,
    // The clock is looked at now and then: it costs as much as a small target.
    goesOn: (madeUp) => (limit === undefined ? madeUp % 64 !== 0 || performance.now() < ends : madeUp < limit),
    onExecution: watchdog.begin,
  });
  const seconds = (performance.now() - began) / 1_000;
  await watchdog.stop();
  await target.close?.();

  const { executions, edges, corpus, crashes } = outcome;
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ name, seed, executions, kept: kept.length, edges, crashes: crashes.length })}\n`,
    );
  else {
    const perSecond = Math.round(executions / seconds);
    process.stdout.write(
      `${name.padEnd(14)} ${String(executions).padStart(10)} executions ${String(perSecond).padStart(7)}/s ${String(edges).padStart(5)} edges ${String(corpus.length).padStart(4)} inputs ${String(crashes.length).padStart(2)} crashes\n`,
    );
  }
  for (const { input, error } of crashes) {
    const file = keep(name, 'crash', input);
    process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.stderr.write(`  ${file}: npm run fuzz -- ${name} --executions 0 executes it again\n`);
    process.exitCode = 1;
  }
  if (values.keep) {
    const seeds = new Set(target.seeds.map((input) => input.toString('latin1')));
    keepReached(
      name,
      corpus.filter((input) => !seeds.has(input.toString('latin1'))),
    );
  }
}
