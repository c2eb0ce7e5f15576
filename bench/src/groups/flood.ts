/** How long a message takes while a third host floods its receiver, beside how long it takes in quiet, in network namespaces. */
import { join } from 'node:path';
import { APPS, Lab, repositoryRoot, type Host } from '@earshot/testkit';
import { follow, sendAll } from '../nodes/arrivals.js';
import { startPair, type Person } from '../nodes/pair.js';
import { costIsKnown, pidOf, residentMegabytes } from '../nodes/process-cost.js';
import type { Group, Reference } from '../row.js';
import { median, percentile } from '../statistics.js';

const MESSAGES = 200;
const WARM_UP = 100;
/** Of the flood: longer than the messages take, and ended when they are through. */
const SECONDS = 60;
const PARTS = ['announcements', 'half_open', 'trickle', 'garbage', 'never_reading'];

export const flood: Group = {
  name: 'flood',
  async rows(place) {
    const missing = Lab.unavailable();
    if (missing !== undefined) {
      place.note(`${missing}: what a flood costs is left out`);
      return [];
    }
    const lab = Lab.open();
    place.defer(() => {
      lab.close();
    });
    const { a, b } = await startPair(place, lab);
    const mallory = lab.host('mallory');
    const arrivals = await follow(place, b);
    await sendAll(a, b, arrivals, WARM_UP);
    return [...PARTS.map((part) => [part]), PARTS].map((parts) => {
      let beside: Reference = {};
      return {
        name: `send to tail during ${parts.length === 1 ? parts.join() : 'all of these'}, p50`,
        unit: 'times quiet',
        goal: { atMost: 5 },
        rounds: 1,
        async measure() {
          const quiet = await sendAll(a, b, arrivals, MESSAGES);
          const before = await memoryOf(b);
          const floods = await begin(mallory, b, parts);
          const loud = await sendAll(a, b, arrivals, MESSAGES);
          beside = {
            'quiet p50 ms': median(quiet),
            'quiet p95 ms': percentile(quiet, 0.95),
            'p50 ms': median(loud),
            'p95 ms': percentile(loud, 0.95),
            ...growth(before, await memoryOf(b)),
          };
          for (const one of floods) await one.stop('SIGKILL');
          return median(loud) / median(quiet);
        },
        reference: () => beside,
      };
    });
  },
};

async function begin(mallory: Host, { node }: Person, parts: readonly string[]) {
  const floods = parts.map((part) =>
    // A host of its own would have a processor of its own: here it leaves the others theirs.
    mallory.background('nice', [
      ...['-n', '10', 'python3', '-B', join(repositoryRoot, 'tests/e2e/interop/flood.py')],
      ...[part, node.host.ip, String(node.port), '--seconds', String(SECONDS)],
    ]),
  );
  for (const one of floods) await one.line('it is ready', (line) => line === 'ready');
  for (const one of floods) one.type('\n');
  return floods;
}

async function memoryOf({ node }: Person): Promise<Reference> {
  if (!costIsKnown) return {};
  const pids = await Promise.all(APPS.map((app) => node.pid(app)));
  return Object.fromEntries(APPS.map((app, n) => [app, residentMegabytes(pidOf(pids[n]))]));
}

function growth(before: Reference, after: Reference): Reference {
  return Object.fromEntries(
    Object.entries(after).flatMap(([app, megabytes]) => [
      [`${app} MB before`, before[app] ?? NaN],
      [`${app} MB`, megabytes],
    ]),
  );
}
