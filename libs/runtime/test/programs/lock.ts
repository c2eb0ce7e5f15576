/** Takes the lock of the service it is sent the name of, at the instant it is sent, and says how that went. Argument: data folder. */
import { AlreadyRunningError, takeInstanceLock } from '../../src/instance-lock.js';
import { dataFolder } from '../../src/paths.js';

const [home = ''] = process.argv.slice(2);
process.on('message', ({ service, at }: { service: string; at: number }) => {
  // Busy, since timers would spread those that are to meet.
  while (Date.now() < at);
  try {
    takeInstanceLock(service, dataFolder({ EARSHOT_HOME: home }));
    // Nobody keeps what was returned, and the lock must hold all the same.
    globalThis.gc?.();
    process.send?.(`${service} taken`);
  } catch (err) {
    if (!(err instanceof AlreadyRunningError)) throw err;
    process.send?.(`${service} refused`);
  }
});
process.send?.('waiting');
