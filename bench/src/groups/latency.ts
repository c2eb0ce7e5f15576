/** How long it takes from `send` on one side until a program that follows the other side has the message: both commits included. */
import { follow, sendAll } from '../nodes/arrivals.js';
import { startPair, type Person } from '../nodes/pair.js';
import type { Place } from '../place.js';
import type { Group, Reference } from '../row.js';
import { median, percentile } from '../statistics.js';
import { fdatasyncMs, ipcMs, medianOf, TcpEcho } from './machine.js';

const MESSAGES = 300;
const ROUNDS = 3;
const WARM_UP = 100;
/** Between two measurements of the parts, as between two messages. */
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
