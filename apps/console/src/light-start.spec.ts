import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';

/** The packages that a file brings along, directly and through files of its own project. Imports of types, and those of `import()`, are none. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, kind = '', from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)(?: (type))?[^;]*? from '([^']+)';$/gm,
  )) {
    if (kind !== '' || from.startsWith('node:')) continue;
    if (!from.startsWith('.')) packages.add(from);
    else for (const each of packagesOf(join(dirname(file), from.replace(/\.js$/, '.ts')), seen)) packages.add(each);
  }
  return packages;
}

it('a help, a version and a refusal bring no schema and no socket along, so that they are there at once', () => {
  expect([...packagesOf(join(repositoryRoot, 'apps/console/src/main.ts'))].sort()).toEqual([
    '@earshot/runtime/basics',
    'commander',
  ]);
  expect([...packagesOf(join(repositoryRoot, 'libs/runtime/src/basics.ts'))]).toEqual([]);
});

it('what one command needs is not loaded for another', () => {
  const brought = packagesOf(join(repositoryRoot, 'apps/console/src/commands/send.ts'));
  expect(brought).toContain('@earshot/ipc');
  for (const name of ['ink', 'react', 'string-width', 'commander']) expect(brought).not.toContain(name);
});
