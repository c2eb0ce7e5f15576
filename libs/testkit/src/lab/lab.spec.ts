import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Host } from '../host.js';
import { Lab } from './lab.js';
import { until } from '../until.js';

const why = Lab.unavailable();
const describeLab = why === undefined ? describe : describe.skip;

const LISTEN = `
const server = require('net').createServer((s) => s.on('error', () => {}).end('hello from ' + process.argv[1]));
server.listen(4000, '0.0.0.0', () => console.log('listening'));
`;
const ASK = `
const socket = require('net').connect(4000, process.argv[1]).setTimeout(1500, () => process.exit(3));
socket.on('data', (d) => process.stdout.write(d)).on('error', (e) => { console.error(e.code); process.exit(2); });
`;

describeLab(`Lab${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: Lab;

  beforeEach(() => {
    lab = Lab.open();
  });
  afterEach(() => {
    lab.close();
  });

  it('joins hosts that reach each other and nothing else', async () => {
    const outside = createServer().listen(0, '0.0.0.0');
    await until('the server listens', () => outside.listening);
    const alice = lab.host('alice');
    const bob = lab.host('bob');
    const server = bob.spawn(process.execPath, ['-e', LISTEN, 'bob'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => server.stdout?.once('data', resolve));

    expect((await alice.exec(process.execPath, ['-e', ASK, bob.ip])).stdout).toBe('hello from bob');
    const escape = `require('net').connect(${(outside.address() as AddressInfo).port}, '127.0.0.1').on('error', (e) => console.log(e.code))`;
    expect((await alice.exec(process.execPath, ['-e', escape])).stdout.trim()).toBe('ECONNREFUSED');
    expect((await alice.exec('ip', ['route'])).stdout).not.toContain('default');
    outside.close();
  });

  it('cuts a host off and joins it again', async () => {
    const alice = lab.host('alice');
    const bob = lab.host('bob');
    const server = bob.spawn(process.execPath, ['-e', LISTEN, 'bob'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    const ask = async (): Promise<string> => (await alice.exec(process.execPath, ['-e', ASK, bob.ip])).stdout;

    lab.cut(bob);
    expect(await ask()).toBe('');
    lab.join(bob);
    await until('bob is reachable again', async () => (await ask()) === 'hello from bob');
  });

  it('keeps isolated hosts from each other, and from nobody else', async () => {
    const [alice, bob, carol] = [lab.host('alice'), lab.host('bob'), lab.host('carol')];
    const server = bob.spawn(process.execPath, ['-e', LISTEN, 'bob'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    const ask = async (host: Host): Promise<string> => (await host.exec(process.execPath, ['-e', ASK, bob.ip])).stdout;

    lab.isolate(alice);
    lab.isolate(bob);
    expect(await ask(alice)).toBe('');
    expect(await ask(carol)).toBe('hello from bob');
    lab.isolate(bob, false);
    expect(await ask(alice)).toBe('hello from bob');
    // A host that nobody answers is given up only after a while.
  }, 30_000);

  it('records what crosses the switch', async () => {
    const alice = lab.host('alice');
    const bob = lab.host('bob');
    const capture = await lab.capture();
    const server = bob.spawn(process.execPath, ['-e', LISTEN, 'bob'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    await alice.exec(process.execPath, ['-e', ASK, bob.ip]);
    await until('the answer is in the capture', () => capture.bytes().includes('hello from bob'));
    expect(capture.bytes().includes('never sent')).toBe(false);
  });

  it('gives a host without a cable nothing but loopback', async () => {
    const solo = lab.host('solo', { loopbackOnly: true });
    const names = await solo.exec(process.execPath, ['-p', 'Object.keys(require("os").networkInterfaces()).join()']);
    expect(names.stdout.trim()).toBe('lo');
  });

  it('leaves nothing behind, not even processes', async () => {
    const host = lab.host('alice');
    const child = host.spawn(process.execPath, ['-e', LISTEN, 'alice'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    lab.close();
    await ended;
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(`es${process.pid}-`);
  });

  it('removes what a test run that died has left', async () => {
    const dead = new Promise<number>((resolve) => {
      const child = lab.host('alice').spawn(process.execPath, ['-e', '']);
      child.once('exit', () => {
        resolve(child.pid ?? 0);
      });
    });
    const leftover = `es${await dead}-0`;
    execFileSync('ip', ['netns', 'add', leftover]);
    Lab.open().close();
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(leftover);
  });
});
