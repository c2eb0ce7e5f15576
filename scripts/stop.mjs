// @ts-check
/** `npm stop`: ends the four processes of this profile and takes them off pm2's list. Nothing of what they stored is touched. */
import { createRequire } from 'node:module';
import { pm2 } from './pm2.mjs';

/** @type {{ apps: { name: string }[] }} */
const { apps } = createRequire(import.meta.url)('../ecosystem.config.js');
const running = new Set(
  JSON.parse(pm2(['jlist'], { quiet: true }).stdout.match(/\[.*\]/s)?.[0] ?? '[]').map(
    (/** @type {{ name: string }} */ p) => p.name,
  ),
);
const ours = apps.map((app) => app.name).filter((name) => running.has(name));
if (ours.length === 0) {
  process.stdout.write('Earshot is not running.\n');
} else {
  const { code, stdout, stderr } = pm2(['delete', ...ours], { quiet: true });
  if (code !== 0) {
    process.stderr.write(`earshot: pm2 could not end the processes:\n${stdout}${stderr}`);
    process.exit(1);
  }
  process.stdout.write('Earshot is stopped.\n');
}
