import { readConfigFile, writeConfigFile } from './config-file.js';
import type { DataFolder } from './paths.js';
import { assertSettingKey, parseSetting, parseStored, textOfJson } from './settings.js';
import { SETTINGS, SETTING_KEYS, type SettingKey } from './settings-table.js';

/** What a setting is without the environment, which differs from process to process. */
export interface StoredSetting {
  readonly key: SettingKey;
  /** As text; empty for none. */
  readonly value: string;
  readonly source: 'default' | 'config';
}

/** For `earshot config get`. @throws ConfigError */
export function getSetting(paths: DataFolder, key: string): StoredSetting {
  assertSettingKey(key);
  return describe(key, readConfigFile(paths.config), paths);
}

export function listSettings(paths: DataFolder): StoredSetting[] {
  const stored = readConfigFile(paths.config);
  return SETTING_KEYS.map((key) => describe(key, stored, paths));
}

/**
 * For `earshot config set`. Applies when the services are next started. Nothing else in config.json is looked at, so
 * that the file can be repaired with it one setting at a time.
 *
 * @param value null to go back to the default (and to remove a name that is no setting)
 * @throws ConfigError when the value cannot be one; the file is then as it was.
 */
export function setSetting(paths: DataFolder, key: string, value: string | null): void {
  const stored = readConfigFile(paths.config);
  const others = Object.entries(stored).filter(([name]) => name !== key);
  if (value === null) {
    if (!Object.hasOwn(stored, key)) assertSettingKey(key);
    else writeConfigFile(paths.config, Object.fromEntries(others));
    return;
  }
  assertSettingKey(key);
  const parsed = parseSetting(key, value, key);
  // Numbers as JSON numbers; the rest as it was typed.
  others.push([key, typeof parsed === 'number' ? parsed : value]);
  writeConfigFile(paths.config, Object.fromEntries(others));
}

function describe(key: SettingKey, stored: Readonly<Record<string, unknown>>, paths: DataFolder): StoredSetting {
  if (!Object.hasOwn(stored, key)) return { key, value: SETTINGS[key].default, source: 'default' };
  parseStored(key, stored, paths);
  return { key, value: textOfJson(stored[key]) ?? '', source: 'config' };
}
