/** Having pm2 start services that are down. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@earshot/protocol/ipc';

const SCRIPT = fileURLToPath(new URL('../../../../scripts/restart.mjs', import.meta.url));

/** @returns whether pm2 says that they run */
export async function startServices(names: readonly ServiceName[]): Promise<boolean> {
  const child = spawn(process.execPath, [SCRIPT, ...names], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
