import { committedFiles, readCommitted } from './committed-files.js';
import { textAsCode } from './text-as-code.js';

/** Whatever runs here, linted or not; `earshot` is the launcher. */
const scripts = committedFiles().filter((file) => /\.(ts|mjs|cjs|js)$/.test(file) || file === 'earshot');

/** Paths and command lines of our own making, which no text of anybody's is a part of. */
const OUR_OWN = [
  'earshot: import(pathToFileURL(main).href)',
  "libs/testkit/src/repository.ts: require(join(repositoryRoot, 'ecosystem.config.js'))",
  // npm is a command script there, which only a shell runs.
  "scripts/start.mjs: shell: process.platform === 'win32'",
  // A planted program, instrumented as the fuzzer does it.
  "tests/fuzz/src/search.spec.ts: globalThis.eval(instrument(PLANTED, 'planted.js'))",
];

describe('no text becomes code', () => {
  it('in any file that runs', () => {
    // What was not looked at cannot be wrong.
    expect(scripts).toEqual(
      expect.arrayContaining([
        'earshot',
        'scripts/start.mjs',
        'apps/logserver/public/main.js',
        'apps/messenger/src/main.ts',
      ]),
    );
    expect(scripts.length).toBeGreaterThan(300);
    const found = scripts.flatMap((file) => textAsCode(readCommitted(file)).map((source) => `${file}: ${source}`));
    expect(found.sort()).toEqual(OUR_OWN);
  });

  it.each([
    ['eval(text)'],
    ['globalThis.eval(text)'],
    ["new Function('x', text)"],
    ['Function(text)'],
    ["setTimeout('run()', 10)"],
    ['await import(path)'],
    ['await import(`./${name}.js`)'],
    ['require(path)'],
    ['require(join(root, name))'],
    ["import { exec } from 'node:child_process';"],
    ["import { execSync as run } from 'child_process';"],
    ["import * as processes from 'node:child_process';"],
    ["spawn('ls', [], { shell: true })"],
    ["spawnSync(file, { shell: process.platform === 'win32' })"],
    ["import vm from 'node:vm';"],
  ])('would be caught with %s', (source) => {
    expect(textAsCode(source)).toHaveLength(1);
  });

  it.each([
    ["await import('./commands/send.js')"],
    ["const { apps } = require('../ecosystem.config.js')"],
    ['pattern.exec(text)'],
    ['database.exec(statement)'],
    ["import { execFileSync, spawn } from 'node:child_process';"],
    ['setTimeout(() => run(), 10)'],
    ['setTimeout(resolve, 10)'],
    ["require.resolve('pm2')"],
    ['spawn(file, args, { shell: false })'],
    ['evaluate(text)'],
  ])('leaves %s alone', (source) => {
    expect(textAsCode(source)).toEqual([]);
  });
});
