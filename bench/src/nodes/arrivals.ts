/** From `send` on one side until a program that follows the other side has the message. */
import { createClient, subscribe } from '@earshot/ipc';
import { newMessageId } from '@earshot/protocol';
import { messengerContract } from '@earshot/protocol/ipc';
import { until } from '@earshot/testkit';
import type { Place } from '../place.js';
import { texts } from '../texts.js';
import type { Person } from './pair.js';

/** Between two: one message by itself is measured, as a person sends it, and not a stream of them. */
const PAUSE_MS = 10;

/** Milliseconds of each message. */
export async function sendAll(a: Person, b: Person, arrivals: Arrivals, count: number): Promise<number[]> {
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

export class Arrivals {
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
export async function follow(place: Place, person: Person): Promise<Arrivals> {
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
