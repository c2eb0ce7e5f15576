import { setTimeout as delay } from 'node:timers/promises';
import { thisMachine, type AppName, type EarshotNode } from '@earshot/testkit';
import type { Place } from '../place.js';
import type { Reference, Row } from '../row.js';
import { costIsKnown, pidOf, residentMegabytes } from './process-cost.js';

/** After the last work, until a process counts as idle. */
const SETTLE_MS = 3_000;

export interface Resident {
  readonly name: string;
  readonly app: AppName;
  readonly node: () => EarshotNode;
}

/** Rows with the resident memory of services that have had nothing to do for a while; none where the system does not tell. */
export function memoryRows(place: Place, residents: readonly Resident[]): Row[] {
  if (!costIsKnown) {
    place.note('what processes use is read on Linux alone: these figures are left out');
    return [];
  }
  let settled: Promise<void> | undefined;
  return residents.map(({ name, app, node }) => ({
    name,
    unit: 'MB',
    goal: { atMost: 80 },
    rounds: 1,
    async measure() {
      await (settled ??= delay(SETTLE_MS));
      return residentMegabytes(pidOf(await node().pid(app)));
    },
    reference: () => emptyNode(place),
  }));
}

async function emptyNode(place: Place): Promise<Reference> {
  const child = thisMachine.spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  place.defer(() => void child.kill('SIGKILL'));
  await delay(500);
  const megabytes = residentMegabytes(pidOf(child.pid));
  child.kill('SIGKILL');
  return { 'an empty node process MB': megabytes };
}
