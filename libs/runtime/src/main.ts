import type { ServiceName } from '@earshot/protocol/ipc';
import { isConfigError, isError, isForUser } from './config-error.js';
import { EXIT } from './exit-codes.js';
import { takeInstanceLock } from './instance-lock.js';
import { describeError, type Logger } from './log-fields.js';
import { openLog } from './log.js';
import { dataFolder, type DataFolder } from './paths.js';
import { prepareDataFolder } from './prepare-data-folder.js';
import { sanitizeLine } from './sanitize.js';
import { loadSettings, type Settings } from './settings.js';

/** What a service is given to build its parts from. */
export interface ServiceContext {
  readonly settings: Settings;
  readonly paths: DataFolder;
  readonly log: Logger;
}

/**
 * The whole life of a service's process: data folder, single-instance lock, process log and settings, then `body`, which
 * builds the parts and hands them to `run`; then it exits with the code that `body` returns. What goes wrong is told on
 * standard error, and in the process log once there is one.
 */
export async function main(service: ServiceName, body: (context: ServiceContext) => Promise<number>): Promise<never> {
  // Every file and socket is for its owner alone, whatever the shell or the supervisor was started with.
  process.umask(0o077);
  try {
    return await exit(await serve(service, body));
  } catch (err) {
    // It may name a path or a setting, which come from outside.
    const text = `${service}: ${textForUser(err)}\n`.replace(/[^\n]+/g, sanitizeLine);
    return exit(isConfigError(err) ? EXIT.misconfigured : EXIT.failed, text);
  }
}

async function serve(service: ServiceName, body: (context: ServiceContext) => Promise<number>): Promise<number> {
  const paths = dataFolder(process.env);
  prepareDataFolder(paths);
  const lock = takeInstanceLock(service, paths);
  const log = openLog(service, paths, 'info');
  try {
    const settings = loadSettings(process.env, paths);
    log.setLevel(settings.logLevel);
    const code = await body({ settings, paths, log });
    log.info('stopped', { exitCode: code });
    return code;
  } catch (err) {
    // Under pm2 nobody sees standard error.
    log.error('not started', { err });
    throw err;
  } finally {
    log.close();
    lock.release();
  }
}

/** Texts that may be shown: ours, and those of system calls (which name paths and ports). Others may quote what people said. */
function textForUser(err: unknown): string {
  if (isForUser(err)) return err.message;
  const { name, syscall, stack } = describeError(err) as { name: string; syscall?: string; stack?: string[] };
  if (isError(err) && syscall !== undefined) return err.message;
  return [`failed with ${name}`, ...(stack ?? [])].join('\n    ');
}

/** process.exit, not process.exitCode: pm2's channel keeps an idle process alive. */
async function exit(code: number, text = ''): Promise<never> {
  if (text !== '') {
    await new Promise<void>((resolve) => {
      // Closed or blocked, it must not keep us.
      process.stderr.on('error', resolve);
      setTimeout(resolve, 1_000);
      process.stderr.write(text, () => {
        resolve();
      });
    });
  }
  process.exit(code);
}
