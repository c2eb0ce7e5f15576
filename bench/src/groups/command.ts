/** A command as somebody meets it who types it or calls it from a script: from its start to its end. */
import { startPair } from '../nodes/pair.js';
import { thisMachine } from '@earshot/testkit';
import type { Group, Reference } from '../row.js';

const ROUNDS = 15;

export const command: Group = {
  name: 'command',
  async rows(place) {
    const { a } = await startPair(place);
    return [
      {
        name: '`earshot send` as a whole command',
        unit: 'ms',
        goal: { atMost: 400 },
        rounds: ROUNDS,
        measure: () =>
          elapsed(async () => {
            const { code, stderr } = await a.node.command(['send', 'b', 'hi']);
            if (code !== 0) throw new Error(`send ended with ${String(code)}: ${stderr}`);
          }),
        reference: emptyProcess,
      },
    ];
  },
};

async function emptyProcess(): Promise<Reference> {
  return { 'an empty node process ms': await elapsed(() => thisMachine.exec(process.execPath, ['-e', '0'])) };
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}
