// @ts-check
/**
 * `npm start`: builds what changed, checks the settings, (re)starts the four processes under pm2, says where things are,
 * and asks for a name where there is none. Running it again after an update does what an update needs.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pm2, root, supervised } from './pm2.mjs';

const EXIT_FAILED = 1;
const EXIT_MISCONFIGURED = 78;
const READY_WITHIN_MS = 15_000;

/** @param {string[]} args */
const earshot = (...args) =>
  spawnSync(process.execPath, [join(root, 'earshot'), ...args], { cwd: root, encoding: 'utf8', env: process.env });

/** @param {string} text @param {number} code @returns {never} */
function fail(text, code = EXIT_FAILED) {
  process.stderr.write(`earshot: ${text}\n`);
  process.exit(code);
}

const build = spawnSync('npm', ['run', '--silent', 'build'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
if (build.status !== 0) fail(`the build failed:\n${build.stdout}${build.stderr}`);

const { dataFolder, loadSettings, prepareDataFolder, supervisedName } = await import('@earshot/runtime');
let paths;
try {
  paths = dataFolder(process.env);
  prepareDataFolder(paths);
  loadSettings(process.env, paths);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), EXIT_MISCONFIGURED);
}

const [stranger] = supervised().foreign;
if (stranger !== undefined) {
  fail(
    `pm2 already runs another program called ${stranger.name} (in ${stranger.pm2_env.pm_cwd}): end it there, or choose names of your own with EARSHOT_PROFILE`,
    EXIT_MISCONFIGURED,
  );
}
const started = pm2(['startOrRestart', 'ecosystem.config.js', '--update-env'], { quiet: true });
if (started.code !== 0) fail(`pm2 could not start the processes:\n${started.stdout}${started.stderr}`);

/** @type {{ services: Record<string, { up: boolean }>, ports: Record<string, number> } | undefined} */
let status;
for (const deadline = performance.now() + READY_WITHIN_MS; ; await sleep(200)) {
  const answer = earshot('status', '--json');
  if (answer.stdout.startsWith('{')) status = JSON.parse(answer.stdout);
  if (answer.status === 0) break;
  if (performance.now() > deadline) break;
}
const down = Object.entries(status?.services ?? {}).filter(([, s]) => !s.up);
if (status === undefined || down.length > 0) {
  for (const [name] of down) {
    process.stderr.write(
      `earshot: ${supervisedName(paths.profile, name)} is not running: ${lastError(join(paths.logs, `${name}.log`))}\n`,
    );
  }
  fail('not everything is up; `npm start` tries again, `npm stop` ends what runs');
}

/** The reason that a process gave in its log before it ended. @param {string} file */
function lastError(file) {
  try {
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const entry = lines.findLast((line) => line.err !== undefined);
    return entry?.err.message ?? entry?.err.name ?? `see ${file}`;
  } catch {
    return `see ${file}`;
  }
}

/** @type {{ id: string, username: string | null, port: number, address: string[] }} */
let me = JSON.parse(earshot('whoami', '--json').stdout || 'null');
if (me?.username === null && process.stdin.isTTY && process.stdout.isTTY) {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const suggestion = userInfo().username;
  for (;;) {
    const answer = (await ask.question(`Your name, as others will see it [${suggestion}]: `).catch(() => null))?.trim();
    if (answer === undefined) break;
    const registered = earshot('register', answer || suggestion);
    if (registered.status === 0) break;
    process.stdout.write(registered.stderr);
  }
  ask.close();
  me = JSON.parse(earshot('whoami', '--json').stdout);
}

const launcher = process.platform === 'win32' ? 'node earshot' : './earshot';
process.stdout.write(`Earshot is running${me?.username ? `, and you are ${me.username}` : ''}.

  console   ${launcher}${me?.username ? '' : `            (or: ${launcher} register <name>)`}
  chat log  ${earshot('logs').stdout.trim()}     (${launcher} logs --open)
  reach me  ${me?.address.join(', ') ?? ''}
  stop      npm stop
`);
