import { ConfigError } from './config-error.js';
import { readConfigFile } from './config-file.js';
import { nearestName } from './nearest-name.js';
import type { DataFolder, Environment } from './paths.js';
import {
  PLACE_SETTINGS,
  SETTINGS,
  SETTING_KEYS,
  TEST_VARIABLES,
  type SettingKey,
  type StoredSettings,
} from './settings-table.js';

export interface Settings extends StoredSettings {
  readonly profile: string;
  /** The data folder. */
  readonly home: string;
}

/**
 * Defaults, overridden by config.json, overridden by the environment; all of it validated. An empty variable counts as unset.
 *
 * @throws ConfigError for a wrong value or a name that does not exist, with the name and an example.
 */
export function loadSettings(env: Environment, paths: DataFolder): Settings {
  refuseUnknownVariables(env);
  const stored = readConfigFile(paths.config);
  for (const key of Object.keys(stored)) assertSettingKey(key, paths.config);

  const load = <K extends SettingKey>(key: K): StoredSettings[K] => {
    const variable = env[SETTINGS[key].variable];
    if (variable) return parseSetting(key, variable, SETTINGS[key].variable);
    return parseStored(key, stored, paths);
  };
  return {
    profile: paths.profile,
    home: paths.home,
    username: load('username'),
    port: load('port'),
    httpHost: load('httpHost'),
    policy: load('policy'),
    exchange: load('exchange'),
    discoveryPort: load('discoveryPort'),
    peers: load('peers'),
    interfaces: load('interfaces'),
    logLevel: load('logLevel'),
    keys: load('keys'),
    theme: load('theme'),
    notify: load('notify'),
  };
}

/** The value that config.json gives a setting, or its default. */
export function parseStored<K extends SettingKey>(
  key: K,
  stored: Readonly<Record<string, unknown>>,
  paths: DataFolder,
): StoredSettings[K] {
  if (!Object.hasOwn(stored, key)) return parseSetting(key, SETTINGS[key].default, 'default');
  return parseSetting(key, textOfJson(stored[key]), `"${key}" in ${paths.config}`);
}

/** @param source names where the text comes from; `config.json` entries are told how to change them. */
export function parseSetting<K extends SettingKey>(
  key: K,
  text: string | undefined,
  source: string,
): StoredSettings[K] {
  const setting = SETTINGS[key];
  const result = setting.schema.safeParse(text);
  if (result.success) return result.data;
  const example =
    source === setting.variable
      ? `${setting.variable}=${setting.example}`
      : `\`earshot config set ${key} ${quoted(setting.example)}\``;
  throw new ConfigError(`${source} must be ${setting.must}, for example ${example}`);
}

/** @throws ConfigError for a name that is no setting, with the one that was probably meant. */
export function assertSettingKey(key: string, file?: string): asserts key is SettingKey {
  if (Object.hasOwn(SETTINGS, key)) return;
  const where = file === undefined ? '' : ` in ${file}`;
  throw new ConfigError(`"${printable(key)}"${where} is not a setting: ${suggestion(key, SETTING_KEYS)}`);
}

/** JSON values as the text one would give on the command line: numbers, texts and lists of texts; undefined for others. */
export function textOfJson(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(',');
  return undefined;
}

function refuseUnknownVariables(env: Environment): void {
  const settings = [...PLACE_SETTINGS, ...Object.values(SETTINGS)].map(({ variable }) => variable as string);
  const known = new Set<string>([...settings, ...TEST_VARIABLES]);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('EARSHOT_') || known.has(name)) continue;
    throw new ConfigError(`${printable(name)} is not a setting: ${suggestion(name, settings)}`);
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
}

/** A name comes from a file or the environment, and goes to a terminal. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}

/** For a POSIX shell, where `!` would call up its history. */
function quoted(example: string): string {
  return /^[\w.,:-]+$/.test(example) ? example : `'${example}'`;
}
