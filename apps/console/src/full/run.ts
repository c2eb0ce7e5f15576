/** The console on the whole screen of a terminal. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { loadSettings } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { suggestedName } from '../plain/run.js';
import { profileFolder } from '../services/connection.js';
import { bindingsFrom } from './keys/bindings.js';
import { readState, takenUp } from './state-file.js';

/** Resolves when the user leaves. */
export async function runFullConsole(): Promise<void> {
  const paths = profileFolder();
  const { keys, theme, notify } = loadSettings(process.env, paths);
  const { bindings, problems } = bindingsFrom(keys);
  if (problems.length > 0) throw new CommandError(78, problems.join('\n'));
  // Speed is not what it is short of, and it takes a quarter off the memory.
  setFlagsFromString('--optimize-for-size');
  // React's other build checks everything twice.
  process.env['NODE_ENV'] = 'production';
  const { FullConsole } = await import('./console.js');
  const statePath = join(paths.home, 'screen.json');
  await new Promise<void>((resolve, reject) => {
    const console = new FullConsole({
      paths,
      statePath,
      model: {
        suggestedName: suggestedName(),
        bindings,
        theme: (process.env['NO_COLOR'] ?? '') === '' ? theme : 'none',
        notify,
        ...takenUp(readState(statePath)),
      },
      onLeave: () => {
        void console.stop().then(resolve);
      },
    });
    // A mistake of ours ends it as it would any program, once the terminal is as it was.
    const fail = (error: unknown) => {
      process.off('uncaughtException', fail).off('unhandledRejection', fail);
      void console.stop();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    process.on('uncaughtException', fail).on('unhandledRejection', fail);
    console.start();
  });
}
