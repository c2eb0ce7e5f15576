/**
 * Who may import whom (docs/architecture.md). Imports point one way: apps → ipc, history, runtime → protocol;
 * crypto and protocol know nobody. tests/architecture runs these rules, and shows that each of them fires.
 *
 * Run over libs/<name>/src and apps/<name>/src only, and never exclude dist: an app that another package imports resolves
 * to its dist/main.js, and excluding that would hide the import.
 */
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const SPEC = '\\.spec\\.tsx?$';
/** What specs share, and the programs that they start. */
const TEST_FOLDER = '^(apps|libs)/[^/]+/test/';
/** For tests of any package; who else may not import it is a rule of its own. */
const TESTKIT = '^libs/testkit/';

/** The source files behind the `exports` of our libraries, as patterns: their only doors. */
const ENTRY_POINTS = readdirSync(join(__dirname, 'libs')).flatMap((name) => {
  const { exports } = JSON.parse(readFileSync(join(__dirname, 'libs', name, 'package.json'), 'utf8'));
  const sources = Object.values(exports).map((entry) => entry['@earshot/source']);
  return sources.filter(Boolean).map((file) => `^${join('libs', name, file).replaceAll('.', '\\.')}$`);
});

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', 'A circle of imports has no first file to read.', {}, { circular: true }),
    forbid(
      'not-resolvable',
      'It would fail at run time; a deep import of a library ends here too.',
      {},
      { couldNotResolve: true },
    ),
    forbid(
      'no-test-in-source',
      'Tests are not shipped.',
      { pathNot: [SPEC, TEST_FOLDER] },
      { path: [SPEC, TEST_FOLDER] },
    ),
    forbid('libs-know-no-app', 'Imports point from apps to libraries.', { path: '^libs/' }, { path: '^apps/' }),
    forbid(
      'apps-know-no-app',
      'Processes meet over IPC, never in code.',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    forbid(
      'protocol-and-crypto-know-nobody',
      'The wire and the algorithms can be read, and replaced, alone.',
      { path: '^libs/(protocol|crypto)/' },
      { path: '^libs/', pathNot: ['^libs/$1/', TESTKIT] },
    ),
    forbid(
      'middle-libs-know-only-protocol',
      'ipc, history and runtime are neighbours, not layers.',
      { path: '^libs/(ipc|history|runtime|testkit)/' },
      { path: '^libs/', pathNot: ['^libs/$1/', '^libs/protocol/', TESTKIT] },
    ),
    forbid(
      'only-the-messenger-has-crypto',
      'Keys live in one process.',
      { pathNot: '^(apps/messenger|libs/crypto)/' },
      { path: '^libs/crypto/' },
    ),
    forbid(
      'only-messenger-and-logserver-have-history',
      'The messenger writes it, the log server reads it; discovery has no text and the console asks over IPC.',
      { pathNot: '^(apps/(messenger|logserver)|libs/history)/' },
      { path: '^libs/history/' },
    ),
    forbid(
      'only-ipc-has-zeromq',
      'Linger, high-water marks and EBUSY are its business.',
      { pathNot: '^libs/ipc/' },
      { path: '(^|/)node_modules/zeromq/' },
    ),
    forbid(
      'only-history-has-sqlite',
      'The schema stays behind libs/history; libs/runtime uses SQLite for its single-instance lock alone.',
      { pathNot: '^libs/(history|runtime)/' },
      { path: '(^|/)node_modules/better-sqlite3/' },
    ),
    forbid(
      'testkit-only-in-tests',
      'It starts and kills processes.',
      { pathNot: [SPEC, TEST_FOLDER, TESTKIT] },
      { path: TESTKIT },
    ),
    forbid(
      'no-deep-lib-import',
      'What a library offers is in its exports.',
      { path: '^(libs|apps)/([^/]+)/' },
      {
        path: '^libs/[^/]+/src/',
        pathNot: ['^$1/$2/', ...ENTRY_POINTS],
      },
    ),
    forbid(
      'protocol-touches-no-world',
      'It knows no socket, no key and no clock, so that its tests need none.',
      { path: '^libs/protocol/src/', pathNot: SPEC },
      { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|util)$' },
    ),
    forbid(
      'crypto-uses-node-alone',
      'Whoever reviews it reviews node:crypto and these files.',
      { path: '^libs/crypto/src/', pathNot: SPEC },
      { path: '(^|/)node_modules/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.cache/' },
    // Type-only imports are imports too: a boundary that types cross is no boundary.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@earshot/source', 'import', 'node', 'default'],
    },
  },
};
