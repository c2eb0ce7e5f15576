import { join } from 'node:path';
import { EXIT } from '@earshot/runtime';
import { repositoryRoot, temporaryFolder, thisMachine } from '@earshot/testkit';
import fc from 'fast-check';

const main = join(repositoryRoot, 'apps/console/dist/main.js');
const WORDS = [
  ...[
    'register',
    'whoami',
    'peers',
    'whois',
    'connect',
    'accept',
    'send',
    'history',
    'tail',
    'outbox',
    'cancel',
    'why',
  ],
  ...[
    'export',
    'status',
    'logs',
    'config',
    'get',
    'set',
    'help',
    'completion',
    'complete',
    'man',
    'bob',
    'port',
    '7101',
    '',
    '-',
    '--',
    '192.0.2.7:99999',
  ],
  ...[
    '--json',
    '--watch',
    '--wait',
    '--timeout',
    '--id',
    '--limit',
    '--before',
    '--format',
    '--help',
    '--version',
    '--plain',
  ],
];

/** No argument of a process can hold a NUL. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).map((one) => one.replaceAll('\0', '').toWellFormed());
const argv = fc.array(fc.oneof({ arbitrary: fc.constantFrom(...WORDS), weight: 3 }, { arbitrary: text, weight: 1 }), {
  maxLength: 6,
});

it('any arguments end with a code that is documented, in words and not in a stack', async () => {
  const folder = temporaryFolder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, EARSHOT_HOME: join(folder.path, 'data') };
  const documented: readonly number[] = Object.values(EXIT);
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(argv, async (args) => {
      const { code, stderr } = await thisMachine.exec(process.execPath, [main, ...args], { env });
      expect(documented).toContain(code);
      expect(stderr).not.toMatch(/\n {4}at /);
      // `config` alone is answered with its help.
      expect(stderr).toMatch(code === 0 ? /^/ : /^(earshot: \S|Usage: earshot )/);
      seen.add(code ?? -1);
    }),
    { numRuns: 25, examples: [[['peers']], [['frobnicate']]] },
  );
  folder.remove();
  expect([...seen]).toEqual(expect.arrayContaining([EXIT.usage, EXIT.notRunning]));
}, 120_000);
