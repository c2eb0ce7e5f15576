import { readFileSync } from 'node:fs';

/** The version of this build: all workspaces carry the same one. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
