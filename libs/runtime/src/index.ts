/** What commands and services share: where things are, settings, exit codes. Light: what only a long-running process needs is in `@earshot/runtime/service`. */
export { EXIT, type ExitCode } from './exit-codes.js';
export { ConfigError, errnoOf, isConfigError, isDiskFull, PassingError } from './config-error.js';
export { dataFolder, supervisedName, type DataFolder, type Environment } from './paths.js';
export { checkDataFolder, prepareDataFolder } from './prepare-data-folder.js';
export {
  PLACE_SETTINGS,
  SETTINGS,
  TEST_VARIABLES,
  type LogLevel,
  type Setting,
  type SettingDescription,
  type SettingKey,
} from './settings-table.js';
export { type PeerAddress } from './setting-lists.js';
export { nearestName } from './nearest-name.js';
export { loadSettings, type Settings } from './settings.js';
export { getSetting, listSettings, setSetting, type StoredSetting } from './stored-settings.js';
export { describeListenError } from './listen-error.js';
export { CONNECT_TIMEOUT_MS, reach } from './reach.js';
export { Secret } from './secret.js';
export { safeJsonLine, sanitizeLine } from './sanitize.js';
export { version } from './version.js';
export type { LogFields, Logger } from './log-fields.js';
