import fc from 'fast-check';
import { breakRows, fit, widthOf, wrap } from './width.js';

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(' ', 'a', 'word', '漢', '👨‍👩‍👧', 'e\u0301', 'ไทย', 'ع', '\n', '🇹🇷', 'a\u0301\u0302\u0303'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
  ),
  maxLength: 40,
});

describe('the width of text', () => {
  it.each([
    ['plain', 5],
    ['漢字', 4],
    ['👨‍👩‍👧‍👦', 2],
    ['e\u0301', 1],
    ['ไทย', 3],
    ['العربية', 7],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('is never more than a row has, and rows hold all that was there', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 30 }), (text, columns) => {
        const rows = wrap(text, columns);
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns);
        expect(rows.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        const broken = breakRows(text, columns);
        for (const row of broken) expect(widthOf(row)).toBeLessThanOrEqual(columns);
        expect(broken.join('')).toBe(text.replaceAll('\n', ''));
      }),
    );
  });

  it('is broken at spaces, and within a word only where the word is longer than a row', () => {
    expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
    expect(wrap('abcdefghijkl mn', 5)).toEqual(['abcde', 'fghij', 'kl mn']);
    expect(wrap('漢', 1)).toEqual(['?']);
  });

  it('is exactly what is asked for once a text is made to fit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(widthOf(fit(text.replaceAll('\n', ''), columns))).toBe(columns);
      }),
    );
    expect([fit('abc', 5), fit('abcdef', 4), fit('漢字漢', 4)]).toEqual(['abc  ', 'abc…', '漢… ']);
  });
});
