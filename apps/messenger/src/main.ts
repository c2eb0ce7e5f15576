/**
 * Messenger: sessions with peers, delivery, trust; the one process that holds keys and the only writer of the history.
 * This file only wires.
 */
import { randomBytes } from 'node:crypto';
import { openHistory } from '@earshot/history';
import { checkUsername } from '@earshot/protocol';
import { ConfigError, describeListenError, version } from '@earshot/runtime';
import { main, run } from '@earshot/runtime/service';
import { loadIdentity } from './identity/identity-file.js';
import { Messenger } from './messenger.js';

await main('messenger', async ({ settings, paths, log }) => {
  const identity = loadIdentity(paths.identity);
  const history = openHistory({ file: paths.history, now: Date.now, randomBytes });
  const { username } = settings;
  if (username !== null && history.username() === null) {
    const problem = checkUsername(username);
    if (problem !== 'ok')
      throw new ConfigError(
        `EARSHOT_USERNAME is not a name that earshot can use (${problem}): letters, digits, "_", "." and "-", at most 32, for example EARSHOT_USERNAME=anna`,
      );
    history.transaction((tx) => {
      tx.setUsername(username);
    });
  }
  const messenger = new Messenger({
    identity,
    history,
    sockets: paths.sockets,
    port: settings.port,
    policy: settings.policy,
    exchange: settings.exchange,
    version: version(),
    log,
  });
  return run(
    [
      {
        name: 'history',
        start: () => undefined,
        stop: () => {
          history.close();
        },
      },
      {
        name: 'messenger',
        start: () =>
          messenger.start().catch((error: unknown) => {
            throw describeListenError(error as Error, `TCP port ${settings.port}`, 'port');
          }),
        stop: () => messenger.stop(),
      },
    ],
    { log },
  );
});
