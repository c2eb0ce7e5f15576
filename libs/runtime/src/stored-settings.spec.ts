import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { ConfigError } from './config-error.js';
import type { DataFolder } from './paths.js';
import { loadSettings } from './settings.js';
import { SETTINGS, SETTING_KEYS } from './settings-table.js';
import { getSetting, listSettings, setSetting } from './stored-settings.js';

function prepared(config?: string): DataFolder {
  const paths = freshDataFolder();
  mkdirSync(paths.home);
  if (config !== undefined) writeFileSync(paths.config, config);
  return paths;
}

const stored = (paths: DataFolder): unknown => JSON.parse(readFileSync(paths.config, 'utf8'));

afterEach(removeFolders);

describe('setSetting', () => {
  it('writes a private config.json that loadSettings reads, and nothing beside it', () => {
    const paths = prepared();
    for (const key of SETTING_KEYS) setSetting(paths, key, SETTINGS[key].example);
    expect(stored(paths)).toMatchObject({ port: 7101, policy: 'open', interfaces: '!docker0,!tailscale0' });
    expect(loadSettings({}, paths)).toMatchObject({
      port: 7101,
      policy: 'open',
      interfaces: ['!docker0', '!tailscale0'],
    });
    expect(readdirSync(paths.home)).toEqual(['config.json']);
    expect(statSync(paths.config).mode & 0o777).toBe(0o600);
  });

  it('changes one and keeps the others', () => {
    const paths = prepared('{"port": 7101, "policy": "open"}');
    setSetting(paths, 'port', '7201');
    expect(stored(paths)).toEqual({ port: 7201, policy: 'open' });
  });

  it('goes back to the default with null, also when there is nothing to remove', () => {
    const paths = prepared('{"port": 7101}');
    setSetting(paths, 'port', null);
    setSetting(paths, 'port', null);
    expect(stored(paths)).toEqual({});
  });

  it('takes the empty text for none', () => {
    const paths = prepared('{"peers": "192.0.2.7"}');
    setSetting(paths, 'peers', '');
    expect(loadSettings({}, paths).peers).toEqual([]);
  });

  it.each([
    ['port', '80', /^port must be a whole number from 1024 to 65534, for example `earshot config set port 7101`$/],
    ['httpHost', '0.0.0.0', /needs TLS/],
    ['prot', '7101', /^"prot" is not a setting: did you mean port\?$/],
    ['prot', null, /^"prot" is not a setting/],
    ['toString', '7101', /^"toString" is not a setting/],
  ])('refuses %s %j and leaves the file as it was', (key, value, text) => {
    const paths = prepared('{"port":7101}');
    expect(() => {
      setSetting(paths, key, value);
    }).toThrow(ConfigError);
    expect(() => {
      setSetting(paths, key, value);
    }).toThrow(text);
    expect(readFileSync(paths.config, 'utf8')).toBe('{"port":7101}');
  });

  it('repairs a file one setting at a time', () => {
    const paths = prepared('{"port": 80, "policy": "shut", "colour": "red"}');
    setSetting(paths, 'port', '7101');
    setSetting(paths, 'policy', null);
    setSetting(paths, 'colour', null);
    expect(stored(paths)).toEqual({ port: 7101 });
  });

  it('does not overwrite what is not JSON', () => {
    const paths = prepared('{"port": 7101,');
    expect(() => {
      setSetting(paths, 'port', '7201');
    }).toThrow(/is not JSON/);
    expect(readFileSync(paths.config, 'utf8')).toBe('{"port": 7101,');
  });

  it('says so when it cannot write', () => {
    const paths = { ...prepared(), config: '/proc/earshot/config.json' };
    expect(() => {
      setSetting(paths, 'port', '7101');
    }).toThrow(/config\.json cannot be written \(ENOENT\): nothing was changed/);
  });

  it('makes a loose config.json private', () => {
    const paths = prepared('{}');
    chmodSync(paths.config, 0o666);
    setSetting(paths, 'port', '7101');
    expect(statSync(paths.config).mode & 0o777).toBe(0o600);
  });
});

describe('getSetting', () => {
  it('tells the value and where it comes from', () => {
    const paths = prepared('{"port": 7101, "peers": ["192.0.2.7", "ship"]}');
    expect(getSetting(paths, 'port')).toEqual({ key: 'port', value: '7101', source: 'config' });
    expect(getSetting(paths, 'peers')).toEqual({ key: 'peers', value: '192.0.2.7,ship', source: 'config' });
    expect(getSetting(paths, 'policy')).toEqual({ key: 'policy', value: 'requests', source: 'default' });
    expect(listSettings(paths).map(({ key }) => key)).toEqual(SETTING_KEYS);
  });

  it('refuses a name that is no setting, and a stored value that cannot be one', () => {
    expect(() => getSetting(prepared(), 'ports')).toThrow(/did you mean port/);
    expect(() => getSetting(prepared('{"port": true}'), 'port')).toThrow(/^"port" in .* must be/);
  });
});
