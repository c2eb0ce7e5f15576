// @ts-check
/**
 * `npm run lab -- <scenario>`: a network to play with. Its hosts are network namespaces of this machine, with a person's
 * real Earshot on each; nothing leaves the machine, and everything is removed at the end. Scenarios are those of the tests.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EarshotNode, Lab, LAB_PORT, SCENARIOS, temporaryFolder } from '../libs/testkit/dist/index.js';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'earshot');
const DISCOVERY_PORT = 6004;
/** The fourth is a console that a supervisor keeps: here the consoles are yours. */
const SERVICES = /** @type {const} */ (['discovery', 'messenger', 'logserver']);

/** @param {string} text */
const say = (text) => process.stdout.write(`${text}\n`);

const [name = ''] = process.argv.slice(2);
const scenario = Object.entries(SCENARIOS).find(([key]) => key === name)?.[1];
if (scenario === undefined) {
  say('npm run lab -- <scenario>, one of:\n');
  for (const [key, { about }] of Object.entries(SCENARIOS)) say(`  ${key.padEnd(12)}  ${about}`);
  process.exit(name === '' ? 0 : 2);
}
const why = Lab.unavailable();
if (why !== undefined) {
  process.stderr.write(`earshot: no lab can be made here: ${why}\n`);
  process.exit(1);
}

const lab = Lab.open();
const folder = temporaryFolder();
/** @type {EarshotNode[]} */
const nodes = [];
let ended = false;

/** @param {number} code */
async function end(code) {
  if (ended) return;
  ended = true;
  await Promise.allSettled(nodes.map((node) => node.close()));
  lab.close();
  folder.remove();
  say('The lab is closed; nothing of it is left.');
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));

/** A command that is this person's `earshot`, from any terminal. @param {EarshotNode} node @param {string} namespace */
function writeLauncher(node, namespace) {
  const path = join(folder.path, `earshot-${node.name}`);
  const quoted = Object.entries(node.env).map(([key, value]) => `${key}='${value.replaceAll("'", "'\\''")}'`);
  const command = ['exec ip netns exec', namespace, 'env', ...quoted, `'${process.execPath}'`, `'${launcher}'`, '"$@"'];
  writeFileSync(path, `#!/bin/sh\n${command.join(' ')}\n`, { mode: 0o700 });
  return path;
}

/** With this terminal, but not its input: that is the prompt's. @param {string} command @param {readonly string[]} args */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (err) => resolve(say(err.message))).once('exit', resolve);
  });
}

const scene = await scenario.build(lab);
say(`${name}: ${scenario.about}\nStarting ${scene.people.map((person) => person.name).join(', ')} ...\n`);
/** @type {Map<string, { launcher: string, namespace: string }>} */
const people = new Map();
for (const { name: person, host, env = {} } of scene.people) {
  const node = await EarshotNode.create({
    name: person,
    folder: folder.path,
    discoveryPort: DISCOVERY_PORT,
    port: LAB_PORT,
    host,
    env: { EARSHOT_USERNAME: person, ...env },
  });
  nodes.push(node);
  people.set(person, { launcher: writeLauncher(node, host.namespace), namespace: host.namespace });
}
try {
  await Promise.all(nodes.map((node) => node.start(SERVICES)));
} catch (err) {
  if (!ended) process.stderr.write(`earshot: ${/** @type {Error} */ (err).message}\n`);
  await end(1);
}

const [first] = people.keys();
for (const [person, { launcher: path }] of people)
  say(`  ${person.padEnd(8)} a console, from another terminal:  ${path}`);
say(`
Here:  ${`${first} peers`.padEnd(20)}  any command of earshot, as ${first}
       ${`on ${first} ip addr`.padEnd(20)}  any command on the host of ${first}
${scene.steps.map((step) => `       ${`do ${step}`.padEnd(20)}  a step of the scenario\n`).join('')}       Ctrl+D                the end
`);

const prompt = createInterface({ input: process.stdin, output: process.stdout, prompt: 'lab> ' });
prompt.on('SIGINT', () => void end(0));
prompt.prompt();
for await (const line of prompt) {
  const [word = '', ...rest] = line.split(' ').filter(Boolean);
  const person = people.get(word === 'on' ? (rest.shift() ?? '') : word);
  try {
    if (word === 'do') scene.take(rest.join(' '));
    else if (person !== undefined && word !== 'on') await run(person.launcher, rest.length > 0 ? rest : ['peers']);
    else if (person !== undefined) await run('ip', ['netns', 'exec', person.namespace, ...rest]);
    else if (word !== '') say(`nobody here is called ${word}: ${[...people.keys()].join(', ')}`);
  } catch (err) {
    say(/** @type {Error} */ (err).message);
  }
  prompt.prompt();
}
await end(0);
