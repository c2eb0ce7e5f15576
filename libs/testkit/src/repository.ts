import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The four processes, in the order in which people list them. */
export const APPS = ['discovery', 'messenger', 'logserver', 'console'] as const;
export type AppName = (typeof APPS)[number];

/** The folder that holds apps, libs and ecosystem.config.js; src and dist of this library lie equally deep in it. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

interface SupervisedApp {
  readonly script: string;
  readonly node_args: string;
  readonly args?: string;
}

/** The command line of a program as ecosystem.config.js has it, for node. */
export function programArguments(name: AppName): string[] {
  const require = createRequire(import.meta.url);
  const { apps } = require(join(repositoryRoot, 'ecosystem.config.js')) as { apps: readonly SupervisedApp[] };
  const app = apps.find(({ script }) => script === `apps/${name}/dist/main.js`);
  if (app === undefined) throw new Error(`bug: ecosystem.config.js has no ${name}`);
  return [app.node_args, join(repositoryRoot, app.script), ...(app.args?.split(' ') ?? [])];
}
