import { PLACE_SETTINGS, SETTINGS, TEST_VARIABLES } from '@earshot/runtime';
import { committedFiles, readCommitted } from './committed-files.js';

interface Documented {
  /** Its name in config.json, or none for what decides where that file is. */
  readonly key: string;
  readonly default: string;
}

const NONE = '–';

const inCode = new Map<string, Documented>([
  ...PLACE_SETTINGS.map((place) => [place.variable, { key: NONE, default: place.default }] as const),
  ...Object.entries(SETTINGS).map(
    ([key, setting]) => [setting.variable, { key, default: setting.default || NONE }] as const,
  ),
]);

/** Rows `| EARSHOT_… | key | default | …`, with or without backticks. */
function documentedSettings(markdown: string): Map<string, Documented> {
  const rows = markdown
    .split('\n')
    .filter((line) => /^\|\s*`?EARSHOT_/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  return new Map(rows.map(([variable = '', key = '', value = '']) => [variable, { key, default: value }]));
}

describe('settings', () => {
  it('are all in docs/configuration.md, with their names and defaults, and nothing else is', () => {
    const documented = documentedSettings(readCommitted('docs/configuration.md'));
    expect(documented.size).toBeGreaterThan(5);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(inCode));
  });

  it('would be missed if one were not documented, or documented with another default', () => {
    const row = '| `EARSHOT_PORT` | `port` | `7002` | TCP |\n| other | table |';
    expect(Object.fromEntries(documentedSettings(row))).toEqual({ EARSHOT_PORT: { key: 'port', default: '7002' } });
  });

  it('are the only variables that the programs and their documents know', () => {
    const known = new Set([...inCode.keys(), ...TEST_VARIABLES]);
    const places = committedFiles().filter((file) =>
      /^(apps|libs)\/.*\/src\/.*(?<!\.spec)\.ts$|^(docs\/.*|README|CONTRIBUTING)\.?(md)?$|^ecosystem/.test(file),
    );
    const named = places.flatMap((file) =>
      (readCommitted(file).match(/\bEARSHOT_[A-Z_]*[A-Z]\b/g) ?? []).map((name) => ({ file, name })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });
});
