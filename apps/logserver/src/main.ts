/**
 * Log server: the history over HTTP, read-only. Holds no key, and works while the messenger is down.
 * This file only wires.
 */
import { version } from '@earshot/runtime';
import { main, run } from '@earshot/runtime/service';
import { loadToken } from './http/token-file.js';
import { LogServer } from './log-server.js';

await main('logserver', ({ settings, paths, log }) => {
  const logServer = new LogServer({
    historyFile: paths.history,
    token: loadToken(paths.httpToken),
    host: settings.httpHost,
    port: settings.port + 1,
    sockets: paths.sockets,
    version: version(),
    log,
  });
  return run([logServer], { log });
});
