// @ts-check
/**
 * `npm run demo`: Earshot for somebody who tries it alone. Two people on this machine, each with the real processes, in
 * folders and on ports of their own; you are one of them, and bob answers through the same programs that you use.
 * Everything goes over loopback, and everything is removed at the end.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'earshot');
const SERVICES = ['messenger', 'discovery', 'logserver'];
const FOUND_WITHIN_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'earshot-demo-'));
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
let cleaned = false;

/** Ends what this demo started, and only that. */
async function cleanUp() {
  if (cleaned) return;
  cleaned = true;
  const ended = children.map((child) =>
    child.exitCode === null && child.signalCode === null
      ? new Promise((resolve) => child.once('exit', resolve))
      : undefined,
  );
  for (const child of children) child.kill('SIGINT');
  await Promise.race([Promise.all(ended), sleep(5_000)]);
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => void cleanUp().then(() => process.exit(0)));

/** A TCP port that is free together with the one after it, which the log server takes. */
async function freePortPair() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** A UDP port of the demo's own: neither person appears in the real neighbourhood. @returns {Promise<number>} */
function freeUdpPort() {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** @param {string} name @param {number} port @param {number} discoveryPort @param {Record<string, string>} [more] */
function person(name, port, discoveryPort, more = {}) {
  const kept = Object.entries(process.env).filter(([key]) => !key.startsWith('EARSHOT_'));
  const env = {
    ...Object.fromEntries(kept),
    EARSHOT_HOME: join(folder, name),
    EARSHOT_PROFILE: name,
    EARSHOT_USERNAME: name,
    EARSHOT_PORT: String(port),
    EARSHOT_DISCOVERY_PORT: String(discoveryPort),
    EARSHOT_INTERFACES: 'lo,lo0',
    ...more,
  };
  for (const service of SERVICES) {
    children.push(
      spawn(process.execPath, [join(root, 'apps', service, 'dist', 'main.js')], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
  }
  return env;
}

/** @param {NodeJS.ProcessEnv} env @param {string[]} args */
const earshot = (env, ...args) => spawnSync(process.execPath, [launcher, ...args], { env, encoding: 'utf8' });

/** bob reads what comes in as it comes, and answers: `earshot tail` and `earshot send`, as in any script. @param {NodeJS.ProcessEnv} env */
function answerAsBob(env) {
  const tail = spawn(process.execPath, [launcher, 'tail', '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(tail);
  let count = 0;
  createInterface({ input: tail.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.event !== 'message' || event.direction !== 'received') return;
    count += 1;
    const reply = answerTo(event.text ?? '', count);
    // On standard input: what people say belongs in no process's arguments.
    const send = spawn(process.execPath, [launcher, 'send', event.peer, '-'], {
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    send.stdin.end(`${reply}\n`);
  });
}

/** @param {string} text @param {number} count */
function answerTo(text, count) {
  if (/[?？]\s*$/.test(text))
    return 'Good question. I am a script: I only know that your message was in my history before you were told so.';
  const answers = [
    `Hello! I got "${text}" in ${Buffer.byteLength(text)} bytes, sealed for me alone.`,
    'Try `./earshot` commands in another terminal meanwhile, or stop me and write on: it waits in your outbox.',
    'This went through discovery, handshake, encryption, two databases and back.',
  ];
  return answers[(count - 1) % answers.length] ?? '';
}

const discoveryPort = await freeUdpPort();
const alice = person('alice', await freePortPair(), discoveryPort);
const bob = person('bob', await freePortPair(), discoveryPort, { EARSHOT_POLICY: 'open' });

process.stdout.write('Starting alice (you) and bob on this machine ...\n');
let found = false;
for (
  const deadline = performance.now() + FOUND_WITHIN_MS;
  performance.now() < deadline && !found && !cleaned;
  await sleep(200)
) {
  const peers = earshot(alice, 'peers', '--json')
    .stdout.split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  found = peers.some((peer) => peer.username === 'bob' && peer.presence === 'online');
}
if (!found) {
  process.stderr.write(`earshot: alice and bob did not find each other within ${FOUND_WITHIN_MS / 1_000} s\n`);
  await cleanUp();
  process.exit(1);
}
answerAsBob(bob);

process.stdout.write(`
You are alice. Try:   @bob merhaba
                      how are you?
                      /peers   /whois bob   /help   /quit
Your chat log:        ${earshot(alice, 'logs', '--url').stdout.trim()}

`);
// A moment for bob's tail to stand, so that the first message is answered too.
await sleep(500);
const code = await new Promise((resolve) => {
  const console = spawn(process.execPath, [launcher, '--plain'], { env: alice, stdio: 'inherit' });
  children.push(console);
  console.once('exit', (status) => resolve(status ?? 0));
});
await cleanUp();
process.stdout.write('The demo is over; nothing of it is left on this machine.\n');
process.exit(code);
