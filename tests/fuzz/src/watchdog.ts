/**
 * Notices an input that never comes to an end: no timer of the thread that hangs would. From a thread of its own it says
 * which input it is, keeps it, and ends the process. It measures nothing else.
 */
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { keep } from './kept-inputs.js';

/** Far beyond what any input takes, also on a machine that has other things to do. */
const HANGS_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 1_000;
const STDERR = 2;
const [NUMBER, LENGTH, BYTES_AT] = [0, 1, 8];

interface Shared {
  readonly memory: SharedArrayBuffer;
  readonly target: string;
}

export class Watchdog {
  private readonly memory;
  private readonly numbers;
  private readonly bytes;
  private readonly worker;

  constructor(target: string, maxBytes: number) {
    this.memory = new SharedArrayBuffer(BYTES_AT + maxBytes);
    this.numbers = new Int32Array(this.memory, 0, 2);
    this.bytes = new Uint8Array(this.memory, BYTES_AT);
    this.worker = new Worker(new URL(import.meta.url), {
      workerData: { memory: this.memory, target } satisfies Shared,
    });
  }

  /** To be called with each input before it is executed. */
  readonly begin = (input: Buffer): void => {
    const input_ = input.subarray(0, this.bytes.length);
    this.bytes.set(input_);
    this.numbers[LENGTH] = input_.length;
    Atomics.add(this.numbers, NUMBER, 1);
  };

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

function watch({ memory, target }: Shared): void {
  const numbers = new Int32Array(memory, 0, 2);
  let [last, since] = [-1, Date.now()];
  setInterval(() => {
    const number = Atomics.load(numbers, NUMBER);
    if (number !== last) [last, since] = [number, Date.now()];
    if (Date.now() - since < HANGS_AFTER_MS) return;
    const input = Buffer.from(new Uint8Array(memory, BYTES_AT, numbers[LENGTH]));
    // A worker's own stderr goes through the thread that hangs.
    writeSync(STDERR, `${target}: hangs on ${keep(target, 'hang', input)}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS);
}

if (!isMainThread) watch(workerData as Shared);
