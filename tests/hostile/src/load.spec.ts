import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@earshot/testkit';
import { loadCorpus } from './load.js';

const GOOD = {
  about: 'a brace',
  rule: 'W-3.1',
  peer: 'dials',
  steps: [{ bytes: '7b' }],
  expect: { refused: 'legacy-message' },
};

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, 'framing'));
});
afterEach(() => {
  folder.remove();
});

const put = (name: string, content: object): void => {
  writeFileSync(join(folder.path, 'framing', `${name}.json`), JSON.stringify(content));
};
const load = () => loadCorpus(folder.path);

describe('loadCorpus', () => {
  it('names a file by its place, and expects nothing that it does not say', () => {
    put('brace', GOOD);
    expect(load()).toEqual([
      {
        name: 'framing/brace',
        ...GOOD,
        expect: { refused: 'legacy-message', answer: [], history: [], told: [] },
      },
    ]);
  });

  it('fails where there is no file', () => {
    expect(load).toThrow('no case in');
  });

  it('fails where two files are the same case, whatever they expect', () => {
    put('brace', GOOD);
    put('other', { ...GOOD, about: 'the same brace', expect: { refused: 'not-earshot' } });
    expect(load).toThrow('framing/other is the same case as framing/brace');
  });

  it.each<[string, object]>([
    ['a field that there is not', { ...GOOD, comment: 'x' }],
    ['a field of an expectation that there is not', { ...GOOD, expect: { refused: 'bad-token', code: 'x' } }],
    ['a step that there is not', { ...GOOD, steps: [{ byte: '7b' }] }],
    ['a step of two kinds', { ...GOOD, steps: [{ bytes: '7b', words: '{' }] }],
    ['half a byte', { ...GOOD, steps: [{ bytes: '7' }] }],
    ['no step', { ...GOOD, steps: [] }],
    ['no rule', { ...GOOD, rule: 'W3.1' }],
    ['a patch that there is not', { ...GOOD, steps: [{ hello: { hello: [{ at: 1, or: '01' }] } }] }],
  ])('fails on %s', (_what, content) => {
    put('bad', content);
    expect(load).toThrow('framing/bad: ');
  });
});
