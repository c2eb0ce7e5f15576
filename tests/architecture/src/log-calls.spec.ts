import { committedFiles, readCommitted } from './committed-files.js';
import { builtLogTexts } from './log-calls.js';

const sources = committedFiles().filter((file) => /^(apps|libs)\/[^/]+\/src\/.*(?<!\.spec)\.ts$/.test(file));

describe('process logs', () => {
  it('say only static text', () => {
    const found = sources.map((file) => ({ file, ...builtLogTexts(readCommitted(file)) }));
    // The four apps log: finding no call would mean that this test looks in the wrong place.
    expect(found.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(10);
    expect(found.flatMap(({ file, built }) => built.map((call) => `${file}:${call}`))).toEqual([]);
  });

  it.each([
    ['a template with a value', 'log.info(`hello ${name}`);'],
    ['a template without one', 'this.log.warn(`hello`);'],
    ['a sum', "log.error('hello ' + name);"],
    ['a variable', 'this.parts.log.debug(text);'],
    ['a choice that is not', "log.debug(known ? 'hello' : text);"],
    ['an object first', "logger?.info({ text }, 'hello');"],
    ['nothing', 'sessionLog.error();'],
  ])('would be caught with %s', (_, source) => {
    expect(builtLogTexts(source).built).toHaveLength(1);
  });

  it.each([
    ["log.info('hello', { bytes: 3 });"],
    ["log.info(bytes > 0 ? 'hello' : 'goodbye');"],
    ['console.error(text);'],
    ['catalog.info(text);'],
    ['dialog.warn(text)'],
  ])('leave %s alone', (source) => {
    expect(builtLogTexts(source).built).toEqual([]);
  });
});
