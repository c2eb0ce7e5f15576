/** A service of two parts that reports what happens to them. The argument says how it misbehaves. */
import { EXIT } from '../../src/exit-codes.js';
import { ConfigError } from '../../src/config-error.js';
import { main, run, type Part } from '../../src/service.js';

const [behaviour = ''] = process.argv.slice(2);
const tell = (text: string): void => {
  if (process.connected) process.send?.(text);
};
const forever = (): Promise<void> => new Promise(() => undefined);
const CANARY = 'canary-hornbeam';

await main('messenger', async ({ log, settings }) => {
  const store: Part = {
    name: 'store',
    start: () => {
      tell(`start store ${settings.port}`);
    },
    stop: async () => {
      tell('stop store');
      if (behaviour === 'hangs-in-stop') await forever();
    },
    stopTimeoutMs: behaviour === 'hangs-in-stop' ? 50 : 2_000,
  };
  const server: Part = {
    name: 'server',
    start: (fail) => {
      tell('start server');
      if (behaviour === 'port-taken') throw new ConfigError('TCP port 7001 is taken by another program');
      if (behaviour === 'breaks-in-start') JSON.parse(`{"${CANARY}`);
      if (behaviour === 'loses-supervisor') {
        process.disconnect();
        setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
      }
      if (behaviour === 'fails-later') setTimeout(fail, 10, new Error(CANARY));
      if (behaviour === 'throws-later') {
        setTimeout(() => {
          throw new Error(CANARY);
        }, 10);
      }
      if (behaviour === 'rejects-later') void Promise.reject(new Error(CANARY));
    },
    stop: async () => {
      tell('stop server');
      if (behaviour === 'never-stops') await forever();
    },
    stopTimeoutMs: 60_000,
  };
  const code = await run([store, server], { log });
  return behaviour === 'own-code' ? EXIT.notRegistered : code;
});
