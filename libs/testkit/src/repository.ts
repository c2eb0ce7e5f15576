import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The four processes, in the order in which people list them. */
export const APPS = ['discovery', 'messenger', 'logserver', 'console'] as const;
export type AppName = (typeof APPS)[number];

/** The folder that holds apps, libs and ecosystem.config.js; src and dist of this library lie equally deep in it. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** The command line of a program as ecosystem.config.js has it, for node. */
export function programArguments(app: AppName): string[] {
  return [join(repositoryRoot, 'apps', app, 'dist/main.js'), ...(app === 'console' ? ['--plain', '--supervised'] : [])];
}
