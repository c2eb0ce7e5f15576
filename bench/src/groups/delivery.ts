/** How many messages a second get from one person to the other: stored and on the disk on both sides, and acknowledged. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FernetKey, openFernet, sealFernet } from '@earshot/crypto';
import { openHistory } from '@earshot/history';
import { newMessageId } from '@earshot/protocol';
import { memoryRows } from '../nodes/memory.js';
import { costIsKnown, pidOf, processorMs } from '../nodes/process-cost.js';
import { startPair, type Person } from '../nodes/pair.js';
import type { Place } from '../place.js';
import type { Group, Reference } from '../row.js';
import { texts } from '../texts.js';

const MESSAGES = 20_000;
const TEXT_BYTES = 100;
/** What one request carries, as from `earshot send -` that is given all there is. */
const PER_REQUEST = 500;
const REFERENCE_ROWS = 10_000;
const ROWS_PER_COMMIT = 100;
/** The plaintext of a record that carries 100 bytes of text (wire-v1 §5). */
const RECORD_BYTES = 256;

export const delivery: Group = {
  name: 'delivery',
  async rows(place) {
    const { a, b } = await startPair(place);
    const messages = texts(MESSAGES, TEXT_BYTES);
    const costs = new Costs(a, b);
    return [
      {
        name: 'durable messages, node to node, 100 bytes',
        unit: '/s',
        goal: { atLeast: 20_000 },
        rounds: 3,
        async measure() {
          await costs.begin();
          const rate = await deliver(a, b, messages);
          await costs.end();
          return rate;
        },
        reference: () => ({
          'SQLite alone rows/s': commitRate(place, messages),
          ...fernetRate(),
          ...costs.perMessage(),
        }),
      },
      ...memoryRows(place, [
        { name: 'messenger, idle after sending those', app: 'messenger', node: () => a.node },
        { name: 'messenger, idle after receiving those', app: 'messenger', node: () => b.node },
      ]),
    ];
  },
};

/** Messages per second from the first request until the last acknowledgement is stored. */
async function deliver(a: Person, b: Person, messages: readonly string[]): Promise<number> {
  const before = await feedEnd(b);
  const start = performance.now();
  for (let i = 0; i < messages.length; i += PER_REQUEST) {
    const request = messages.slice(i, i + PER_REQUEST).map((text) => ({ id: newMessageId(Date.now()), text }));
    await a.client.call('sendMany', { peer: b.id, messages: request });
  }
  while ((await a.client.call('whois', { peer: b.id })).queued > 0) await pause();
  const seconds = (performance.now() - start) / 1000;
  // Each message is one entry of the receiver's feed.
  const arrived = (await feedEnd(b)) - before;
  if (arrived !== messages.length) throw new Error(`${messages.length} messages sent, ${arrived} arrived`);
  return messages.length / seconds;
}

async function feedEnd(person: Person): Promise<number> {
  return (await person.client.call('changes', {})).upto;
}

/** Where the processor's time goes: unlike the rate it says something even on a machine that others use, too. */
class Costs {
  private before: readonly number[] = [];
  private after: readonly number[] = [];

  constructor(
    private readonly a: Person,
    private readonly b: Person,
  ) {}

  async begin(): Promise<void> {
    this.before = await this.now();
  }

  async end(): Promise<void> {
    this.after = await this.now();
  }

  /** Processor time in microseconds. */
  perMessage(): Reference {
    const names = ['caller CPU µs each', 'sender CPU µs each', 'receiver CPU µs each'];
    return Object.fromEntries(
      this.after.map((ms, i) => [names[i] ?? '', ((ms - (this.before[i] ?? NaN)) * 1000) / MESSAGES]),
    );
  }

  private async now(): Promise<number[]> {
    if (!costIsKnown) return [];
    const pids = [process.pid, await this.a.node.pid('messenger'), await this.b.node.pid('messenger')];
    return pids.map((pid) => processorMs(pidOf(pid)));
  }
}

/** Rows per second into a history of its own, in the messenger's own way but nothing beside it. */
function commitRate(place: Place, messages: readonly string[]): number {
  const peer = 'a'.repeat(52);
  const history = openHistory({ file: join(place.folder, `${randomUUID()}.db`), now: Date.now, randomBytes });
  const start = performance.now();
  for (let row = 0; row < REFERENCE_ROWS; row += ROWS_PER_COMMIT) {
    history.transaction((tx) => {
      for (const text of messages.slice(row, row + ROWS_PER_COMMIT))
        tx.compose({ id: newMessageId(Date.now()), peer, text, ctype: 0, sentAt: Date.now(), wired: false });
    });
  }
  const seconds = (performance.now() - start) / 1000;
  history.close();
  return REFERENCE_ROWS / seconds;
}

/** Of one record, sealed and opened, in one process. */
function fernetRate(): Reference {
  const key = new FernetKey(randomBytes(32));
  const record = randomBytes(RECORD_BYTES);
  const start = performance.now();
  for (let i = 0; i < REFERENCE_ROWS; i += 1) openFernet(key, sealFernet(key, record));
  return { 'Fernet alone seal + open/s': (1000 * REFERENCE_ROWS) / (performance.now() - start) };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
