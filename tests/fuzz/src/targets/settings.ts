import { checkUsername } from '@earshot/protocol';
import { ConfigError, dataFolder, SETTINGS, type SettingKey } from '@earshot/runtime';
import { assertSettingKey, parseSetting, textOfJson } from '../../../../libs/runtime/dist/settings.js';
import { assert, unless, type Target } from '../target.js';
import { input, vectors } from './vectors.js';

const KEYS = Object.keys(SETTINGS) as SettingKey[];
const [NAME, FOLDER, PERSON] = [KEYS.length, KEYS.length + 1, KEYS.length + 2];
const MACHINE = { platform: 'linux', homedir: '/somewhere', tmpdir: '/tmp', uid: 1000 } as const;

/** What a mistake is answered with goes to a terminal. */
function refusable<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    assert(/^[ -~…]*$/.test(err.message), 'a text for the terminal is not harmless');
    return undefined;
  }
}

function json(text: string): unknown {
  return unless([SyntaxError], () => JSON.parse(text) as unknown);
}

/** `setting | its text or JSON`, and then the name of a setting, a data folder and a username */
export const settings: Target = {
  name: 'settings',
  seeds: [
    ...KEYS.flatMap((key, mode) =>
      [SETTINGS[key].example, SETTINGS[key].default, JSON.stringify([SETTINGS[key].example])].map((text) =>
        input(mode, text),
      ),
    ),
    input(NAME, 'prot'),
    input(FOLDER, '/srv/earshot'),
    ...vectors('usernames').map(({ username }) => input(PERSON, username as string)),
  ],
  dictionary: [
    '7101',
    ',',
    ':',
    '!',
    '"',
    '[',
    ']',
    '127.0.0.1',
    '::1',
    'localhost',
    'requests',
    'open',
    '-',
    '.',
    '../',
    '/',
    '65535',
    '0',
    '\xcc\x81',
    '\xe2\x80\x8b',
  ],
  maxBytes: 200,
  run: (bytes) => {
    const mode = bytes[0] ?? 0;
    const text = bytes.subarray(1).toString();
    const key = KEYS[mode];
    if (key !== undefined) {
      const value = refusable(() => parseSetting(key, text, key));
      if (typeof value === 'number') assert(Number.isInteger(value) && value >= 1024 && value < 65_536, 'no port');
      refusable(() => parseSetting(key, textOfJson(json(text)), 'a file'));
    } else if (mode === NAME) {
      refusable(() => {
        assertSettingKey(text);
      });
    } else if (mode === FOLDER) {
      const folder = refusable(() => dataFolder({ EARSHOT_HOME: text }, MACHINE));
      if (folder !== undefined) assert(folder.home.startsWith('/'), 'a folder depends on where one is');
      const ofProfile = refusable(() => dataFolder({ EARSHOT_PROFILE: text }, MACHINE));
      if (ofProfile !== undefined)
        assert(/^\/somewhere\/\.local\/share\/earshot\/[\w-]+$/.test(ofProfile.home), 'a profile leads elsewhere');
    } else if (checkUsername(text) === 'ok') {
      assert(
        !/[\s\p{C}]/u.test(text) && text === text.normalize('NFC') && Buffer.byteLength(text) <= 64,
        'no username',
      );
    }
  },
};
