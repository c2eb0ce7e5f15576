/** A million messages from one person to the other: whether memory stays what it was, and how quickly the history is read afterwards. */
import { join } from 'node:path';
import { openHistoryReader, type HistoryReader } from '@earshot/history';
import { newMessageId } from '@earshot/protocol';
import { startPair, type Person } from '../nodes/pair.js';
import { costIsKnown, pidOf, residentMegabytes } from '../nodes/process-cost.js';
import type { Place } from '../place.js';
import type { Group, Row } from '../row.js';
import { median, percentile } from '../statistics.js';
import { texts } from '../texts.js';

const MESSAGES = 1_000_000;
const TEXT_BYTES = 100;
const PER_REQUEST = 500;
/** How far the receiver may be behind before the next request: the limit of the outbox is further on. */
const BEHIND_MAX = 20_000;
const SAMPLE_EVERY = 10_000;
/** Of all samples, what is compared: after everything has been used for a while, and at the end. */
const EARLY = [0.1, 0.3] as const;
const LATE = [0.8, 1] as const;
const LOOK_UPS = 200;

export const million: Group = {
  name: 'million',
  async rows(place) {
    const { a, b } = await startPair(place);
    const sender: number[] = [];
    const receiver: number[] = [];
    const seconds = await fill(a, b, async () => {
      if (!costIsKnown) return;
      sender.push(residentMegabytes(pidOf(await a.node.pid('messenger'))));
      receiver.push(residentMegabytes(pidOf(await b.node.pid('messenger'))));
    });
    return [
      {
        name: 'a million durable messages, node to node, 100 bytes',
        unit: '/s',
        goal: { atLeast: 20_000 },
        rounds: 1,
        measure: () => MESSAGES / seconds,
        reference: () => ({ 'seconds in all': seconds }),
      },
      ...(costIsKnown ? [growth('sender', sender), growth('receiver', receiver)] : []),
      ...reading(place, b, a.id),
    ];
  },
};

/** Seconds from the first request until the last acknowledgement is stored. */
async function fill(a: Person, b: Person, sample: () => Promise<void>): Promise<number> {
  const some = texts(SAMPLE_EVERY, TEXT_BYTES);
  const queued = async () => (await a.client.call('whois', { peer: b.id })).queued;
  const start = performance.now();
  for (let sent = 0; sent < MESSAGES; sent += PER_REQUEST) {
    const request = Array.from({ length: PER_REQUEST }, (_, i) => ({
      id: newMessageId(Date.now()),
      text: some[(sent + i) % some.length] ?? '',
    }));
    await a.client.call('sendMany', { peer: b.id, messages: request });
    if (sent % SAMPLE_EVERY !== 0) continue;
    await sample();
    while ((await queued()) > BEHIND_MAX) await pause();
  }
  while ((await queued()) > 0) await pause();
  return (performance.now() - start) / 1000;
}

function growth(whose: string, samples: readonly number[]): Row {
  const between = ([from, to]: readonly [number, number]) =>
    median(samples.slice(Math.floor(from * samples.length), Math.floor(to * samples.length)));
  return {
    name: `memory of the ${whose}'s messenger, growth from the first to the last of them`,
    unit: 'MB',
    goal: { atMost: 10 },
    rounds: 1,
    measure: () => between(LATE) - between(EARLY),
    reference: () => ({ 'early MB': between(EARLY), 'late MB': between(LATE), 'most MB': Math.max(...samples) }),
  };
}

/** As the log server reads it. */
function reading(place: Place, person: Person, peer: string): Row[] {
  const history = openHistoryReader({ file: join(person.node.home, 'history.db') });
  place.defer(() => {
    history.close();
  });
  const words = texts(LOOK_UPS, 40).map((text) => text.split(' ').slice(1, 3).join(' '));
  const search = (word: string) => history.search(word, { limit: 50 });
  const row = (name: string, goal: number, times: () => number[]): Row => ({
    name,
    unit: 'ms',
    goal: { atMost: goal },
    rounds: 1,
    measure: () => percentile(times(), 0.95),
    reference: () => ({
      'one row by its number ms': percentile(
        Array.from({ length: LOOK_UPS }, () => timed(() => history.lastSeq())),
        0.95,
      ),
    }),
  });
  return [
    row('search among a million messages, two words, p95', 50, () => words.map((word) => timed(() => search(word)))),
    row('a page of 50 anywhere among them, p95', 10, () => pages(history, peer)),
  ];
}

function pages(history: HistoryReader, peer: string): number[] {
  // Where a search leads to: all over the history.
  const places = texts(LOOK_UPS, 40).flatMap((text) => history.search(text.split(' ')[1] ?? '', { peer, limit: 1 }));
  return places.map(({ id }) => timed(() => history.page(peer, { limit: 50, before: id })));
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
