/** The program itself: status, logs, config. */
import { dataFolder, EXIT, getSetting, listSettings, prepareDataFolder, setSetting } from '@earshot/runtime';
import { bindingsFrom } from '../full/keys/bindings.js';
import { CommandError, note, print, printJson, printLines } from '../output.js';
import { notRunning, profileFolder } from '../services/connection.js';
import { servicesDown, statusOf } from '../services/health.js';
import { logAddress, readToken } from '../services/log-server.js';
import { openInBrowser } from '../services/browser.js';
import { statusLines } from '../text/lines.js';

export async function status({ json }: { readonly json?: boolean }): Promise<void> {
  const paths = profileFolder();
  const now = await statusOf(paths);
  if (json === true) printJson(now);
  else printLines(statusLines(now));
  const down = servicesDown(now);
  if (down.length > 0)
    throw new CommandError(EXIT.notRunning, down.map((service) => notRunning(service, paths)).join('\nearshot: '));
}

export async function logs({ url, open }: { readonly url?: boolean; readonly open?: boolean }): Promise<void> {
  const paths = profileFolder();
  const address = await logAddress(paths);
  if (url !== true && open !== true) {
    print(address);
    return;
  }
  const withToken = `${address}#t=${readToken(paths)}`;
  if (url === true) print(withToken);
  if (open === true) await openInBrowser(withToken);
}

/** Settings are not validated as a whole here: this is how a wrong one is corrected. */
export function configGet(key: string | undefined): void {
  const paths = dataFolder(process.env);
  if (key !== undefined) {
    print(getSetting(paths, key).value);
    return;
  }
  for (const setting of listSettings(paths))
    print(`${setting.key}=${setting.value}${setting.source === 'default' ? '  (default)' : ''}`);
  note(`data folder: ${paths.home}`);
}

/** Settings that no service has. */
const OF_THE_CONSOLE = ['keys', 'notify', 'theme'];

export function configSet(key: string, value: string): void {
  const paths = dataFolder(process.env);
  // It may be before the first start.
  prepareDataFolder(paths);
  // What the keys can do is the console's to know.
  const { problems } = bindingsFrom(key === 'keys' ? value : '');
  if (problems.length > 0) throw new CommandError(EXIT.misconfigured, problems.join('\n'));
  setSetting(paths, key, value === '' ? null : value);
  note(
    OF_THE_CONSOLE.includes(key)
      ? 'saved: the console has it when it starts next'
      : 'saved: run `npm start` to apply it',
  );
}
