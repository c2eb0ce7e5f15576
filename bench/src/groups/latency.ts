/** How long it takes from `send` on one side until a program that follows the other side has the message: both commits included. */
import { createClient, subscribe } from '@earshot/ipc';
import { newMessageId } from '@earshot/protocol';
import { messengerContract } from '@earshot/protocol/ipc';
import { until } from '@earshot/testkit';
import { startPair, type Person } from '../nodes/pair.js';
import type { Place } from '../place.js';
import type { Group, Reference } from '../row.js';
import { median, percentile } from '../statistics.js';
import { texts } from '../texts.js';
import { fdatasyncMs, ipcMs, medianOf, TcpEcho } from './machine.js';

const MESSAGES = 300;
const ROUNDS = 3;
const WARM_UP = 100;
/** Between two: one message by itself is measured, as a person sends it, and not a stream of them. */
const PAUSE_MS = 10;

export const latency: Group = {
  name: 'latency',
  async rows(place) {
    const { a, b } = await startPair(place);
    const arrivals = await follow(place, b);
    const echo = await TcpEcho.start(place);
    await sendAll(a, b, arrivals, WARM_UP);
    const all: number[] = [];
    const name = 'send on one node to tail on the other';
    const reference = () => parts(place, a, echo);
    return [
      {
        name: `${name}, p50`,
        unit: 'ms',
        goal: { atMost: 2 },
        rounds: ROUNDS,
        async measure() {
          const samples = await sendAll(a, b, arrivals, MESSAGES);
          all.push(...samples);
          return median(samples);
        },
        reference,
      },
      // Of all rounds: a hundredth of one is too few to tell.
      {
        name: `${name}, p99`,
        unit: 'ms',
        goal: { atMost: 10 },
        rounds: 1,
        measure: () => percentile(all, 0.99),
        reference,
      },
    ];
  },
};

/** What no design could do without, as this machine does it at this moment. */
async function parts(place: Place, a: Person, echo: TcpEcho): Promise<Reference> {
  const sync = await medianOf(() => fdatasyncMs(place), PAUSE_MS);
  const tcp = await medianOf(() => echo.roundTripMs(), PAUSE_MS);
  const ipc = await medianOf(() => ipcMs(a), PAUSE_MS);
  return {
    // A hop is half of a round trip.
    'two fdatasync + one TCP round trip + two IPC hops ms': 2 * sync + tcp + ipc,
    'fdatasync ms': sync,
    'TCP ms': tcp,
    'IPC ms': ipc,
  };
}

/** Milliseconds of each message. */
async function sendAll(a: Person, b: Person, arrivals: Arrivals, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (const text of texts(count, 100)) {
    const id = newMessageId(Date.now());
    const arrived = arrivals.of(id);
    const start = performance.now();
    const [, end] = await Promise.all([a.client.call('send', { id, peer: b.id, text }), arrived]);
    samples.push(end - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return samples;
}

class Arrivals {
  private readonly awaited = new Map<string, (at: number) => void>();

  /** When it was there. */
  of(id: string): Promise<number> {
    return new Promise((resolve) => this.awaited.set(id, resolve));
  }

  came(id: string): void {
    this.awaited.get(id)?.(performance.now());
    this.awaited.delete(id);
  }
}

/** As `earshot tail` does it: a little news comes along with the event, and is asked for otherwise. */
async function follow(place: Place, person: Person): Promise<Arrivals> {
  const arrivals = new Arrivals();
  const client = createClient(messengerContract, { directory: person.sockets });
  let { upto } = await client.call('changes', {});
  let news = upto;
  let reading = false;
  const read = async () => {
    if (reading) return;
    reading = true;
    while (upto < news) {
      const page = await client.call('changes', { after: upto });
      upto = page.upto;
      for (const change of page.items) if (change.event === 'message') arrivals.came(change.id);
    }
    reading = false;
  };
  let up = false;
  const subscription = subscribe(messengerContract, {
    directory: person.sockets,
    onReset: () => undefined,
    onUp: () => (up = true),
    onEvent: (event) => {
      if (event.event !== 'feed') return;
      news = Math.max(news, event.upto);
      if (event.items !== undefined && event.after === upto && !reading) {
        for (const change of event.items) if (change.event === 'message') arrivals.came(change.id);
        upto = event.upto;
      }
      void read();
    },
  });
  place.defer(() => {
    subscription.close();
    client.close();
  });
  await until('the events are followed', () => up);
  return arrivals;
}
