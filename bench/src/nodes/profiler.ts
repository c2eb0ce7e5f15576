/**
 * Loaded into a process that is to be profiled (`--import`): writes a CPU profile when it exits, for the developer tools of a
 * browser. Node's own --cpu-prof is not allowed in NODE_OPTIONS before Node 22.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

/** Where the profiles go. */
export const PROFILE_FOLDER_VARIABLE = 'BENCH_PROFILE_FOLDER';

const folder = process.env[PROFILE_FOLDER_VARIABLE];
if (folder !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
  process.once('exit', () => {
    session.post('Profiler.stop', (err, { profile }) => {
      if (err !== null) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, `${process.env['EARSHOT_PROFILE'] ?? 'node'}-${process.pid}.cpuprofile`),
        JSON.stringify(profile),
      );
    });
  });
}
