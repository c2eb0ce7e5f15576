import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { ConfigError } from './config-error.js';
import type { LogFields } from './log-fields.js';
import { openLog, type ProcessLog } from './log.js';
import type { DataFolder } from './paths.js';
import { prepareDataFolder } from './prepare-data-folder.js';
import { Secret } from './secret.js';
import type { LogLevel } from './settings-table.js';

const PEER = 'kpaangbebw' + 'a'.repeat(42);

function opened(level: LogLevel = 'debug'): { log: ProcessLog; paths: DataFolder } {
  const paths = freshDataFolder();
  prepareDataFolder(paths);
  return { log: openLog('messenger', paths, level), paths };
}

const text = (paths: DataFolder): string => readFileSync(join(paths.logs, 'messenger.log'), 'utf8');
const lines = (paths: DataFolder): Record<string, unknown>[] =>
  text(paths)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

afterEach(removeFolders);

describe('the process log', () => {
  it('writes one JSON line per event, with time, level, pid and the component', () => {
    const { log, paths } = opened();
    log.info('ready', { port: 7001 });
    log.child('session').warn('closed', { peer: PEER, code: 'bad-token', address: '192.0.2.7:7001', ms: 12.5 });
    log.close();
    expect(lines(paths)).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
        pid: process.pid,
        port: 7001,
        msg: 'ready',
      },
      {
        level: 'warn',
        time: expect.any(String) as unknown,
        pid: process.pid,
        component: 'session',
        // Shortened.
        peer: 'kpaangbebw',
        code: 'bad-token',
        address: '192.0.2.7:7001',
        ms: 12.5,
        msg: 'closed',
      },
    ]);
  });

  it('keeps to its level', () => {
    const { log, paths } = opened('warn');
    log.debug('one');
    log.info('two');
    log.warn('three');
    log.setLevel('debug');
    log.debug('four');
    log.setLevel('silent');
    log.error('five');
    expect(lines(paths).map(({ msg }) => msg)).toEqual(['three', 'four']);
  });

  it('creates no file when it is silent', () => {
    const { log, paths } = opened('silent');
    log.error('one');
    expect(existsSync(join(paths.logs, 'messenger.log'))).toBe(false);
  });

  it('has every line on disk when the call returns', () => {
    const { log, paths } = opened();
    log.info('one');
    expect(lines(paths)).toHaveLength(1);
    log.close();
  });

  it('writes no byte that a terminal would act on', () => {
    const { log, paths } = opened();
    // Interface names come from the system.
    const invisible = '\u0007\u001b[31m\u007f\u0085\u009b2J\u061c\u200b\u200f\u2028\u2029\u202e\u2066\u2069\ufeff\n';
    log.info(invisible);
    log.child(invisible).info('two');
    expect(text(paths)).toMatch(/^[\x20-\x7e\n]+$/);
    expect(lines(paths).map(({ msg }) => msg)).toEqual([invisible, 'two']);
  });
});

describe('what must not reach the log', () => {
  // A word that occurs nowhere else, as it is and in the forms in which it could slip through.
  const canary = `canary${randomBytes(8).toString('hex')}`;
  const error = (make: (err: Error) => Error = (err) => err): Error => make(new Error(`cannot read "${canary}"`));

  it.each<[string, unknown]>([
    ['a field that is not one', { text: canary }],
    ['a field that every object has', { constructor: canary, toString: canary }],
    ['a whole object under a known name', { peer: { text: canary } }],
    ['a text under a numeric name', { bytes: canary }],
    ['a sentence under a name for words', { state: `see ${canary}`, reason: `${canary}!`, code: `"${canary}"` }],
    ['a word under a name for ids', { peer: canary, msgId: canary }],
    ['a number object', { seq: { toJSON: () => canary } }],
    ['a secret', { key: new Secret(canary), token: new Secret(canary) }],
    ['an error text', { err: error() }],
    ['an error thrown by JSON.parse', { err: caught(() => JSON.parse(`{"${canary}`)) }],
    ['an error with more on it', { err: error((err) => Object.assign(err, { body: canary, code: `x ${canary}` })) }],
    [
      'an error with a text of several lines that look like its stack',
      { err: new Error(`x\n    at ${canary} (a.js:1:1)\n    at ${canary} (b.js:1:1)`) },
    ],
    [
      'an error that changed its text',
      { err: Object.assign(new Error('zzz'), { stack: `Error: x\n    at ${canary} (a.js:1:1)` }) },
    ],
    ['an error with a cause', { err: new Error('x', { cause: error() }) }],
    ['an error that renamed itself', { err: error((err) => Object.assign(err, { name: `a ${canary}` })) }],
    ['something thrown that is no error', { err: canary }],
    ['an error as the fields', error()],
    ['a text as the fields', canary],
  ])('%s', (_, fields) => {
    const { log, paths } = opened();
    log.child('session').error('something happened', fields as LogFields);
    log.close();
    expect(lines(paths)).toHaveLength(1);
    expect(text(paths)).not.toContain(canary);
  });

  it('is counted where it was smuggled in', () => {
    const { log, paths } = opened();
    log.info('one', { text: canary, port: 7001, state: 'two words' } as LogFields);
    expect(lines(paths)[0]).toMatchObject({ port: 7001, refused: 2 });
  });

  it('leaves what tells where an error came from', () => {
    const { log, paths } = opened();
    log.error('failed', { err: new Error('x', { cause: caught(() => readFileSync('/nonexistent')) }) });
    const [line] = lines(paths);
    expect(line).toMatchObject({ err: { name: 'Error', cause: { code: 'ENOENT', syscall: 'open' } } });
    expect((line?.['err'] as { stack: string[] }).stack[0]).toContain('log.spec');
  });

  it('is not the text of a ConfigError, which is written for the user', () => {
    const { log, paths } = opened();
    log.error('not started', { err: new ConfigError('EARSHOT_PORT must be a number') });
    expect(lines(paths)[0]).toMatchObject({ err: { name: 'ConfigError', message: 'EARSHOT_PORT must be a number' } });
    expect(Object.keys(lines(paths)[0]?.['err'] as object)).toEqual(['name', 'message', 'stack']);
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (err) {
    return err;
  }
  throw new Error('did not throw');
}
