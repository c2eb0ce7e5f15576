import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, thisMachine } from '@earshot/testkit';

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** Runs the repository's import rules over a tree that is laid out like the repository. */
export async function cruise(root: string): Promise<{ files: string[]; violations: Violation[] }> {
  const { stdout, stderr } = await thisMachine.exec(
    process.execPath,
    [
      join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      join(repositoryRoot, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      ...sourceFolders(root),
    ],
    { cwd: root },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${stderr}${stdout}`);
  const result = JSON.parse(stdout) as {
    modules: { source: string }[];
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return {
    files: result.modules.map((module) => module.source),
    violations: result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

/** The folders of our packages, `libs/crypto` and the like. */
export function packageFolders(root: string): string[] {
  return ['libs', 'apps'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
}

function sourceFolders(root: string): string[] {
  return packageFolders(root).map((folder) => `${folder}/src`);
}
