/** From nothing to four processes that serve, and what they hold on to when nobody asks anything of them. */
import { once } from 'node:events';
import { APPS, thisMachine, type EarshotNode } from '@earshot/testkit';
import { memoryRows } from '../nodes/memory.js';
import { startNode } from '../nodes/pair.js';
import type { Place } from '../place.js';
import type { Group, Reference } from '../row.js';

const ROUNDS = 3;

export const start: Group = {
  name: 'start',
  rows(place) {
    const nodes: EarshotNode[] = [];
    const running = (): EarshotNode => {
      const node = nodes.at(-1);
      if (node === undefined) throw new Error('bug: nothing was started');
      return node;
    };
    return [
      {
        // What pm2 itself takes comes on top: it is not ours.
        name: 'four processes ready, without pm2',
        unit: 's',
        goal: { atMost: 3 },
        rounds: ROUNDS,
        async measure() {
          await nodes.at(-1)?.close();
          const before = performance.now();
          nodes.push(await startNode(place, `n${nodes.length}`, APPS));
          return (performance.now() - before) / 1000;
        },
        reference: () => emptyStart(place),
      },
      ...memoryRows(
        place,
        APPS.map((app) => ({ name: `${app}, idle`, app, node: running })),
      ),
    ];
  },
};

/** A node process that only says that it is there. */
async function emptyStart(place: Place): Promise<Reference> {
  const before = performance.now();
  const child = thisMachine.spawn(process.execPath, ['-e', 'process.send("ready")'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  place.defer(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  const seconds = (performance.now() - before) / 1000;
  child.kill('SIGKILL');
  return { 'an empty node process s': seconds };
}
