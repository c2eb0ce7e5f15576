import { ConfigError, errnoOf } from './config-error.js';
import { SETTINGS, type SettingKey } from './settings-table.js';

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program: free it, or',
  EACCES: 'may not be opened by this user:',
  EADDRNOTAVAIL: 'is on an address that this machine does not have:',
};

/**
 * What to throw when a port could not be opened: a ConfigError where the user must choose, else the error as it was.
 *
 * @param what the port in words: `TCP port 7001`
 * @param key the setting that chooses it
 */
export function describeListenError(err: Error, what: string, key: SettingKey): Error {
  const problem = PROBLEMS[errnoOf(err) ?? ''];
  if (problem === undefined) return err;
  const { example, variable } = SETTINGS[key];
  return new ConfigError(
    `${what} ${problem} choose another with \`earshot config set ${key} ${example}\` (${variable})`,
  );
}
