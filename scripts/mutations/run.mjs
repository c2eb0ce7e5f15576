// @ts-check
/**
 * `npm run mutations [-- <word of a name>]`: makes each mistake in a scratch copy of the tree, runs the tests that are to
 * notice, and prints by which of them it was caught. Exits 1 when one is not caught, or no longer has its place.
 * The working tree is only read.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { MUTATIONS } from './mutations.mjs';

/** A mutant may well wait for something for ever: that is caught, too. */
const DEADLINE_MS = 120_000;

const root = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'earshot-mutations-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** What git would commit, and the installed packages by reference; our own packages are those of the copy. */
function copyTree() {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    cpSync(join(root, file), join(scratch, file), { force: true });
  }
  const modules = join(scratch, 'node_modules');
  mkdirSync(join(modules, '@earshot'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@earshot') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const folder of ['apps', 'libs']) {
    for (const name of readdirSync(join(scratch, folder)))
      symlinkSync(join(scratch, folder, name), join(modules, '@earshot', name));
  }
}

/**
 * @param {readonly string[]} tests of one project
 * @returns {string[]} titles of the tests that failed, or what went wrong before there were any
 */
function failuresOf(tests) {
  const project = tests[0]?.split('/').slice(0, 2).join('/') ?? '';
  const report = join(scratch, 'report.json');
  rmSync(report, { force: true });
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const files = tests.map((file) => relative(project, file));
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', jest, '--bail', '--json', `--outputFile=${report}`, ...files],
    {
      cwd: join(scratch, project),
      stdio: 'ignore',
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    },
  );
  if (status === 0) return [];
  if (status === null) return ['(the tests did not come to an end)'];
  if (!existsSync(report)) return ['(the process that ran the tests crashed)'];
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults.filter((r) => r.status === 'failed'));
  // A mutant that does not even load proves nothing.
  if (failed.length === 0) throw new Error(`no test ran: ${testResults[0]?.message ?? 'no result'}`);
  return failed.map(({ fullName }) => fullName);
}

const wanted = process.argv.slice(2).join(' ');
const mutations = MUTATIONS.filter(({ name }) => name.includes(wanted));
copyTree();

// The tests must hold without a mistake, or their failing says nothing.
const groups = new Map(mutations.map(({ tests }) => [tests.join(' '), tests]));
let isWell = true;
for (const tests of groups.values()) {
  const broken = failuresOf(tests);
  if (broken.length === 0) continue;
  console.log(`FAILS WITHOUT ANY MISTAKE  ${broken.join('; ')}`);
  isWell = false;
}

for (const { name, edits, tests } of mutations) {
  const originals = edits.map(([file]) => readFileSync(join(scratch, file), 'utf8'));
  if (edits.some(([, search], i) => originals[i]?.split(search).length !== 2)) {
    console.log(`NO LONGER APPLIES  ${name}`);
    isWell = false;
    continue;
  }
  edits.forEach(([file, search, replace], i) => {
    writeFileSync(join(scratch, file), originals[i]?.replace(search, () => replace) ?? '');
  });
  const caughtBy = failuresOf(tests);
  edits.forEach(([file], i) => writeFileSync(join(scratch, file), originals[i] ?? ''));
  if (caughtBy.length === 0) isWell = false;
  console.log(`${caughtBy.length === 0 ? 'NOT CAUGHT' : 'caught'}  ${name}`);
  for (const title of caughtBy) console.log(`        by: ${title}`);
}
process.exitCode = isWell ? 0 : 1;
