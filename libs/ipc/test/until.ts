/** Waits until something holds: for what another process or socket does in its own time. */
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`still waiting until ${what}`);
    await delay(10);
  }
}
