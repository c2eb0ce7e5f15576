import { mkdirSync, writeFileSync } from 'node:fs';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { ConfigError } from './config-error.js';
import type { DataFolder } from './paths.js';
import { LOG_LEVELS, PLACE_SETTINGS, SETTINGS, SETTING_KEYS } from './settings-table.js';
import { loadSettings, type Settings } from './settings.js';

const CANARY = 'canary-hornbeam';

function withConfig(config: unknown): DataFolder {
  const paths = freshDataFolder();
  mkdirSync(paths.home);
  writeFileSync(paths.config, typeof config === 'string' ? config : JSON.stringify(config));
  return paths;
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
    throw err;
  }
  throw new Error('was not refused');
}

const fromEnv = (variable: string, value: string): Settings => loadSettings({ [variable]: value }, freshDataFolder());

afterEach(removeFolders);

describe('the settings', () => {
  it('have their defaults without a config.json', () => {
    const paths = freshDataFolder();
    expect(loadSettings({ PATH: '/bin' }, paths)).toEqual({
      profile: 'default',
      home: paths.home,
      username: null,
      port: 7001,
      httpHost: '127.0.0.1',
      policy: 'requests',
      exchange: 'on',
      discoveryPort: 6004,
      peers: [],
      interfaces: [],
      logLevel: 'info',
      keys: '',
      theme: 'dark',
      notify: 'bell',
    });
  });

  it('come from the environment before config.json before the defaults; an empty variable counts as unset', () => {
    const paths = withConfig({ port: 7101, policy: 'open', peers: ['192.0.2.7'], interfaces: 'eth0' });
    const settings = loadSettings({ EARSHOT_PORT: '7201', EARSHOT_POLICY: '' }, paths);
    expect(settings).toMatchObject({ port: 7201, policy: 'open', interfaces: ['eth0'], logLevel: 'info' });
    expect(settings.peers).toEqual([{ host: '192.0.2.7', port: 7001 }]);
  });

  it('may be written by an editor that adds a byte order mark', () => {
    expect(loadSettings({}, withConfig('\uFEFF{"port": 7101}')).port).toBe(7101);
  });

  it.each<[string, string, keyof Settings, unknown]>([
    ['EARSHOT_USERNAME', 'Anna Lena', 'username', 'Anna Lena'],
    ['EARSHOT_PORT', '1024', 'port', 1024],
    ['EARSHOT_PORT', '65534', 'port', 65534],
    ['EARSHOT_HTTP_HOST', '127.9.9.9', 'httpHost', '127.9.9.9'],
    ['EARSHOT_HTTP_HOST', '::1', 'httpHost', '::1'],
    ['EARSHOT_HTTP_HOST', 'localhost', 'httpHost', 'localhost'],
    ['EARSHOT_POLICY', 'open', 'policy', 'open'],
    ['EARSHOT_EXCHANGE', 'off', 'exchange', 'off'],
    ['EARSHOT_DISCOVERY_PORT', '65535', 'discoveryPort', 65535],
    ['EARSHOT_PEERS', ' ', 'peers', []],
    [
      'EARSHOT_PEERS',
      'anna.example.org:7101, 192.0.2.7 ,ship-7',
      'peers',
      [
        { host: 'anna.example.org', port: 7101 },
        { host: '192.0.2.7', port: 7001 },
        { host: 'ship-7', port: 7001 },
      ],
    ],
    ['EARSHOT_INTERFACES', 'eth0, wlan0', 'interfaces', ['eth0', 'wlan0']],
    ['EARSHOT_INTERFACES', '!docker0', 'interfaces', ['!docker0']],
    ['EARSHOT_INTERFACES', 'Ethernet 2', 'interfaces', ['Ethernet 2']],
    ...LOG_LEVELS.map((level): [string, string, keyof Settings, unknown] => [
      'EARSHOT_LOG_LEVEL',
      level,
      'logLevel',
      level,
    ]),
  ])('take %s=%j', (variable, value, key, expected) => {
    expect(fromEnv(variable, value)[key]).toEqual(expected);
  });

  it.each([
    ['EARSHOT_USERNAME', '  '],
    ['EARSHOT_PORT', '1023'],
    ['EARSHOT_PORT', '65535'],
    ['EARSHOT_PORT', '7001.5'],
    ['EARSHOT_PORT', '0x1b59'],
    ['EARSHOT_PORT', '-7001'],
    ['EARSHOT_PORT', '7e3'],
    ['EARSHOT_PORT', ' 7001'],
    ['EARSHOT_HTTP_HOST', '0.0.0.0'],
    ['EARSHOT_HTTP_HOST', '::'],
    ['EARSHOT_HTTP_HOST', '192.168.1.5'],
    ['EARSHOT_HTTP_HOST', '127.0.0.1.example.org'],
    ['EARSHOT_HTTP_HOST', '127.1'],
    ['EARSHOT_POLICY', 'OPEN'],
    ['EARSHOT_DISCOVERY_PORT', '80'],
    ['EARSHOT_DISCOVERY_PORT', '65536'],
    ['EARSHOT_PEERS', '192.0.2.7:0'],
    ['EARSHOT_PEERS', '192.0.2.7:70000'],
    ['EARSHOT_PEERS', '192.0.2.300'],
    ['EARSHOT_PEERS', '192.0.2.7,,192.0.2.8'],
    ['EARSHOT_PEERS', 'http://192.0.2.7'],
    ['EARSHOT_PEERS', 'anna@192.0.2.7'],
    ['EARSHOT_PEERS', '-anna'],
    ['EARSHOT_PEERS', ':7001'],
    ['EARSHOT_INTERFACES', 'eth0,'],
    ['EARSHOT_INTERFACES', '!'],
    ['EARSHOT_INTERFACES', 'eth\u001b0'],
    ['EARSHOT_LOG_LEVEL', 'verbose'],
  ])('refuse %s=%j, naming the variable with an example', (variable, value) => {
    const text = refusal(() => fromEnv(variable, value));
    expect(text).toMatch(new RegExp(`^${variable} must be .+, for example ${variable}=.+`));
  });

  it.each([...PLACE_SETTINGS, ...Object.values(SETTINGS)])(
    'accept the example of $variable',
    ({ variable, example }) => {
      expect(() => fromEnv(variable, example)).not.toThrow();
    },
  );

  it('refuse to serve beyond this machine, since that needs TLS', () => {
    expect(refusal(() => fromEnv('EARSHOT_HTTP_HOST', '0.0.0.0'))).toContain('needs TLS, which is not there yet');
  });

  it.each(SETTING_KEYS)('never repeat the value of %s', (key) => {
    const inFile = withConfig({ [key]: [CANARY, 1] });
    expect(refusal(() => loadSettings({}, inFile))).not.toContain(CANARY);
    // Any text can be a username.
    const wrong = key === 'username' ? ' ' : `${CANARY}\u0000:x`;
    expect(refusal(() => fromEnv(SETTINGS[key].variable, wrong))).not.toContain(CANARY);
  });

  it.each([
    ['EARSHOT_PROT', 'EARSHOT_PROT is not a setting: did you mean EARSHOT_PORT?'],
    ['EARSHOT_LOGLEVEL', 'EARSHOT_LOGLEVEL is not a setting: did you mean EARSHOT_LOG_LEVEL?'],
    ['EARSHOT_USER\u001b[31mNAME', 'did you mean EARSHOT_USERNAME?'],
  ])('refuse the unknown variable %j with a suggestion', (variable, text) => {
    expect(refusal(() => fromEnv(variable, 'x'))).toContain(text);
    expect(refusal(() => fromEnv(variable, 'x'))).not.toContain('\u001b');
  });

  it('name all when nothing is close', () => {
    expect(refusal(() => fromEnv('EARSHOT_XXXXXXXXXXXXXX', 'x'))).toMatch(
      /there are EARSHOT_PROFILE, EARSHOT_HOME, EARSHOT_USERNAME/,
    );
  });

  it('leave the switches of the tests alone', () => {
    expect(() => fromEnv('EARSHOT_REQUIRE_VECTORS', '1')).not.toThrow();
  });
});

describe('config.json', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'a wrong value',
      { port: 80 },
      /^"port" in .*config\.json must be a whole number from 1024 to 65534, for example `earshot config set port 7101`$/,
    ],
    ['a value of another type', { port: null }, /^"port" in .*config\.json must be a whole number/],
    ['a list with something else', { peers: ['192.0.2.7', 7] }, /^"peers" in .* must be host or host:port/],
    [
      'an example that a shell would expand',
      { interfaces: '!' },
      /`earshot config set interfaces '!docker0,!tailscale0'`/,
    ],
    ['an unknown key', { Port: 7101 }, /^"Port" in .*config\.json is not a setting: did you mean port\?$/],
    ['a key that every object has', '{"__proto__": {"port": 1}}', /^"__proto__" in .* is not a setting/],
    ['a list', '[]', /must hold one JSON object/],
    ['null', 'null', /must hold one JSON object/],
    ['nothing', '', /config\.json is not JSON: correct it, or remove it/],
    ['half an object', '{\n  "port": 7101\n  "policy": "open"\n}', /config\.json line 3, column 3 is not JSON/],
  ])('is refused with %s', (_, config, text) => {
    expect(refusal(() => loadSettings({}, withConfig(config)))).toMatch(text);
  });

  it('is refused without quoting it', () => {
    expect(refusal(() => loadSettings({}, withConfig(`{"${CANARY}`)))).not.toContain(CANARY);
  });

  it('is refused when it cannot be read', () => {
    const paths = freshDataFolder();
    mkdirSync(paths.config, { recursive: true });
    expect(refusal(() => loadSettings({}, paths))).toMatch(/config\.json cannot be read \(EISDIR\)/);
  });
});
