import fc from 'fast-check';
import { fold } from './fold.js';
import { sanitizeText } from './sanitize.js';

/** The rows of a terminal that goes on at the edge, with the widths that xterm and tmux give the characters used here. */
function rowsOnScreen(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => {
    const rows = [''];
    let width = 0;
    for (const character of line) {
      const needs = /\p{M}/u.test(character) ? 0 : /[\p{Script=Han}\p{Extended_Pictographic}]/u.test(character) ? 2 : 1;
      if (width + needs > columns) {
        rows.push('');
        width = 0;
      }
      rows.push((rows.pop() ?? '') + character);
      width += needs;
    }
    return rows;
  });
}

const remote = fc
  .array(
    fc.constantFrom(
      ' ',
      '          ',
      'a',
      'word',
      'ş',
      '今',
      '👍',
      '\u0301',
      '\n',
      '\t',
      '12:00 alice: hi',
      'x'.repeat(90),
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

describe('a text in a terminal', () => {
  it('begins every row but the first with the gutter, however wide the terminal is', () => {
    fc.assert(
      fc.property(remote, fc.integer({ min: 20, max: 120 }), (text, columns) => {
        const [, ...others] = rowsOnScreen(fold(`12:00 bob: ${sanitizeText(text)}`, columns), columns);
        for (const row of others) expect(row.startsWith('  | ')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('loses nothing but the spaces at which it is parted', () => {
    fc.assert(
      fc.property(remote, fc.integer({ min: 20, max: 120 }), (text, columns) => {
        const dense = (shown: string) => shown.replaceAll('\n  | ', '').replaceAll(' ', '');
        expect(dense(fold(sanitizeText(text), columns))).toBe(dense(sanitizeText(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps words whole, and parts one that is too long', () => {
    expect(fold('12:00 bob: shall we have lunch', 20)).toBe('12:00 bob: shall we\n  | have lunch');
    expect(fold(`12:00 bob: ${'x'.repeat(30)}`, 20)).toBe(
      `12:00 bob: ${'x'.repeat(9)}\n  | ${'x'.repeat(16)}\n  | ${'x'.repeat(5)}`,
    );
  });

  it('is left as it is where it fits, where nothing would, and where there is no terminal', () => {
    expect(fold('12:00 bob: hi', 20)).toBe('12:00 bob: hi');
    expect(fold('x'.repeat(200), 5)).toBe('x'.repeat(200));
    expect(fold('x'.repeat(200), undefined)).toBe('x'.repeat(200));
  });
});
