/** The line console in a terminal or a pipe, and under the supervisor. */
import { userInfo } from 'node:os';
import { Service } from '@earshot/ipc';
import { checkUsername } from '@earshot/protocol';
import { consoleContract } from '@earshot/protocol/ipc';
import { EXIT, loadSettings, version } from '@earshot/runtime';
import { CommandError, print } from '../output.js';
import { profileFolder } from '../services/connection.js';
import { stopSignal } from '../services/follow.js';
import { sanitizeLine } from '../text/sanitize.js';
import { PlainConsole } from './console.js';

/** Resolves when the user leaves. Lines that could not be carried out are named, and make it a failure. */
export async function runPlainConsole(): Promise<void> {
  const paths = profileFolder();
  const { notify } = loadSettings(process.env, paths);
  const { lost, hasFailed } = await new Promise<{ lost: readonly string[]; hasFailed: boolean }>((resolve) => {
    const console = new PlainConsole({
      paths,
      supervised: false,
      suggestedName: suggestedName(),
      notify,
      onLeave: (lost, hasFailed) => {
        resolve({ lost, hasFailed });
      },
    });
    void stopSignal().then(() => {
      console.leave();
    });
    console.start();
  });
  for (const line of lost) print(`! Not carried out: ${sanitizeLine(line)}`);
  if (lost.length > 0 || hasFailed) throw new CommandError(EXIT.failed);
}

/** The process that the supervisor keeps under the name `console`; never returns. */
export async function runSupervisedConsole(): Promise<never> {
  const { main, run } = await import('@earshot/runtime/service');
  return main('console', ({ paths, log }) => {
    const service = new Service(consoleContract, {
      directory: paths.sockets,
      handlers: {},
      health: () => ({ version: version(), ports: {} }),
      onError: (err, method) => {
        log.error('request failed', { err, method });
      },
    });
    const console = new PlainConsole({
      paths,
      supervised: true,
      suggestedName: suggestedName(),
      notify: 'off',
      onLeave: () => undefined,
    });
    return run(
      [
        { name: 'service', start: () => service.start(), stop: () => service.stop() },
        {
          name: 'lines',
          start: () => {
            console.start();
          },
          stop: () => {
            console.stop();
          },
        },
      ],
      { log },
    );
  });
}

/** The login name, where it can be a username. */
export function suggestedName(): string | null {
  try {
    const { username } = userInfo();
    return checkUsername(username) === 'ok' ? username : null;
  } catch {
    // A container may run under a number that belongs to nobody.
    return null;
  }
}
