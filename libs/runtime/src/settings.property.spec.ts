import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { ConfigError } from './config-error.js';
import type { DataFolder } from './paths.js';
import { SETTINGS, SETTING_KEYS } from './settings-table.js';
import { loadSettings } from './settings.js';
import { getSetting, listSettings, setSetting } from './stored-settings.js';

let paths: DataFolder;
beforeEach(() => {
  paths = freshDataFolder();
  mkdirSync(paths.home);
});
afterEach(removeFolders);

/** Undefined where it was refused, in words that a terminal only shows. */
function unlessRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    expect(err.message.replace(paths.config, '')).toMatch(/^[ -~]+$/);
    return undefined;
  }
}

const keys = fc.oneof(
  { arbitrary: fc.constantFrom<string>(...SETTING_KEYS), weight: 4 },
  { arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'prot')), weight: 1 },
);
const examples = SETTING_KEYS.flatMap((key) => [SETTINGS[key].example, SETTINGS[key].default]);
const texts = fc.oneof(fc.constantFrom(...examples), fc.string({ unit: 'binary' }), fc.integer().map(String));
const values = fc.oneof(
  texts,
  fc.integer({ min: -1, max: 70_000 }),
  fc.array(texts, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 2 }),
);

function checkPorts({ port, discoveryPort }: { port: number; discoveryPort: number }): void {
  for (const one of [port, discoveryPort]) expect(Number.isInteger(one) && one >= 1024 && one <= 65_535).toBe(true);
}

describe('whatever is in config.json', () => {
  it('is read as settings that can be, or refused in words', () => {
    let read = 0;
    const files = fc.oneof(
      fc.array(fc.tuple(keys, values), { maxLength: 3 }).map((pairs) => JSON.stringify(Object.fromEntries(pairs))),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(files, (text) => {
        writeFileSync(paths.config, text);
        const settings = unlessRefused(() => loadSettings({}, paths));
        const listed = unlessRefused(() => listSettings(paths));
        if (settings === undefined) return;
        read += 1;
        checkPorts(settings);
        // One that can be read can be shown.
        expect(listed?.map(({ key }) => key)).toEqual(SETTING_KEYS);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(20);
  });

  it('is refused where it is no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        writeFileSync(paths.config, Buffer.from([0xff, ...bytes]));
        expect(unlessRefused(() => loadSettings({}, paths))).toBeUndefined();
      }),
    );
  });
});

it('whatever is set is there afterwards, or was refused and has changed nothing', () => {
  let taken = 0;
  fc.assert(
    fc.property(keys, fc.oneof(texts, fc.constant(null)), (key, value) => {
      const before = '{"port": 7101}';
      writeFileSync(paths.config, before);
      const done = unlessRefused(() => {
        setSetting(paths, key, value);
        return true;
      });
      expect(done === true || readFileSync(paths.config, 'utf8') === before).toBe(true);
      if (done === undefined) return;
      taken += 1;
      checkPorts(loadSettings({}, paths));
      // To go back to the default is to have nothing stored.
      const source = value === null ? 'default' : 'config';
      expect(Object.hasOwn(SETTINGS, key) ? getSetting(paths, key).source : source).toBe(source);
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(50);
});

it('whatever is in the environment is read as settings that can be, or refused in words', () => {
  const variables = fc.oneof(
    fc.constantFrom<string>(...SETTING_KEYS.map((key) => SETTINGS[key].variable)),
    fc.string().map((text) => `EARSHOT_${text}`),
    fc.string(),
  );
  let read = 0;
  fc.assert(
    fc.property(fc.dictionary(variables, texts, { maxKeys: 3 }), (env) => {
      const settings = unlessRefused(() => loadSettings(env, paths));
      if (settings === undefined) return;
      read += 1;
      checkPorts(settings);
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(20);
});
