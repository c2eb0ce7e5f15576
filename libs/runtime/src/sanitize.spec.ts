import fc from 'fast-check';
import { safeJsonLine, sanitizeLine, sanitizeName } from './sanitize.js';

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
/** What joins two emoji to one is no invisible character there. */
const JOINED = /(\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})/gu;
const unsafeIn = (text: string) =>
  Array.from(text.replace(JOINED, '$1'), (character) => character.codePointAt(0) ?? 0).filter(isUnsafe);

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

/** By Unicode's own properties, which grow with it: the list in the source has to. Variation selectors belong to what people write. */
const UNSAFE_BY_PROPERTY =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}]|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;

describe('remote text on one line', () => {
  it('holds no character of a class that is controlled, bidirectional or invisible, of all that there are', () => {
    const left: string[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      const shown = sanitizeLine(String.fromCodePoint(codePoint));
      if (UNSAFE_BY_PROPERTY.test(shown)) left.push(codePoint.toString(16));
    }
    expect(left).toEqual([]);
  });

  it('keeps what joins emoji, between emoji alone', () => {
    expect(sanitizeLine('👩‍👩‍👧 👩🏽‍🚀 ❤️‍🔥')).toBe('👩‍👩‍👧 👩🏽‍🚀 ❤️‍🔥');
    expect(sanitizeLine('a\u200db 👩\u200d \u200d👩 👩\u200d\u200d👩')).toBe(
      'a\\u{200d}b 👩\\u{200d} \\u{200d}👩 👩\\u{200d}\\u{200d}👩',
    );
  });

  it('stays as it is when it is made fit again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = sanitizeLine(text);
        expect(sanitizeLine(line)).toBe(line);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds nothing that a terminal obeys, hides or reorders, whatever it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(unsafeIn(sanitizeLine(text))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stacks at most three marks on a character', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(sanitizeLine(text)).not.toMatch(/\p{M}{4}/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['merhaba dünya ✓', 'Ωμέγα', '今晚吃什么', 'नमस्ते', 'שלום', '👍🏽', 'e\u0301', 'a\\b'])(
    'leaves %s as it is',
    (text) => {
      expect(sanitizeLine(text)).toBe(text);
    },
  );

  it.each([
    ['clears the screen', 'a\u001b[2J', 'a\\u{1b}[2J'],
    ['moves the cursor with C1', 'a\u009b1A', 'a\\u{9b}1A'],
    ['sets the title and rings', '\u001b]0;x\u0007', '\\u{1b}]0;x\\u{7}'],
    ['overwrites the line', 'safe\revil', 'safe\\u{d}evil'],
    ['begins another line', 'a\nbob: hi', 'a\\u{a}bob: hi'],
    ['reverses what follows', 'a\u202etxt.exe', 'a\\u{202e}txt.exe'],
    ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['hides in a name', 'b\u200bob', 'b\\u{200b}ob'],
    ['carries an invisible text', 'a\u{e0041}', 'a\\u{e0041}'],
    ['has a byte order mark', '\ufeffa', '\\u{feff}a'],
    ['is half of a pair', 'a\ud800', 'a\\u{d800}'],
    ['is no character', 'a\uffff', 'a\\u{ffff}'],
    ['covers the lines around', `a${'\u0301'.repeat(40)}`, `a${'\u0301'.repeat(3)}`],
  ])('shows what %s instead of doing it', (_, text, shown) => {
    expect(sanitizeLine(text)).toBe(shown);
  });
});

describe('JSON for a terminal', () => {
  it('is the same value, in characters that a terminal only shows', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = safeJsonLine(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(unsafeIn(json)).toEqual([]);
        expect(json).not.toMatch(/\p{M}{4}/u);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a name', () => {
  it('is one word, so that it cannot go on as a line of ours', () => {
    expect(sanitizeName('bob is here\u00a0now\u3000ok')).toBe('bob\\u{20}is\\u{20}here\\u{a0}now\\u{3000}ok');
    expect(sanitizeName('Özmen_2.0-\u202e')).toBe('Özmen_2.0-\\u{202e}');
  });
});
