/** What the console costs whoever types: a whole command, and the full screen with a long conversation and many people. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freeUdpPort, until, type EarshotNode } from '@earshot/testkit';
import { costIsKnown, residentMegabytes } from '../nodes/process-cost.js';
import { noScreen, ScreenProcess } from '../nodes/screen.js';
import { startNode } from '../nodes/pair.js';
import type { Place } from '../place.js';
import type { Group, Reference, Row } from '../row.js';
import { median, percentile } from '../statistics.js';

const ROUNDS = 5;
const MESSAGES = 10_000;
const PEOPLE = 200;
/** As many as our own limit of 16 people an address asks for. */
const ADDRESSES = Array.from({ length: 13 }, (_, n) => `127.0.1.${n + 1}`);
const KEYS = 200;
/** Somebody who types fast. */
const BETWEEN_KEYS_MS = 25;
const PAGE_UP = '\x1b[5~';

export const console_: Group = {
  name: 'console',
  async rows(place) {
    const port = await freeUdpPort();
    const [a, b] = [
      await startNode(place, 'a', ['messenger', 'discovery', 'logserver'], undefined, port),
      await startNode(place, 'b', ['messenger', 'discovery'], undefined, port),
    ];
    await until('a sees b', async () => (await a.ask('peers')).some(({ username }) => username === 'b'));
    const send: Row = {
      name: '`earshot send` as a whole command',
      unit: 'ms',
      goal: { atMost: 400 },
      rounds: ROUNDS,
      async measure() {
        const before = performance.now();
        await a.ask('send', 'b', 'hello');
        return performance.now() - before;
      },
      reference: emptyProcess,
    };
    const missing = noScreen();
    if (missing !== undefined || !costIsKnown) {
      place.note(`${missing ?? 'what processes use is read on Linux alone'}: the full screen is left out`);
      return [send];
    }
    return [send, ...screenRows(place, a, b, port)];
  },
};

function screenRows(place: Place, a: EarshotNode, b: EarshotNode, port: number): Row[] {
  let opened: ScreenProcess | undefined;
  let times: number[] = [];
  const open = async () => {
    opened?.close();
    const { screen, firstMs } = await ScreenProcess.open(a, place.folder);
    place.defer(() => {
      screen.close();
    });
    opened = screen;
    return firstMs;
  };
  return [
    {
      name: 'first paint of the full screen',
      unit: 'ms',
      goal: { atMost: 1_000 },
      rounds: ROUNDS,
      measure: open,
      reference: emptyProcess,
    },
    {
      name: `key to screen, p95, ${MESSAGES} messages and ${PEOPLE} people`,
      unit: 'ms',
      goal: { atMost: 30 },
      rounds: 1,
      async measure() {
        await fill(place, a, b, port);
        await open();
        const screen = opened;
        if (screen === undefined) throw new Error('bug: no screen');
        await screen.shows('message 10000');
        // Until all of it is loaded.
        for (let page = 0; page < MESSAGES / 12; page++) {
          screen.type(PAGE_UP);
          await sleep(10);
        }
        await screen.shows('began');
        times = [];
        for (let n = 0; n < KEYS; n++) {
          times.push(await screen.timeOf('x'));
          await sleep(BETWEEN_KEYS_MS);
        }
        return percentile(times, 0.95);
      },
      reference: () => ({ 'p50 ms': median(times) }),
    },
    {
      name: 'resident memory of the full screen then',
      unit: 'MB',
      goal: { atMost: 120 },
      rounds: 1,
      measure: () => residentMegabytes(opened?.pid ?? 0),
      reference: emptyMemory,
    },
  ];
}

async function fill(place: Place, a: EarshotNode, b: EarshotNode, port: number): Promise<void> {
  const program = fileURLToPath(new URL('../nodes/crowd.js', import.meta.url));
  const crowd = a.host.background(process.execPath, [program, String(PEOPLE), `127.255.255.255:${port}`, ...ADDRESSES]);
  place.defer(async () => {
    await crowd.stop('SIGKILL');
  });
  await crowd.line('everybody is there', (line) => line === 'ready');
  const texts = Array.from({ length: MESSAGES }, (_, n) => `this is message ${n + 1}`).join('\n');
  const { code, stderr } = await b.command(['send', 'a', '-', '--wait', 'delivered', '--timeout', '120'], `${texts}\n`);
  if (code !== 0) throw new Error(stderr);
}

/** A node process that does nothing. */
async function emptyProcess(): Promise<Reference> {
  const before = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return { 'an empty node process ms': performance.now() - before };
}

async function emptyMemory(): Promise<Reference> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await sleep(500);
  const megabytes = residentMegabytes(child.pid ?? 0);
  child.kill('SIGKILL');
  return { 'an empty node process MB': megabytes };
}
