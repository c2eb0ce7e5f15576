// @ts-check
/** `node scripts/restart.mjs <service> ...`: has pm2 start these services of the profile anew, whether it knows them or not. */
import { pm2, supervised } from './pm2.mjs';

const [stranger] = supervised().foreign;
if (stranger !== undefined) {
  process.stderr.write(`pm2 runs another program called ${stranger.name}\n`);
  process.exit(1);
}
const profile = process.env.EARSHOT_PROFILE || 'default';
const names = process.argv.slice(2).map((name) => (profile === 'default' ? name : `${profile}-${name}`));
const { code, stderr } = pm2(['startOrRestart', 'ecosystem.config.js', '--only', names.join(','), '--update-env'], {
  quiet: true,
});
process.stderr.write(stderr);
process.exitCode = code;
