import fc from 'fast-check';
import { safeJson, sanitizeText } from './sanitize.js';

/** What a terminal obeys, hides or reorders, listed by hand and not by the expression under test (protocol-design §11). */
function isUnsafe(codePoint: number): boolean {
  const within = (from: number, to: number) => codePoint >= from && codePoint <= to;
  return (
    within(0x00, 0x1f) ||
    within(0x7f, 0x9f) ||
    within(0x202a, 0x202e) ||
    within(0x2066, 0x2069) ||
    [0x200e, 0x200f, 0x061c, 0x2028, 0x2029, 0xfeff, 0x200b, 0x200c, 0x200d, 0x2060].includes(codePoint) ||
    within(0xe0000, 0xe007f) ||
    within(0xfdd0, 0xfdef) ||
    (codePoint & 0xfffe) === 0xfffe ||
    within(0xd800, 0xdfff)
  );
}
const unsafeIn = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0).filter(isUnsafe);

/** Any code units at all, with the dangerous ones more often than chance has them. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.integer({ min: 0, max: 0x10ffff }).map((codePoint) => String.fromCodePoint(codePoint)),
      fc.constantFrom(
        '\u001b[2J',
        '\u009b31m',
        '\u202e',
        '\u2066',
        '\u0301',
        '\r',
        '\n',
        '\t',
        '\u{e0041}',
        '\ud800',
        'a',
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('remote text of several lines', () => {
  it('has the gutter before every line but the first', () => {
    expect(sanitizeText('one\ntwo\r\nthree\rfour')).toBe('one\n  | two\n  | three\n  | four');
  });

  it('cannot begin a line of its own, whatever it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [, ...others] = sanitizeText(text).split('\n');
        for (const line of others) expect(line.startsWith('  | ')).toBe(true);
        expect(unsafeIn(sanitizeText(text).replaceAll('\n', ''))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('JSON for a terminal', () => {
  it('is the same value, in characters that a terminal only shows', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = safeJson({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect(unsafeIn(json)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
