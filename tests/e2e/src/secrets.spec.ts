import { contentOf, disguises, found } from './secrets.js';

describe('the search for secrets', () => {
  it.each([
    ['as it is', (word: string) => `before ${word} after`],
    ['in base64 at alignment 0', (word: string) => Buffer.from(`abc${word}xyz`).toString('base64')],
    ['in base64 at alignment 1', (word: string) => Buffer.from(`a${word}x`).toString('base64')],
    ['in base64url at alignment 2', (word: string) => Buffer.from(`ab${word}`).toString('base64url')],
    ['in hex', (word: string) => Buffer.from(word).toString('hex')],
  ])('finds a word %s', (_, disguise) => {
    for (const word of ['kestrel', 'cormorant', 'ünlü✓söz'])
      expect(found({ word }, Buffer.from(disguise(word)))).toEqual(['word']);
  });

  it('does not find what is not there', () => {
    expect(found({ word: 'kestrel' }, contentOf(import.meta.dirname + '/../interop').bytes)).toEqual([]);
    expect(disguises('kestrel').length).toBeGreaterThanOrEqual(5);
  });
});
