// @ts-check
/** `npm stop`: ends the four processes of this profile and takes them off pm2's list. Nothing of what they stored is touched. */
import { pm2, supervised } from './pm2.mjs';

const ours = supervised().ours.map((app) => app.name);
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
