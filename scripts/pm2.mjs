// @ts-check
/** Runs the project's pm2 on the user's own pm2 home, so that a plain `pm2 restart messenger` means the same processes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/**
 * @param {string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
export function pm2(args, { quiet = false } = {}) {
  const home = process.env.PM2_HOME || join(homedir(), '.pm2');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // pm2 asks a server of its maker for its newest version when this file is missing, and daily unless told not to.
  writeFileSync(join(home, 'touch'), '', { flag: 'a' });
  const bin = createRequire(import.meta.url).resolve('pm2/bin/pm2');
  const result = spawnSync(process.execPath, [bin, ...args], {
    cwd: root,
    env: { ...process.env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: '1' },
    encoding: 'utf8',
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'pipe'],
  });
  if (result.error) throw result.error;
  return { code: result.status ?? 1, stdout: result.stdout ?? '', stderr: result.stderr };
}

/** @typedef {{ name: string, pm2_env: { pm_cwd: string } }} Supervised */

/**
 * What pm2 supervises under the names of this profile's processes: ours, and those of somebody else (another checkout, or
 * another program that calls itself `console`), which must be left alone.
 */
export function supervised() {
  /** @type {{ apps: { name: string }[] }} */
  const { apps } = createRequire(import.meta.url)('../ecosystem.config.js');
  const names = apps.map((app) => app.name);
  // The list is one line of JSON; when the daemon has to be started first, lines of talk stand before it.
  const list = pm2(['jlist'], { quiet: true })
    .stdout.split('\n')
    .findLast((line) => line === '[]' || line.startsWith('[{'));
  /** @type {Supervised[]} */
  const all = JSON.parse(list ?? '[]');
  const named = all.filter((app) => names.includes(app.name));
  const isOurs = (/** @type {Supervised} */ app) => app.pm2_env.pm_cwd === root;
  return { ours: named.filter(isOurs), foreign: named.filter((app) => !isOurs(app)) };
}
